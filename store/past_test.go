//go:build unix

package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/quire-editor/quire/ot"
)

// pastDocument is a document of a million keystrokes, a paper written four times
// into the same place, with a snapshot every 4096 records, as the server makes
// them. It returns their number.
func pastDocument(tb testing.TB, s *Store) uint64 {
	tb.Helper()
	once := paperRecords(tb, true, math.MaxInt)
	text, next := ot.NewDocument(), uint64(0)
	var changes changeReader
	for range 4 {
		for recs := range slices.Chunk(once, 4096) {
			for i := range recs {
				recs[i].Revision = 0
				if err := changes.apply(text, recs[i].Payload); err != nil {
					tb.Fatal(err)
				}
			}
			if err := s.Append(ctx, "paper", next, recs, nil); err != nil {
				tb.Fatal(err)
			}
			next += uint64(len(recs))
			if err := s.PutSnapshot("paper", Snapshot{next, ot.AppendBinary(nil, text.Delta())}); err != nil {
				tb.Fatal(err)
			}
			if err := s.Flush(ctx); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return next
}

// changeReader reads changes as the server does, in memory that is used again.
type changeReader struct {
	decoder ot.Decoder
	delta   ot.Delta
}

func (r *changeReader) apply(text *ot.Document, payload []byte) (err error) {
	if r.delta, err = r.decoder.AppendBinary(r.delta[:0], payload[1:]); err != nil {
		return err
	}
	return text.Apply(r.delta)
}

// readAt builds the text as it was after so many records: the newest snapshot
// before, and the records since.
func readAt(tb testing.TB, s *Store, revision uint64) *ot.Document {
	tb.Helper()
	snap, ok, err := s.Snapshot("paper", revision)
	if err != nil {
		tb.Fatal(err)
	}
	text := ot.NewDocument()
	if ok {
		d, err := ot.DecodeBinary(snap.State)
		if err == nil {
			text, err = ot.DocumentFromDelta(d)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	var changes changeReader
	err = s.Records("paper", snap.Revision, revision, func(r Record) error { return changes.apply(text, r.Payload) })
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// comparePast: the text of a document of a million keystrokes, now and as it was
// after any number of them, as a document ready to be edited.
func comparePast(t *testing.T) []goal {
	s := openTest(t, t.TempDir(), WithoutSync(quiet()))
	revision := pastDocument(t, s)
	measure := func(at func() uint64) (took []time.Duration) {
		for range 400 {
			begin := time.Now()
			text := readAt(t, s, at())
			took = append(took, time.Since(begin))
			if text.Len() == 0 {
				t.Error("the text is empty")
			}
		}
		slices.Sort(took)
		return took
	}
	now := measure(func() uint64 { return revision })
	past := measure(func() uint64 { return 1 + rand.Uint64N(revision) })
	open, late := now[len(now)/2], past[len(past)*99/100]
	return []goal{
		{
			"open a document of a million keystrokes, median", fmt.Sprintf("%.2f ms", milliseconds(open)),
			fmt.Sprintf("%d records, %d characters", revision, readAt(t, s, revision).Len()), "2 ms", open <= 2*time.Millisecond,
		},
		{
			"the same at a random past revision, 99 of 100", fmt.Sprintf("%.1f ms (median %.1f)", milliseconds(late), milliseconds(past[len(past)/2])),
			"", "20 ms", late <= 20*time.Millisecond,
		},
	}
}
