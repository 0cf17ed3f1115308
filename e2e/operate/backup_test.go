package operate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quire-editor/quire/e2e/client"
)

// While people type, a backup has everything that was stored before it began; restored elsewhere, every document is the same,
// byte for byte.
func TestBackupWhilePeopleTypeIsRestoredElsewhere(t *testing.T) {
	s := newSite(t)
	folder := t.TempDir()
	var ids []string
	var people []*typist
	for range 4 {
		id := s.create("text")
		ids = append(ids, id)
		people = append(people, s.typist(id), s.typist(id))
	}
	before := s.create("text")
	s.replace(before, "stored before the backup began")
	s.addPicture(ids[1], 3)
	s.say(ids[2], "a message")
	during := filepath.Join(folder, "during")
	s.run(0, "backup", during)
	if o := s.run(0, "verify"); !strings.Contains(o.Out, "all well: 5 documents") || !strings.Contains(o.Out, "1 pictures") {
		t.Errorf("verify, while people type: %s", o.Out)
	}
	for _, p := range people {
		p.finish(t)
	}
	restored := filepath.Join(folder, "restored")
	run(t, 0, "restore", "--data", restored, during)
	if got := text(t, restored, before); got != "stored before the backup began" {
		t.Errorf("the backup lacks what was stored before it: %q", got)
	}

	after, elsewhere := filepath.Join(folder, "after"), filepath.Join(folder, "elsewhere")
	s.run(0, "backup", after)
	run(t, 0, "verify", "--backup", after)
	run(t, 0, "restore", "--data", elsewhere, after)
	for i, id := range ids {
		a, b := filepath.Join(folder, id+".a"), filepath.Join(folder, id+".b")
		s.run(0, "export", id, a)
		run(t, 0, "export", "--data", elsewhere, id, b)
		if !bytes.Equal(read(t, a), read(t, b)) {
			t.Errorf("document %d differs", i)
		}
	}
	if !bytes.Equal(read(t, filepath.Join(s.data, "secret")), read(t, filepath.Join(elsewhere, "secret"))) {
		t.Error("guests would not be known again")
	}
	moved := &site{t: t, data: elsewhere}
	moved.start()
	defer moved.stop()
	got, err := moved.Text(ids[3])
	if err != nil {
		t.Fatal(err)
	}
	if err := people[6].link.Do(func(c *client.Client) error {
		if c.Text().Text() != got {
			t.Errorf("the restored server has %q, who typed it %q", got, c.Text().Text())
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A restore that is refused or fails leaves the data folder as it was.
func TestRestoreNeverLosesWhatWasThere(t *testing.T) {
	s := newSite(t)
	id := s.create("text")
	s.replace(id, "in the backup")
	good := filepath.Join(t.TempDir(), "good")
	s.run(0, "backup", good)
	if o := s.run(1, "backup", good); !strings.Contains(o.Err, "--force") {
		t.Errorf("backup over a backup: %s", o.Err)
	}
	s.replace(id, "written later")
	if o := s.run(1, "restore", "--force", good); !strings.Contains(o.Err, "stop it first") {
		t.Errorf("restore under a running server: %s", o.Err)
	}
	s.stop()
	if o := s.run(1, "restore", good); !strings.Contains(o.Err, "--force") {
		t.Errorf("restore over documents: %s", o.Err)
	}
	whole := read(t, good)
	for name, damaged := range map[string][]byte{
		"cut":         whole[:len(whole)/2],
		"cut its end": whole[:len(whole)-1],
		"a flip":      flipped(whole, len(whole)/3),
		"flipped end": flipped(whole, len(whole)-10),
		"foreign":     []byte("no backup at all"),
		"empty":       nil,
	} {
		bad := filepath.Join(t.TempDir(), "bad")
		write(t, bad, damaged)
		o := s.run(1, "restore", "--force", bad)
		if !strings.Contains(o.Err, "nothing was restored") {
			t.Errorf("%s: %s", name, o.Err)
		}
		run(t, 1, "verify", "--backup", bad)
	}
	if got := text(t, s.data, id); got != "written later" {
		t.Errorf("failed restores left %q", got)
	}
	s.run(0, "restore", "--force", good)
	if got := text(t, s.data, id); got != "in the backup" {
		t.Errorf("the restore left %q", got)
	}
	aside, err := filepath.Glob(filepath.Join(s.data, "replaced-*"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("put aside: %q (%v)", aside, err)
	}
	if got := text(t, aside[0], id); got != "written later" {
		t.Errorf("what was put aside has %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(s.data, "restoring-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x10
	return b
}

// A server that was killed leaves its socket behind: commands then open the folder themselves, and the next server takes over.
func TestCommandsWorkAfterTheServerWasKilled(t *testing.T) {
	s := newSite(t)
	id := s.create("text")
	s.replace(id, "survived")
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.data, "admin.sock")); err != nil {
		t.Fatal("the test needs the socket left behind:", err)
	}
	s.run(0, "verify")
	s.run(0, "backup", filepath.Join(t.TempDir(), "backup"))
	s.start()
	if o := s.run(0, "export", "--text", id, "-"); o.Out != "survived" {
		t.Errorf("exported %q", o.Out)
	}
}
