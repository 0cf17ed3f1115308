package ot

import (
	"encoding/binary"
	"fmt"
)

// The columnar form of a run of deltas, version 1, made to be compressed: what is
// alike stands together, and what people do most takes almost nothing.
//
//	version   76 ('L'), so that it is not taken for the binary form of one delta
//	count     number of deltas
//	runs      size, then per run: number of deltas<<3 | kind of run
//	jumps     size, then per run but "other": zigzag distance from where it was
//	          expected to begin
//	lengths   size, then the length of each text and each deletion in a run of a
//	          kind with lengths
//	others    size, then per "other" delta its size and its binary form
//	text      the rest: all inserted texts but those of others
//
// A run is deltas of one kind that follow one another at the caret: what is typed
// begins where the last delta ended, a backspace one unit before it, a deletion
// at it. Numbers are unsigned varints, sizes in bytes, lengths in UTF-16 units.
const logVersion = 'L'

// maxLogDeltas bounds how many deltas one log may announce, because a run of
// deletions takes a few bytes however long it is.
const maxLogDeltas = 1 << 24

// runKind says how the deltas of a run look. Each is a plain retain up to a
// position, if that is not zero, and one op without attributes.
type runKind uint8

const (
	runTyped     runKind = iota // inserts of one unit, each behind the last
	runBackspace                // deletions of one unit, each before the last
	runForward                  // deletions of one unit, all at one position
	runInserted                 // inserts with lengths, each behind the last
	runDeleted                  // deletions with lengths, all at one position
	runOther                    // anything else
	runKinds

	runKindBits = 3
)

// edit is a delta as the log sees it.
type edit struct {
	kind runKind
	at   int // position
	op   Op  // the insert or delete
}

// editOf classifies d, given where the last delta ended.
func editOf(d Delta, caret int) edit {
	var e edit
	rest := d
	if len(rest) == 2 && rest[0].isPlainRetain() && rest[0].n > 0 {
		e.at = rest[0].n
		rest = rest[1:]
	}
	if len(rest) != 1 || rest[0].attrs.set != nil || rest[0].n == 0 {
		return edit{kind: runOther}
	}
	e.op = rest[0]
	switch {
	case e.op.kind == Insert && e.op.n == 1:
		e.kind = runTyped
	case e.op.kind == Insert:
		e.kind = runInserted
	case e.op.kind == Delete && e.op.n == 1 && e.at == caret-1:
		e.kind = runBackspace
	case e.op.kind == Delete && e.op.n == 1:
		e.kind = runForward
	case e.op.kind == Delete:
		e.kind = runDeleted
	default:
		return edit{kind: runOther}
	}
	return e
}

// expected is where a delta of this kind is expected, after one that ended at
// caret.
func (k runKind) expected(caret int) int {
	if k == runBackspace {
		return caret - 1
	}
	return caret
}

// caretAfter is where d ends in the document after it.
func caretAfter(d Delta) int {
	at := 0
	for i := range d {
		if d[i].kind != Delete {
			at += d[i].n
		}
	}
	return at
}

// logWriter fills the columns.
type logWriter struct {
	runs, jumps, lengths, others, text []byte

	kind  runKind
	count uint64 // deltas of the present run
	caret int
}

// AppendLog appends deltas that follow one another, in the columnar form. Each is
// kept exactly as it is, but for ops of length zero.
func AppendLog(dst []byte, deltas []Delta) []byte {
	var w logWriter
	for _, d := range deltas {
		w.add(d)
	}
	w.endRun()
	dst = append(dst, logVersion)
	dst = binary.AppendUvarint(dst, uint64(len(deltas)))
	for _, column := range [][]byte{w.runs, w.jumps, w.lengths, w.others} {
		dst = binary.AppendUvarint(dst, uint64(len(column)))
		dst = append(dst, column...)
	}
	return append(dst, w.text...)
}

func (w *logWriter) add(d Delta) {
	e := editOf(d, w.caret)
	jump := e.at - e.kind.expected(w.caret)
	if e.kind != w.kind || w.count == 0 || e.kind != runOther && jump != 0 {
		w.endRun()
		w.kind = e.kind
		if e.kind != runOther {
			w.jumps = binary.AppendVarint(w.jumps, int64(jump))
		}
	}
	w.count++
	w.caret = caretAfter(d)
	if e.kind == runOther {
		w.others = appendSized(w.others, string(AppendBinary(nil, d)))
		return
	}
	if e.kind == runInserted || e.kind == runDeleted {
		w.lengths = binary.AppendUvarint(w.lengths, uint64(e.op.n))
	}
	w.text = append(w.text, e.op.text...)
}

func (w *logWriter) endRun() {
	if w.count > 0 {
		w.runs = binary.AppendUvarint(w.runs, w.count<<runKindBits|uint64(w.kind))
	}
	w.count = 0
}

// logReader reads the columns.
type logReader struct {
	runs, jumps, lengths, others columnReader
	text                         []byte

	dec   Decoder
	delta Delta // the last one
	caret int
}

// DecodeLog calls fn for every delta that AppendLog wrote into data, in order,
// until fn returns an error, which it returns. A delta is valid until fn returns;
// its ops may be kept. Other errors match ErrMalformed.
func DecodeLog(data []byte, fn func(Delta) error) error {
	if len(data) == 0 || data[0] != logVersion {
		return fmt.Errorf("%w: unknown version of the log", ErrMalformed)
	}
	in := columnReader{data: data[1:]}
	count := in.uvarint()
	if count > maxLogDeltas {
		in.fail("more deltas announced than a log may hold")
	}
	var r logReader
	for _, column := range []*columnReader{&r.runs, &r.jumps, &r.lengths, &r.others} {
		column.data = in.sized()
	}
	r.text = in.data
	for count > 0 && in.err == nil {
		run := r.runs.uvarint()
		kind, deltas := runKind(run&(1<<runKindBits-1)), run>>runKindBits
		if kind >= runKinds || deltas == 0 || deltas > count {
			in.fail("impossible run")
			break
		}
		count -= deltas
		if err := r.run(kind, deltas, fn); err != nil {
			return err
		}
	}
	if in.err == nil && len(r.runs.data)+len(r.jumps.data)+len(r.lengths.data)+len(r.others.data)+len(r.text) > 0 {
		in.fail("something follows the deltas")
	}
	if in.err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, in.err)
	}
	return nil
}

// run reads the deltas of one run.
func (r *logReader) run(kind runKind, deltas uint64, fn func(Delta) error) error {
	jump := 0
	if kind != runOther {
		jump = r.jump()
	}
	for range deltas {
		if err := r.next(kind, jump); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if err := fn(r.delta); err != nil {
			return err
		}
		r.caret = caretAfter(r.delta)
		jump = 0
	}
	return nil
}

// next reads one delta into r.delta.
func (r *logReader) next(kind runKind, jump int) (err error) {
	r.delta = r.delta[:0]
	if kind == runOther {
		sized := r.others.sized()
		if r.others.err != nil {
			return r.others.err
		}
		r.delta, err = r.dec.AppendBinary(r.delta, sized)
		return err
	}
	at := kind.expected(r.caret) + jump
	op := Op{kind: Delete, n: 1}
	if kind == runInserted || kind == runDeleted {
		op.n = int(r.lengths.uvarint())
	}
	if at < 0 || at > maxLength || op.n < 1 || op.n > maxLength {
		r.runs.fail("impossible position or length")
	}
	if kind == runTyped || kind == runInserted {
		op.kind = Insert
		op.text = r.takeText(op.n)
	}
	if err := firstError(r.runs.err, r.jumps.err, r.lengths.err); err != nil {
		return err
	}
	if at > 0 {
		r.delta = append(r.delta, Op{kind: Retain, n: at})
	}
	r.delta = append(r.delta, op)
	return nil
}

// jump reads how far from where it was expected a run begins.
func (r *logReader) jump() int {
	jump, n := binary.Varint(r.jumps.data)
	if n <= 0 {
		r.jumps.fail("number cut short")
		return 0
	}
	r.jumps.data = r.jumps.data[n:]
	return int(min(max(jump, -maxLength), maxLength))
}

// takeText reads a text of n units.
func (r *logReader) takeText(n int) string {
	size, inPair := byteOffset(r.text, n)
	if size > len(r.text) || inPair || unitCount(r.text[:size]) != n || !isCanonical(r.text[:size]) {
		r.runs.fail("text is cut short or not WTF-8")
		return ""
	}
	text := r.dec.texts.keep(r.text[:size])
	r.text = r.text[size:]
	return text
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
