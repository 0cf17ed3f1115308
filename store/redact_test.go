package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	secret = "the-secret-that-must-go"
	public = "xxx-xxxxxx-xxxx-xxxx-xx"
)

// hide is what a caller does to each kind of value.
func hide(b []byte) []byte { return bytes.ReplaceAll(b, []byte(secret), []byte(public)) }

func hideAll(from, to uint64) Redaction {
	return Redaction{
		From: from, To: to,
		Record:   func(r Record) ([]byte, error) { return hide(r.Payload), nil },
		Snapshot: func(s Snapshot) ([]byte, error) { return hide(s.State), nil },
		Message:  func(m Message) ([]byte, error) { return hide(m.Payload), nil },
	}
}

// secretStore is a store whose document "d" holds a secret in records, snapshots,
// messages and metadata, sealed and not, some of it replaced long ago.
func secretStore(t *testing.T, o Options) (s *Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	s = openTest(t, dir, o)
	for i := range uint64(90) {
		var err error
		for _, doc := range []string{"d", "other"} {
			payload := crashPayload(doc, i)
			if doc == "d" && i%7 == 3 {
				payload = append(payload, secret...)
			}
			err = errors.Join(err, s.Append(ctx, doc, i, []Record{{Src: "s", Seq: i, Author: "ann", Time: int64(i), Payload: payload}}, nil))
		}
		if i%10 == 9 {
			state := []byte(fmt.Sprint("state ", i, strings.Repeat(secret, 50)))
			err = errors.Join(err, s.PutSnapshot("d", Snapshot{i, state}),
				s.AppendMessages(ctx, "d", i/10, []Message{{Author: "bob", Time: int64(i), Payload: []byte("psst: " + secret)}}))
		}
		if i%25 == 24 {
			err = errors.Join(err, s.Flush(ctx))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.SetMeta(ctx, "d", 0, []byte(secret)), s.SetMeta(ctx, "d", 1, []byte("clean"))); err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// leaks returns where a secret is in the bytes of a closed folder: anywhere in
// the files as they are, in any value unpacked, or in a page that nobody knows.
func leaks(t *testing.T, dir string) (found []string) {
	t.Helper()
	for name, b := range readFiles(t, dir) {
		if at := bytes.Index(b, []byte(secret)); at >= 0 {
			found = append(found, fmt.Sprintf("%s, page %d", name, at/pageSize))
		}
		w, err := checkPages(dir, name, walkLeaves, false)
		if err != nil {
			t.Fatal(err)
		}
		for id := uint64(2); id < uint64(len(b))/pageSize; id++ {
			p := b[id*pageSize : (id+1)*pageSize]
			if inUse := id < w.meta.pages && w.used(id); !inUse && !allZero(p) && !ofTheNote(p) {
				found = append(found, fmt.Sprintf("%s, free page %d is not empty", name, id))
			}
		}
	}
	return found
}

// ofTheNote tells whether a page is one of those that the last transaction of a
// scrub, which takes the note away, replaced: the root, or a list of free pages.
func ofTheNote(b []byte) bool {
	p := parsePage(b)
	return p.kind == pageFreelist || p.kind == pageLeaf && bytes.Contains(b, bucketInfo) && bytes.Contains(b, bucketDoomed)
}

func allZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// sees returns what readers find of the secret in a document.
func sees(t *testing.T, s *Store) (secrets int) {
	t.Helper()
	note := func(b []byte) { secrets += bytes.Count(b, []byte(secret)) }
	err := s.Records("d", 0, 1<<60, func(r Record) error { note(r.Payload); return nil })
	err = errors.Join(err, s.Messages("d", 0, 1<<60, func(m Message) error { note(m.Payload); return nil }))
	for at := range uint64(91) {
		sn, _, e := s.Snapshot("d", at)
		note(sn.State)
		err = errors.Join(err, e)
	}
	info, e := s.Info("d")
	note(info.Meta)
	if err = errors.Join(err, e); err != nil {
		t.Fatal(err)
	}
	return secrets
}

func TestRedactLeavesNoByteInEitherFile(t *testing.T) {
	s, dir := secretStore(t, quietOptions)
	if sees(t, s) == 0 {
		t.Fatal("there is no secret")
	}
	if err := s.Redact(ctx, "d", hideAll(0, 1<<60)); err != nil {
		t.Fatal(err)
	}
	if n := sees(t, s); n > 0 {
		t.Errorf("readers see %d secrets", n)
	}
	if found := leaks(t, dir); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
	checkRedacted(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if found := leaksText(t, dir); len(found) > 0 {
		t.Errorf("after closing, found in %q", found)
	}
	s = openTest(t, dir, quietOptions)
	checkRedacted(t, s)
}

// leaksText is leaks for a store that was used since: its free pages hold what
// was written since.
func leaksText(t *testing.T, dir string) (found []string) {
	t.Helper()
	for name, b := range readFiles(t, dir) {
		if bytes.Contains(b, []byte(secret)) {
			found = append(found, name)
		}
	}
	return found
}

// checkRedacted checks that all but the secret is as it was.
func checkRedacted(t *testing.T, s *Store) {
	t.Helper()
	if n := sees(t, s); n > 0 {
		t.Errorf("%d secrets", n)
	}
	for i, r := range readAll(t, s, "d", 0, 90) {
		want := crashPayload("d", uint64(i))
		if i%7 == 3 {
			want = append(want, public...)
		}
		if r.Revision != uint64(i) || r.Seq != uint64(i) || r.Author != "ann" || r.Time != int64(i) || !bytes.Equal(r.Payload, want) {
			t.Errorf("record %d is %+v", i, r)
		}
	}
	v, err := s.Verify(ctx, nil)
	if err != nil || len(v.Problems) > 0 || v.Records != 180 || v.Messages != 9 {
		t.Errorf("%+v, %v", v, err)
	}
}

// A copy of the files at every step is what a crash there leaves.
func TestRedactIsDoneOrNotBegunAfterACrashAtEachStep(t *testing.T) {
	o := quietOptions
	var dir string
	images := map[string]map[string][]byte{}
	var order []string
	o.hooks.step = func(name string) {
		order = append(order, name)
		images[name] = readFiles(t, dir)
	}
	var s *Store
	s, dir = secretStore(t, o)
	if err := s.Redact(ctx, "d", hideAll(0, 1<<60)); err != nil {
		t.Fatal(err)
	}
	begun := false
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			begun = begun || name == "the new values are written"
			image := writeFiles(t, images[name])
			s := openTest(t, image, quietOptions)
			if !begun {
				if sees(t, s) == 0 {
					t.Error("the secret is gone before its time")
				}
				return
			}
			checkRedacted(t, s)
			if found := leaks(t, image); len(found) > 0 {
				t.Errorf("found in %q", found)
			}
		})
	}
	if len(order) != 6 {
		t.Errorf("steps were %q", order)
	}
}

func writeFiles(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRedactChangesOnlyWhatItIsAskedTo(t *testing.T) {
	s, _ := secretStore(t, quietOptions)
	r := hideAll(20, 40)
	r.Message = nil
	if err := s.Redact(ctx, "d", r); err != nil {
		t.Fatal(err)
	}
	for i, rec := range readAll(t, s, "d", 0, 90) {
		has := bytes.Contains(rec.Payload, []byte(secret))
		if want := i%7 == 3 && (i < 20 || i >= 40); has != want {
			t.Errorf("record %d has the secret: %v", i, has)
		}
	}
	for at, want := range map[uint64]bool{19: true, 89: false} {
		if sn, ok, err := s.Snapshot("d", at); err != nil || ok && bytes.Contains(sn.State, []byte(secret)) != want {
			t.Errorf("snapshot at or before %d: %v, %v", at, ok, err)
		}
	}
	if info, err := s.Info("d"); err != nil || info.Redactions != 1 {
		t.Errorf("%+v, %v", info, err)
	}
}

// Text that was already deleted with its document, or replaced in metadata, lies
// in free pages until something is redacted.
func TestRedactScrubsWhatWasDeletedBefore(t *testing.T) {
	s, dir := secretStore(t, quietOptions)
	if err := errors.Join(s.Delete(ctx, "d"), s.Flush(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := s.Redact(ctx, "other", Redaction{}); err != nil {
		t.Fatal(err)
	}
	if found := leaks(t, dir); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
}

// A reader of a log in pieces must not join the old beginning to the new end.
func TestRedactEndsAReaderOfTheOldLog(t *testing.T) {
	s := openTest(t, t.TempDir(), quietOptions)
	recs := make([]Record, maxChunkRecords+10) // two chunks
	for i := range recs {
		recs[i] = Record{Src: "s", Seq: uint64(i), Payload: []byte(secret)}
	}
	if err := errors.Join(s.Append(ctx, "d", 0, recs, nil), s.Flush(ctx)); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := s.Records("d", 0, 1<<60, func(Record) error {
		if n++; n == 1 {
			return s.Redact(ctx, "d", hideAll(0, 1<<60))
		}
		return nil
	})
	if !errors.Is(err, ErrConflict) || n != maxChunkRecords {
		t.Errorf("after %d records: %v", n, err)
	}
}

func TestRedactSaysWhyItCannot(t *testing.T) {
	s, _ := secretStore(t, quietOptions)
	cause := errors.New("cannot decide")
	for name, c := range map[string]struct {
		doc  string
		r    Redaction
		want error
	}{
		"no such document":   {"none", Redaction{}, ErrNotFound},
		"its function fails": {"d", Redaction{To: 90, Record: func(Record) ([]byte, error) { return nil, cause }}, cause},
		"a payload is too large": {"d", Redaction{To: 90, Record: func(Record) ([]byte, error) {
			return make([]byte, MaxPayloadBytes+1), nil
		}}, ErrTooLarge},
	} {
		if err := s.Redact(ctx, c.doc, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if sees(t, s) == 0 {
		t.Error("a refused redaction changed the document")
	}
}

func TestRedactLetsOthersWrite(t *testing.T) {
	o := quietOptions
	o.SegmentBytes = 2 << 10
	s, dir := secretStore(t, o)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := uint64(0); ; n++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			if err := s.Append(ctx, "busy", n, []Record{{Src: "b", Seq: n, Payload: crashPayload("busy", n)}}, nil); err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 5 {
		if err := s.Redact(ctx, "d", hideAll(0, 1<<60)); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if found := leaksText(t, dir); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
	if v, err := s.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
}

func TestOpenRemovesWhatAnInterruptedBackupLeft(t *testing.T) {
	dir := filledDir(t)
	left := filepath.Join(dir, "backup-123.tmp")
	if err := os.WriteFile(left, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	openTest(t, dir, quietOptions)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there (%v)", err)
	}
}
