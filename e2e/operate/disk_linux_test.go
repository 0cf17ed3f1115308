package operate

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/ot"
)

// When the disk is full the server goes on: it serves what is there, refuses writes with a sentence, keeps typists waiting
// instead of losing what they type, and writes again by itself once there is room.
func TestAFullDiskIsSurvivedWithoutARestart(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	s := &site{t: t, data: filepath.Join(disk, "data")}
	s.start()
	t.Cleanup(func() { _ = s.Kill() })
	id, other := s.create("text"), s.create("text")
	s.replace(other, "there before")
	writer := client.Connect(s.Socket(id), client.New(id))
	t.Cleanup(writer.Close)
	p := &typist{link: writer}
	if err := p.settled(); err != nil {
		t.Fatal(err)
	}

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	refused := s.fillDocument(other)
	if refused.status != http.StatusInsufficientStorage || !strings.Contains(refused.body, "disk is full") {
		t.Fatalf("the write was answered %d %s", refused.status, refused.body)
	}
	// Somebody types on: it is neither stored nor refused.
	if err := writer.Do(func(c *client.Client) error {
		_, err := c.Edit(ot.Delta{ot.InsertText(strings.Repeat("typed while the disk was full ", 20_000), ot.Attributes{})})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.stillServes(t, other, refused.stored)

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := p.settled(); err != nil {
		t.Fatalf("what was typed was not stored once there was room: %v", err)
	}
	if got, err := s.Text(id); err != nil || !strings.HasPrefix(got, "typed while the disk was full") {
		t.Errorf("the text is %.40q (%v)", got, err)
	}
	s.replace(other, "room again")
	s.run(0, "verify")
	s.stop()
	s.start()
	if got, err := s.Text(other); err != nil || got != "room again" {
		t.Errorf("after a restart: %q (%v)", got, err)
	}
}

// fill takes all room that a file system has left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 4096; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}

// refusal is how a write was refused, and what the document had before.
type refusal struct {
	status int
	body   string
	stored string
}

// fillDocument makes a document longer until that is refused. What it adds does not compress.
func (s *site) fillDocument(document string) refusal {
	s.t.Helper()
	noise := noiseText(1 << 20)
	stored := ""
	for range 100 {
		stored, noise = noise, noise[1:]+noise[:1]
		status, body := s.put(document, noise+stored[:1000])
		if status != http.StatusOK {
			current, err := s.Text(document)
			if err != nil {
				s.t.Fatal(err)
			}
			return refusal{status, body, current}
		}
		noise = noiseText(1 << 20)
	}
	s.t.Fatal("the disk takes everything")
	return refusal{}
}

func noiseText(n int) string {
	b := make([]byte, n)
	f, err := os.Open("/dev/urandom")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := io.ReadFull(f, b); err != nil {
		panic(err)
	}
	for i := range b {
		b[i] = ' ' + b[i]%95
	}
	return string(b)
}

func (s *site) stillServes(t *testing.T, document, stored string) {
	t.Helper()
	if got, err := s.Text(document); err != nil || got != stored {
		t.Errorf("what was stored cannot be read: %d bytes of %d (%v)", len(got), len(stored), err)
	}
	for _, address := range []string{"/healthz", "/api/v1/documents"} {
		resp, err := http.Get(s.URL + address)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s is answered %s", address, resp.Status)
		}
	}
}

// When the disk turns read-only under the server, as Linux makes it after an error, it goes on serving what is there, and says
// why it takes no writes. After the disk has been mended everything that was acknowledged is there.
func TestAReadOnlyDiskIsReadFrom(t *testing.T) {
	folder := t.TempDir()
	disk, image := filepath.Join(folder, "disk"), filepath.Join(folder, "image")
	for _, command := range [][]string{
		{"mkdir", disk},
		{"truncate", "--size=96M", image},
		{"mkfs.ext4", "-q", image},
		{"mount", "-o", "loop", image, disk},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("needs the right to mount an ext4 file system: %q: %v %s", command, err, bytes.TrimSpace(out))
		}
	}
	unmount := func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }
	t.Cleanup(func() { unmount() })
	s := &site{t: t, data: filepath.Join(disk, "data")}
	s.start()
	t.Cleanup(func() { _ = s.Kill() })
	id := s.create("text")
	s.replace(id, "acknowledged before")
	s.awaitReady(http.StatusOK)

	if out, err := exec.Command("mount", "-o", "remount,abort", disk).CombinedOutput(); err != nil {
		t.Skipf("needs a file system that can be made to fail: %v %s", err, out)
	}
	status, body := s.put(id, "not to be stored")
	if status != http.StatusInsufficientStorage || !strings.Contains(body, "cannot be written") {
		t.Errorf("a write was answered %d %s", status, body)
	}
	s.stillServes(t, id, "acknowledged before")
	if status, _ := s.put(id, "nor this"); status != http.StatusInsufficientStorage {
		t.Errorf("the next write was answered %d", status)
	}
	if body := s.awaitReady(http.StatusServiceUnavailable); !strings.Contains(body, "the disk cannot be written") {
		t.Errorf("/readyz is answered %s", body)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if o := quireServe(s.data); !strings.Contains(o, "not writable") {
		t.Errorf("a start on a read-only disk says %s", o)
	}

	unmount()
	if out, err := exec.Command("mount", "-o", "loop", image, disk).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	s.start()
	if got, err := s.Text(id); err != nil || got != "acknowledged before" {
		t.Errorf("after the disk was mended: %q (%v)", got, err)
	}
	s.replace(id, "writable again")
	s.run(0, "verify")
}

// awaitReady asks whether the server can commit until it is answered with a status. It remembers an answer for a second.
func (s *site) awaitReady(status int) (body string) {
	s.t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		resp, err := http.Get(s.URL + "/readyz")
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			s.t.Fatal(err)
		}
		if body = string(answer); resp.StatusCode == status {
			return body
		}
	}
	s.t.Errorf("/readyz is still answered %s", body)
	return body
}

// quireServe starts a server that is expected to end by itself, and returns what it says.
func quireServe(data string) string {
	out, _ := exec.Command(bin, "serve", "--data", data, "--listen", "127.0.0.1:0").CombinedOutput()
	return string(out)
}
