package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestCompactKeepsEverythingAndGivesRoomBack(t *testing.T) {
	dir := t.TempDir()
	o := WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1})
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for d := range 20 {
		doc := fmt.Sprint("doc", d)
		for n := range uint64(40) {
			r := Record{Src: "s", Seq: n, Payload: crashPayload(doc, n)}
			if err := s.Append(ctx, doc, n, []Record{r}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for d := range 15 { // their numbers must not be given again
		if err := s.Delete(ctx, fmt.Sprint("doc", d)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := Compact(dir, o); !errors.Is(err, ErrInUse) {
		t.Errorf("Compact of an open folder: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// What an interrupted Compact leaves is in nobody's way.
	if err := os.WriteFile(filepath.Join(dir, mainName+".new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact(dir, o)
	if err != nil || after >= before {
		t.Fatalf("%d bytes became %d: %v", before, after, err)
	}
	s = openTest(t, dir, o)
	if err := s.Append(ctx, "new", 0, []Record{{Src: "s", Payload: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := s.Verify(ctx, nil)
	if err != nil || len(v.Problems) > 0 || v.Documents != 6 || v.Records != 5*40+1 {
		t.Errorf("%+v, %v", v, err)
	}
	for d := 15; d < 20; d++ {
		for n, r := range readAll(t, s, fmt.Sprint("doc", d), 0, 40) {
			if string(r.Payload) != string(crashPayload(fmt.Sprint("doc", d), uint64(n))) {
				t.Fatalf("record %d of doc%d is %q", n, d, r.Payload)
			}
		}
	}
}

func TestCompactRefusesADamagedFile(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, mainName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 2 * pageSize; i < len(b); i++ {
		b[i] = 0xff
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(dir, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(b) {
		t.Errorf("the damaged file was touched (%v)", err)
	}
}
