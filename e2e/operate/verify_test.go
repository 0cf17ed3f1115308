package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

// A snapshot that is not what the log says, though every checksum is right, is named by document and revision.
func TestVerifyNamesASnapshotThatIsNotWhatItsLogSays(t *testing.T) {
	s := newSite(t)
	good, bad := s.create("text"), s.create("text")
	s.replace(good, "one")
	s.replace(bad, "one")
	s.replace(bad, "one and two")
	s.stop()
	s.run(0, "verify")
	change(t, s.data, func(st *store.Store) error {
		state := append([]byte{1, 1}, ot.AppendBinary(nil, ot.Delta{ot.InsertText("nobody wrote this", ot.Attributes{})})...)
		return st.PutSnapshot(bad, store.Snapshot{Revision: 3, State: state})
	})
	o := s.run(3, "verify")
	if want := fmt.Sprintf("document %s, revision 3: its snapshot is not what its log says", bad); !strings.Contains(o.Out, want) {
		t.Errorf("%q is not in\n%s", want, o.Out)
	}
	if strings.Contains(o.Out, good) {
		t.Errorf("the other document is named as well:\n%s", o.Out)
	}
}

// A change that does not fit the one before is named.
func TestVerifyNamesAChangeThatDoesNotFit(t *testing.T) {
	s := newSite(t)
	id := s.create("text")
	s.replace(id, "short")
	s.stop()
	change(t, s.data, func(st *store.Store) error {
		payload := append([]byte{1}, ot.AppendBinary(nil, ot.Delta{ot.RetainOp(1000, ot.Attributes{}), ot.InsertText("x", ot.Attributes{})})...)
		return st.Append(context.Background(), id, 2, []store.Record{{Src: "s", Seq: 1, Payload: payload}}, nil)
	})
	if o := s.run(3, "verify"); !strings.Contains(o.Out, fmt.Sprintf("document %s, revision 2: its change does not fit", id)) {
		t.Error(o.Out)
	}
}

// Where the disk has changed a byte of a document, verify names the document, and the server goes on with the others.
func TestADamagedDocumentIsNamedAndTheOthersAreServed(t *testing.T) {
	s := newSite(t)
	whole, damaged := s.create("text"), s.create("text")
	s.replace(whole, "this one is whole")
	noise := make([]byte, 30_000)
	for i := range noise {
		noise[i] = byte('a' + rand.IntN(26))
	}
	s.replace(damaged, string(noise)) // it compresses badly, so that its values are large
	s.stop()
	damageLarge(t, filepath.Join(s.data, store.MainName))
	o := s.run(3, "verify")
	if !strings.Contains(o.Out, damaged) || strings.Contains(o.Out, whole) {
		t.Errorf("verify says\n%s", o.Out)
	}
	s.start()
	if got, err := s.Text(whole); err != nil || got != "this one is whole" {
		t.Errorf("the other document: %q (%v)", got, err)
	}
	if got, err := s.Text(damaged); err == nil {
		t.Errorf("the damaged document was served as %d bytes", len(got))
	}
}

// damageLarge flips a bit of each large value of main.db's chunks and snapshots.
func damageLarge(t *testing.T, path string) {
	t.Helper()
	file := read(t, path)
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	err = db.View(func(tx *bolt.Tx) error {
		for _, bucket := range []string{"chunks", "snapshots"} {
			_ = tx.Bucket([]byte(bucket)).ForEach(func(_, v []byte) error {
				if at := bytes.Index(file, v); len(v) > 300 && at >= 0 {
					file[at+len(v)/2] ^= 1
					damaged++
				}
				return nil
			})
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil || damaged == 0 {
		t.Fatalf("%d values damaged (%v)", damaged, err)
	}
	write(t, path, file)
}

func change(t *testing.T, data string, with func(*store.Store) error) {
	t.Helper()
	st, err := store.Open(data, store.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := with(st); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
