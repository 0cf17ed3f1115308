package store

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// A value with more bytes than the largest number of parts has at their usual
// size is cut into larger ones.
func TestSnapshotThatDoesNotCompressIsKept(t *testing.T) {
	s := openTest(t, t.TempDir(), WithoutSync(quiet()))
	if err := s.Append(ctx, "doc", 0, []Record{rec("s", 0, "x")}, nil); err != nil {
		t.Fatal(err)
	}
	state := make([]byte, 24<<20)
	if len(state)/partData <= maxParts {
		t.Fatal("the state has too few parts to show anything")
	}
	_, _ = rand.NewChaCha8([32]byte{1}).Read(state)
	if err := s.PutSnapshot("doc", Snapshot{1, state}); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.Snapshot("doc", 1)
	if err != nil || !ok || !bytes.Equal(got.State, state) {
		t.Fatalf("%d bytes, %v, %v", len(got.State), ok, err)
	}
}
