// Package docs runs the transcripts in the documentation, as they stand there.
package docs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/quire-editor/quire/e2e/quire"
)

// published is the address in the documentation; a free one takes its place.
const published = "127.0.0.1:8080"

func TestTranscriptsAreTrue(t *testing.T) {
	if _, err := os.Stat("../../frontend/dist/index.html"); err != nil {
		t.Skip("needs the built page: make page")
	}
	bin := filepath.Dir(quire.Build(t))
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1)
		if len(blocks) == 0 {
			continue
		}
		found += len(blocks)
		t.Run(filepath.Base(page), func(t *testing.T) {
			r := newReader(t, bin)
			for _, block := range blocks {
				r.block(block[1])
			}
		})
	}
	if found < 5 {
		t.Errorf("there are %d transcripts", found)
	}
}

// reader does what a page says, in a folder of its own.
type reader struct {
	t               *testing.T
	folder, address string
	path            string
	// document is the one that was made last.
	document string
}

func newReader(t *testing.T, bin string) *reader {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return &reader{t: t, folder: t.TempDir(), address: listener.Addr().String(), path: bin + ":" + os.Getenv("PATH")}
}

// block runs each command of a block and compares what it prints with the lines beneath.
func (r *reader) block(text string) {
	r.t.Helper()
	for step := range strings.SplitSeq("\n"+text, "\n$ ") {
		command, want, _ := strings.Cut(step, "\n")
		if command == "" {
			continue
		}
		command = strings.ReplaceAll(command, published, r.address)
		command = strings.ReplaceAll(command, "DOCUMENT", r.document)
		got := strings.ReplaceAll(r.run(command), r.address, published)
		if made := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(got); made != nil {
			r.document = made[1]
		}
		if !matches(want, got) {
			r.t.Errorf("$ %s\nprints\n%s\nand not\n%s", command, got, want)
		}
	}
}

func (r *reader) command(command string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", "exec 2>&1; "+command)
	cmd.Dir = r.folder
	cmd.Env = append(os.Environ(), "PATH="+r.path, "QUIRE_LOG_LEVEL=error")
	return cmd
}

func (r *reader) run(command string) string {
	r.t.Helper()
	if strings.HasPrefix(command, "quire serve ") {
		return r.serve(command)
	}
	out, err := r.command(command).Output()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		r.t.Fatalf("$ %s: %v", command, err)
	}
	return string(out)
}

// serve starts a server, which runs until the page ends, and returns its first line.
func (r *reader) serve(command string) string {
	r.t.Helper()
	cmd := r.command("exec " + command)
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		r.t.Fatalf("$ %s: %q %v", command, line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // ends with the process
	return line
}

// matches compares what is printed with what is written: "..." stands for anything, and on a line of its own for any lines.
func matches(written, printed string) bool {
	pattern := regexp.QuoteMeta(strings.TrimSpace(written))
	pattern = regexp.MustCompile(`(?m)^\\\.\\\.\\\.$`).ReplaceAllString(pattern, `(?s:.*)`)
	pattern = strings.ReplaceAll(pattern, `\.\.\.`, `.*`)
	ok, err := regexp.MatchString(`^`+pattern+`$`, strings.TrimSpace(printed))
	if err != nil {
		panic(fmt.Errorf("the pattern %s: %w", pattern, err))
	}
	return ok
}
