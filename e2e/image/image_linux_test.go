// Package image checks the Dockerfile without an engine: what it copies is enough to build the binary it builds, and that runs alone
// in an empty root as the user it names. With an engine, `make image` builds and runs the image itself.
package image

import (
	"bufio"
	"bytes"
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const (
	root = "../../"
	// maxImageBytes is the most that the image may have.
	maxImageBytes = 30 << 20
	// nobody is the user that the image names.
	nobody = 65532
)

func TestTheBinaryOfTheImage(t *testing.T) {
	dockerfile, err := os.ReadFile(root + "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	context := t.TempDir()
	copyStage(t, string(dockerfile), "binary", context)
	dist := filepath.Join(context, "frontend", "dist")
	if err := os.CopyFS(dist, os.DirFS(root+"frontend/dist")); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	binary := filepath.Join(empty, "quire")
	build(t, string(dockerfile), context, binary)

	st, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if st.Size() > maxImageBytes {
		t.Errorf("the image has %d MB", st.Size()>>20)
	}
	if _, err := os.Stat(filepath.Join(dist, "index.html")); err != nil {
		t.Log("the page is not built, so that is without it")
	}
	executable, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer executable.Close()
	for _, part := range executable.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("the binary needs a dynamic linker, which the image does not have")
		}
	}
	runInEmptyRoot(t, empty)
}

// copyStage copies what a stage of a Dockerfile copies from the project.
func copyStage(t *testing.T, dockerfile, stage, to string) {
	t.Helper()
	_, rest, ok := strings.Cut(dockerfile, " AS "+stage+"\n")
	if !ok {
		t.Fatalf("there is no stage %s", stage)
	}
	rest, _, _ = strings.Cut(rest, "\nFROM ")
	for _, line := range regexp.MustCompile(`(?m)^COPY (\S.*)$`).FindAllStringSubmatch(rest, -1) {
		words := strings.Fields(line[1])
		if strings.HasPrefix(words[0], "--from=") {
			continue
		}
		target := words[len(words)-1]
		for _, from := range words[:len(words)-1] {
			copyInto(t, from, target, to)
		}
	}
}

// copyInto copies a file, or what is in a folder, as COPY does.
func copyInto(t *testing.T, from, target, to string) {
	t.Helper()
	place := filepath.Join(to, target)
	st, err := os.Stat(root + from)
	if err != nil {
		t.Fatalf("the Dockerfile copies what is not in the project: %v", err)
	}
	if st.IsDir() {
		if err := os.CopyFS(place, withoutModules{os.DirFS(root + from)}); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.HasSuffix(target, "/") {
		place = filepath.Join(place, filepath.Base(from))
	}
	content, err := os.ReadFile(root + from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(place), 0o755)
	}
	if err == nil {
		err = os.WriteFile(place, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// withoutModules is a folder without node_modules, as .dockerignore has it.
type withoutModules struct{ fs.FS }

func (w withoutModules) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(w.FS, name)
	kept := entries[:0]
	for _, e := range entries {
		if e.Name() != "node_modules" {
			kept = append(kept, e)
		}
	}
	return kept, err
}

// build runs the build command of the Dockerfile.
func build(t *testing.T, dockerfile, context, binary string) {
	t.Helper()
	command := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 (go build .*) -o /out/quire \.`).FindStringSubmatch(dockerfile)
	if command == nil {
		t.Fatal("the Dockerfile does not build the binary as this test expects")
	}
	cmd := exec.Command("sh", "-c", command[1]+` -o "$BINARY" .`)
	cmd.Dir = context
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "VERSION=test", "BINARY="+binary)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("what the Dockerfile copies does not build: %v\n%s", err, out)
	}
}

// runInEmptyRoot runs the binary where there is nothing else but a data folder, as a user of its own, and asks it how it is.
func runInEmptyRoot(t *testing.T, empty string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to run the binary in an empty root")
	}
	for dir := empty; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(empty, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	inside := func(args ...string) *exec.Cmd {
		cmd := exec.Command("/quire", args...)
		cmd.Err = nil // it is found in the root that it gets
		cmd.Path, cmd.Dir = "/quire", "/"
		cmd.Env = []string{"QUIRE_LISTEN=127.0.0.1:0", "QUIRE_DATA=/data"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: empty, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		return cmd
	}
	serve := inside("serve")
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	serve.Stderr = &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || address == "" {
		_ = serve.Wait()
		t.Fatalf("it says %q %s (%v)", line, log.String(), err)
	}
	for _, command := range [][]string{{"health", "--listen", address}, {"backup", "/data/backup"}, {"verify", "--data", "/data"}} {
		if said, err := inside(command...).CombinedOutput(); err != nil {
			t.Errorf("%q: %v %s", command, err, said)
		}
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("it ended with %v: %s", err, log.String())
	}
}
