package operate

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What was exported and imported elsewhere is, exported again, the same byte for byte: history, authors, named versions, messages,
// pictures.
func TestExportIsReadBackByteForByte(t *testing.T) {
	s := newSite(t)
	id := s.create("markdown")
	for range 3 {
		s.replace(id, "first <b> & ünïcode 😀")
		s.replace(id, "second")
	}
	s.addPicture(id, 7)
	s.addPicture(id, 8)
	s.post(id, "versions", `{"name":"first <draft> & more","revision":3}`)
	s.say(id, "what do you think of <this> & that?")
	folder := t.TempDir()
	first, again := filepath.Join(folder, "first"), filepath.Join(folder, "again")
	s.run(0, "export", id, first)

	other := newSite(t)
	if o := other.run(0, "import", first); strings.TrimSpace(o.Out) != id {
		t.Fatalf("import printed %q", o.Out)
	}
	other.run(0, "export", id, again)
	if !bytes.Equal(read(t, first), read(t, again)) {
		t.Errorf("they differ:\n%s\n%s", read(t, first), read(t, again))
	}
	other.run(0, "verify")
	if got, err := other.Text(id); err != nil || got != "second" {
		t.Errorf("the imported text is %q (%v)", got, err)
	}
	if versions := other.get(id, "versions"); !strings.Contains(versions, "more") {
		t.Errorf("the imported versions are %s", versions)
	}
	// The server that has it open goes on with it.
	p := other.typist(id)
	p.finish(t)

	if o := other.run(1, "import", first); !strings.Contains(o.Err, "there is a document with this ID already") {
		t.Errorf("a second import: %s", o.Err)
	}
	o := other.run(0, "import", "--as", "new", first)
	if copied := strings.TrimSpace(o.Out); copied == id || text(t, other.data, copied) != "second" {
		t.Errorf("as new: %q", copied)
	}
	if o := other.run(0, "import", "--as", "chosen", first); strings.TrimSpace(o.Out) != "chosen" {
		t.Errorf("as chosen: %q", o.Out)
	}
}

// A file that was cut or changed is refused whole, whether the server runs or not.
func TestADamagedExportLeavesNothingBehind(t *testing.T) {
	s := newSite(t)
	id := s.create("text")
	s.replace(id, "some text that is exported")
	good := filepath.Join(t.TempDir(), "good")
	s.run(0, "export", id, good)
	whole := read(t, good)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	other := newSite(t)
	for name, bad := range map[string][]byte{
		"cut":               whole[:len(whole)-20],
		"without its end":   bytes.Join(lines[:len(lines)-2], nil),
		"a line is missing": bytes.Join(append(append([][]byte{}, lines[0]), lines[2:]...), nil),
		"changed":           bytes.Replace(whole, []byte("exported"), []byte("imported"), 1),
		"newer":             bytes.Replace(whole, []byte(`"format":1`), []byte(`"format":99`), 1),
		"foreign":           []byte("not at all\n"),
		"empty":             nil,
	} {
		path := filepath.Join(t.TempDir(), "bad")
		write(t, path, bad)
		if o := other.run(1, "import", path); !strings.Contains(o.Err, "nothing was imported") {
			t.Errorf("%s: %s", name, o.Err)
		}
	}
	if o := other.run(0, "verify"); !strings.Contains(o.Out, "all well: 0 documents") {
		t.Errorf("left behind: %s", o.Out)
	}
	other.stop()
	other.run(0, "import", good)
	if got := text(t, other.data, id); got != "some text that is exported" {
		t.Errorf("imported %q", got)
	}
}

// An import that is killed leaves nothing that anybody sees, and the next try replaces it.
func TestAnImportThatWasKilledIsDoneAgain(t *testing.T) {
	s := newSite(t)
	id := s.create("text")
	s.replace(id, "the text")
	good := filepath.Join(t.TempDir(), "good")
	s.run(0, "export", id, good)
	whole := read(t, good)
	other := newSite(t)

	// All but the last line is sent, and then the server is killed while it waits.
	cmd := exec.Command(bin, "import", "--data", other.data, "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	if _, err := in.Write(whole[:last]); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Text(id); err == nil {
		t.Error("half an import can be read")
	}
	if err := other.Kill(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	_ = cmd.Wait()
	other.start()
	if _, err := other.Text(id); err == nil {
		t.Error("half an import can be read after the restart")
	}
	other.run(0, "import", good)
	if got, err := other.Text(id); err != nil || got != "the text" {
		t.Errorf("imported %q (%v)", got, err)
	}
	other.run(0, "verify")
}
