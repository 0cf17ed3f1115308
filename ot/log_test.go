package ot

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestLogGivesBackEveryDelta(t *testing.T) {
	g := bySeed(t)
	for range 300 {
		var deltas []Delta
		length, caret := 0, 0
		for range g.pick(60) {
			var d Delta
			if g.pick(5) == 0 {
				d = g.change(length, 5)
			} else {
				d, caret = nextKeystroke(g, length, min(caret, length))
			}
			d = withoutEmptyOps(d)
			length += d.ChangeLen()
			deltas = append(deltas, d)
		}
		got, err := readLog(AppendLog(nil, deltas))
		if err != nil || len(got) != len(deltas) {
			t.Fatalf("%v: %d deltas of %d", err, len(got), len(deltas))
		}
		for i := range deltas {
			mustEqual(t, got[i], deltas[i], deltas...)
		}
	}
}

func withoutEmptyOps(d Delta) Delta {
	var out Delta
	for _, op := range d {
		if op.n > 0 {
			out = append(out, op)
		}
	}
	return out
}

// TestSealedSizeOfARecording seals a recording with four authors who take turns
// every few hundred keystrokes, and the start and duration of each typing run in
// milliseconds, as a store does: columns, compressed.
func TestSealedSizeOfARecording(t *testing.T) {
	t.Parallel()
	deltas := deltas(sequential(t, "automerge-paper"))
	columns := AppendLog(nil, deltas)
	authors := authorsAndTimes(deltas)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	sealed := len(encoder.EncodeAll(columns, nil)) + len(encoder.EncodeAll(authors, nil))
	perKeystroke := float64(sealed) / float64(len(deltas))
	t.Logf("%d keystrokes: %d bytes of columns, %d of authors and times, sealed %d, %.3f bytes per keystroke",
		len(deltas), len(columns), len(authors), sealed, perKeystroke)
	if perKeystroke > 0.5 {
		t.Errorf("%.3f bytes per keystroke", perKeystroke)
	}
	got, err := readLog(columns[:0:0])
	if err == nil {
		t.Errorf("%d deltas from nothing", len(got))
	}
}

// authorsAndTimes are columns of author, pause and duration per typing run; the
// recording holds no times, so they are drawn.
func authorsAndTimes(deltas []Delta) []byte {
	r := rand.New(rand.NewPCG(7, 8))
	var columns [3][]byte
	caret, run := 0, 0
	author := 0
	flush := func() {
		if run == 0 {
			return
		}
		if r.IntN(20) == 0 {
			author = r.IntN(4)
		}
		columns[0] = append(columns[0], byte(author))
		columns[1] = binary.AppendUvarint(columns[1], uint64(500+r.IntN(5000)))
		columns[2] = binary.AppendUvarint(columns[2], uint64(run*(100+r.IntN(100))))
		run = 0
	}
	for _, d := range deltas {
		e := editOf(d, caret)
		if e.at != e.kind.expected(caret) || run > 200 {
			flush()
		}
		run++
		caret = caretAfter(d)
	}
	flush()
	return bytes.Join(columns[:], nil)
}
