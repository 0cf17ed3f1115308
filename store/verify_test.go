package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// verified is a store with two flushed documents, snapshots, and a journal.
func verified(t *testing.T) *Store {
	t.Helper()
	s := openTest(t, t.TempDir(), WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1}))
	for _, doc := range []string{"a", "b"} {
		for n := uint64(0); n < 30; n++ {
			r := Record{Src: fmt.Sprint("s", n%3), Seq: n, Author: "ann", Time: int64(n), Payload: []byte{1, 2, byte(n)}}
			if err := s.Append(ctx, doc, n, []Record{r}, []byte("{}")); err != nil {
				t.Fatal(err)
			}
			if n == 10 || n == 20 {
				if err := errors.Join(s.PutSnapshot(doc, Snapshot{n, []byte("state")}), s.Flush(ctx)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return s
}

func TestVerifyFindsNothingWrongInAWholeStore(t *testing.T) {
	s := verified(t)
	calls := 0
	v, err := s.Verify(ctx, func(Verification) { calls++ })
	if err != nil || len(v.Problems) > 0 {
		t.Fatalf("%v, %v", v.Problems, err)
	}
	if v.Documents != 2 || calls != 2 || v.Records != 30+21 || v.Sources != 6 || v.Snapshots != 4 || v.Frames == 0 {
		t.Errorf("%+v, %d calls", v, calls)
	}
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	number := func(tx *bolt.Tx, doc string) uint64 {
		h, err := loadHeader(tx, doc)
		if err != nil {
			t.Fatal(err)
		}
		return h.number
	}
	firstChunk := func(tx *bolt.Tx) (key, value []byte) {
		k, v := tx.Bucket(bucketChunks).Cursor().Seek(numberKey(number(tx, "a")))
		return append([]byte(nil), k...), append([]byte(nil), v...)
	}
	for _, c := range []struct {
		name  string
		harm  func(*bolt.Tx) error
		wants []string
	}{
		{"a flipped bit in a chunk", func(tx *bolt.Tx) error {
			k, v := firstChunk(tx)
			v[len(v)-1] ^= 4
			return tx.Bucket(bucketChunks).Put(k, v)
		}, []string{`document "a"`, "chunk", "checksum"}},
		{"a lost chunk", func(tx *bolt.Tx) error {
			k, _ := firstChunk(tx)
			return tx.Bucket(bucketChunks).Delete(k)
		}, []string{`document "a"`, "chunk", "revision"}},
		{"a row that is behind", func(tx *bolt.Tx) error {
			h, err := loadHeader(tx, "a")
			h.revision = 5
			return errors.Join(err, storeHeader(tx, "a", &h, false))
		}, []string{`document "a"`, "the row says 5"}},
		{"a source that is behind", func(tx *bolt.Tx) error {
			return storeSource(tx, number(tx, "a"), "s1", lastOf{4, 4})
		}, []string{`document "a"`, `source "s1"`, "(4, 4)"}},
		{"a source without a record", func(tx *bolt.Tx) error {
			return storeSource(tx, number(tx, "a"), "ghost", lastOf{4, 4})
		}, []string{`document "a"`, "4 sources, 3 of them"}},
		{"a lost source", func(tx *bolt.Tx) error {
			return tx.Bucket(bucketSources).Delete(sourceKey(number(tx, "a"), "s1"))
		}, []string{`document "a"`, `source "s1"`, "not in the table"}},
		{"a snapshot ahead of its document", func(tx *bolt.Tx) error {
			return putParts(tx.Bucket(bucketSnapshots), number(tx, "a"), ^uint64(99), []byte("x"))
		}, []string{`document "a"`, "snapshot has revision 99"}},
		{"a lost row", func(tx *bolt.Tx) error {
			return tx.Bucket(bucketDocuments).Delete([]byte("a"))
		}, []string{"chunks of number", "which no document has"}},
		{"two documents of one number", func(tx *bolt.Tx) error {
			h, err := loadHeader(tx, "a")
			return errors.Join(err, storeHeader(tx, "aa", &h, false))
		}, []string{`document "aa"`, "belongs to another document"}},
		{"main.db behind the journal", func(tx *bolt.Tx) error {
			return storeFlushed(tx, 0)
		}, []string{"journal.db"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := verified(t)
			if err := s.main.update(c.harm); err != nil {
				t.Fatal(err)
			}
			v, err := s.Verify(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range v.Problems {
				if text := p.String(); errors.Is(p.Err, ErrCorrupt) && containsAll(text, c.wants) {
					return
				}
			}
			t.Errorf("found %v, want one with %q", v.Problems, c.wants)
		})
	}
}

func containsAll(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

// A document that grows while it is checked is not called damaged.
func TestVerifyIsNotMisledByWritersAndFlushes(t *testing.T) {
	s := verified(t)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := uint64(30); ; n++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			r := Record{Src: "s" + string(binary.AppendUvarint(nil, n%5)), Seq: n, Payload: []byte("x")}
			if err := errors.Join(s.Append(ctx, "a", n, []Record{r}, nil), s.Flush(ctx)); err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 50 {
		if v, err := s.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
			t.Errorf("%v, %v", v.Problems, err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	s := verified(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Verify(ended, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
