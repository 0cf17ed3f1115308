// Package quire runs the real binary as a child process, for tests that kill and restart it.
package quire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// Process is a running server.
type Process struct {
	// URL is where it listens, http://host:port.
	URL string
	cmd *exec.Cmd
	// stderr is where its log goes.
	stderr *os.File
}

// Build compiles the binary into a temporary folder and returns its path.
func Build(t testing.TB) string {
	t.Helper()
	bin, err := BuildInto(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// BuildInto compiles the binary into a folder, for tests that share it, and returns its path.
func BuildInto(folder string) (string, error) {
	_, here, _, _ := runtime.Caller(0)
	bin := filepath.Join(folder, "quire")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = filepath.Join(filepath.Dir(here), "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
}

var listening = regexp.MustCompile(`(http://|unix:)\S+`)

// Start runs "serve" with data in a folder and returns when it accepts connections. listen may name port 0. more are further
// arguments.
func Start(bin, data, listen string, more ...string) (*Process, error) {
	stderr, err := os.OpenFile(filepath.Join(data, "..", filepath.Base(data)+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(bin, append([]string{"serve", "--listen", listen, "--data", data}, more...)...), stderr: stderr}
	p.cmd.Stderr = stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if p.URL = listening.FindString(line); p.URL == "" {
		_ = p.Kill()
		return nil, fmt.Errorf("the server said %q and ended (%w); its log is %s", line, err, stderr.Name())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
	return p, nil
}

// Outcome is what a command printed, and what it ended with.
type Outcome struct {
	Out, Err string
	Code     int
}

// Run runs a command of the binary to its end.
func Run(t testing.TB, bin string, args ...string) Outcome {
	t.Helper()
	cmd := exec.Command(bin, args...)
	var out, err strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil {
		if _, ended := errors.AsType[*exec.ExitError](e); !ended {
			t.Fatalf("%s %q: %v", bin, args, e)
		}
	}
	return Outcome{out.String(), err.String(), cmd.ProcessState.ExitCode()}
}

// Address is host:port.
func (p *Process) Address() string { return strings.TrimPrefix(p.URL, "http://") }

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process at once, as a power cut would, and waits until it is gone.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	_ = p.cmd.Wait() // a killed process reports that it was
	p.stderr.Close()
	return err
}

// Terminate asks the process to end, and returns once it has, with an error unless its exit code was 0.
func (p *Process) Terminate() error {
	defer p.stderr.Close()
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}

// Socket is the WebSocket address of a document.
func (p *Process) Socket(document string) string {
	return "ws" + strings.TrimPrefix(p.URL, "http") + "/ws/" + document
}

// Create makes a document and returns its ID.
func (p *Process) Create(kind string) (string, error) {
	resp, err := http.Post(p.URL+"/api/v1/documents", "application/json", strings.NewReader(`{"kind":"`+kind+`"}`))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var created struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&created); err != nil || created.ID == "" {
		return "", fmt.Errorf("create answered %s (%w)", resp.Status, err)
	}
	return created.ID, nil
}

// Text reads a document's text.
func (p *Process) Text(document string) (string, error) {
	resp, err := http.Get(p.URL + "/api/v1/documents/" + document + "/text")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("text answered %s %s", resp.Status, body)
	}
	return string(body), err
}
