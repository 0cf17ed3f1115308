package store

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// noisy appends records of random bytes until the store is full, and returns how many it took.
func noisy(t *testing.T, s *Store, document string) (taken uint64) {
	t.Helper()
	noise := rand.NewChaCha8([32]byte{1})
	payload := make([]byte, 20<<10)
	for ; taken < 2000; taken++ {
		_, _ = noise.Read(payload)
		err := s.Append(ctx, document, taken, []Record{{Src: "s", Seq: taken, Payload: payload}}, nil)
		if errors.Is(err, ErrNoSpace) {
			return taken
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the store takes everything")
	return 0
}

func TestQuotaRefusesWhatIsAddedUntilSomethingIsDeleted(t *testing.T) {
	o := quietOptions
	o.SegmentBytes, o.MaxBytes = 100<<10, 4<<20
	dir := t.TempDir()
	s := openTest(t, dir, o)
	if err := s.Append(ctx, "kept", 0, []Record{{Payload: []byte("before")}}, []byte("about")); err != nil {
		t.Fatal(err)
	}
	writer := s.Writer("written")
	taken := noisy(t, s, "large")
	if bytes := fileBytes(dir, mainName); bytes > 2*o.MaxBytes {
		t.Errorf("main.db has %d bytes, the limit is %d", bytes, o.MaxBytes)
	}

	if err := writer.Append(0, []Record{{Payload: []byte("refused")}}, nil); err != nil {
		t.Fatal(err)
	}
	<-writer.Wake()
	if revision, err := writer.Durable(); revision != 0 || !errors.Is(err, ErrNoSpace) {
		t.Errorf("a writer got to revision %d, %v", revision, err)
	}
	writer.Close()
	if err := s.AppendMessages(ctx, "kept", 0, []Message{{Payload: []byte("refused")}}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("a message: %v", err)
	}
	if err := s.SetMeta(ctx, "kept", 1, []byte("shared with nobody any more")); err != nil {
		t.Errorf("metadata, which replaces what is there: %v", err)
	}
	if got := len(readAll(t, s, "large", 0, taken)); uint64(got) != taken {
		t.Errorf("%d of %d records can be read", got, taken)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir, o)
	if err := s.Append(ctx, "kept", 1, []Record{{Payload: []byte("refused")}}, nil); !errors.Is(err, ErrNoSpace) {
		t.Errorf("after reopening: %v", err)
	}
	if err := s.Delete(ctx, "large"); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(ctx, "kept", 1, []Record{{Payload: []byte("room again")}}, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if v, err := s.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
}
