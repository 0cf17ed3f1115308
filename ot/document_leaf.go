package ot

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Bounds of a leaf. Small enough that moving half of it costs about as much as
// everything else an edit does, large enough that the tree above it stays small.
const (
	leafBytes   = 1024 // of text
	leafRuns    = 64
	runsPerEdit = 2 // by which one edit can add to the runs of a leaf
)

// leaf is a piece of a document's text with its attributes and embeds.
//
// Its text is WTF-8 but need not be canonical: where a change cuts a pair the two
// halves stay apart, and are joined when the text is read (see appendJoined).
// An embed is an U+FFFC in the text and a run of its own.
//
// Invariants: units is the length of the text and the sum of the runs; no pair
// that is whole reaches over the end of a run; no two neighbouring runs of text
// have equal attributes.
type leaf struct {
	mark  *treeMark
	text  []byte
	units int
	runs  []run
}

// run is a stretch of text with the same attributes, or one embed.
type run struct {
	n     int // in units
	attrs Attributes
	embed string // the embed as JSON, or "" for text
}

// embedText stands for an embed in the text.
const embedText = "\ufffc"

// textOf is what op, an insert, adds to the text of a leaf.
func textOf(op *Op) string {
	if op.kind == Embed {
		return embedText
	}
	return op.text
}

// runOf is the run that op, an insert, is.
func runOf(op *Op) run {
	r := run{n: op.n, attrs: op.attrs}
	if op.kind == Embed {
		r.embed = op.text
	}
	return r
}

// joins reports whether r and other can be one run.
func (r *run) joins(other *run) bool {
	return r.embed == "" && other.embed == "" && r.attrs.Equal(other.attrs)
}

// unitsWithin is how many units of op, at least one character, take up to limit
// bytes in a leaf.
func unitsWithin(op *Op, limit int) int {
	if op.kind == Embed || len(op.text) <= limit {
		return op.n
	}
	if op.n == len(op.text) {
		return limit
	}
	for limit > 0 && !utf8.RuneStart(op.text[limit]) {
		limit--
	}
	return unitCount(op.text[:limit])
}

func (l *leaf) clone(mark *treeMark) *leaf {
	return &leaf{mark: mark, text: slices.Clone(l.text), units: l.units, runs: slices.Clone(l.runs)}
}

// fits reports whether there is room for op.
func (l *leaf) fits(op *Op) bool {
	return len(l.text)+len(textOf(op)) <= leafBytes && len(l.runs) <= leafRuns-runsPerEdit
}

// canHold reports whether there is room for all of other.
func (l *leaf) canHold(other *leaf) bool {
	return len(l.text)+len(other.text) <= leafBytes && len(l.runs)+len(other.runs) <= leafRuns-runsPerEdit
}

// smallWith reports whether l and other would be at most half a leaf together.
func (l *leaf) smallWith(other *leaf) bool {
	return len(l.text)+len(other.text) <= leafBytes/2 && len(l.runs)+len(other.runs) <= leafRuns/2
}

// middle is the unit at which to cut the leaf in two, inside of it if possible.
func (l *leaf) middle() int {
	if len(l.runs) <= leafRuns-runsPerEdit {
		return l.units / 2
	}
	at := 0
	for _, r := range l.runs[:len(l.runs)/2] {
		at += r.n
	}
	return at
}

// offset is the byte where unit at begins. It cuts a pair in two if at is in the
// middle of one.
func (l *leaf) offset(at int) int {
	if l.units == len(l.text) { // one byte per unit
		return at
	}
	i, inPair := byteOffset(l.text, at)
	if !inPair {
		return i
	}
	high, low := halves(l.text[i:])
	var apart [2 * halfLen]byte
	appendHalf(appendHalf(apart[:0], high), low)
	l.text = slices.Replace(l.text, i, i+utf8.UTFMax, apart[:]...)
	return i + halfLen
}

// runAt finds unit at: the index of its run, and how far into it the unit is. At
// the end of the leaf the index is the number of runs.
func (l *leaf) runAt(at int) (index, within int) {
	for index < len(l.runs) && at >= l.runs[index].n {
		at -= l.runs[index].n
		index++
	}
	return index, at
}

// insert puts op in front of unit at. There must be room.
func (l *leaf) insert(at int, op *Op) { insertInto(l, at, textOf(op), runOf(op)) }

// insertInto puts r, with its text s, in front of unit at of l.
func insertInto[T text](l *leaf, at int, s T, r run) {
	i := l.offset(at)
	end := len(l.text)
	if end+len(s) > cap(l.text) {
		l.text = append(make([]byte, 0, roomFor(end+len(s))), l.text...)
	}
	l.text = append(l.text, s...)
	if i < end {
		copy(l.text[i+len(s):], l.text[i:end])
		copy(l.text[i:], s)
	}
	l.units += r.n
	if len(l.runs) == 1 && l.runs[0].joins(&r) {
		l.runs[0].n += r.n // plain text, nearly always
		return
	}
	l.insertRun(at, r)
}

// roomFor is how much memory to take for a text of n bytes: twice as much for what
// is likely to grow, but no more than a full leaf.
func roomFor(n int) int {
	if n > leafBytes/2 {
		return max(n, leafBytes)
	}
	return 2 * n
}

// insertRun puts r in front of unit at, joining it to its neighbours.
func (l *leaf) insertRun(at int, r run) {
	index, within := l.runAt(at)
	switch {
	case within > 0 && l.runs[index].joins(&r):
		l.runs[index].n += r.n
	case within > 0:
		tail := l.runs[index]
		tail.n -= within
		l.runs[index].n = within
		l.runs = slices.Insert(l.runs, index+1, r, tail)
	case index > 0 && l.runs[index-1].joins(&r):
		l.runs[index-1].n += r.n
	case index < len(l.runs) && l.runs[index].joins(&r):
		l.runs[index].n += r.n
	default:
		l.runs = slices.Insert(l.runs, index, r)
	}
}

// delete removes n units from at on.
func (l *leaf) delete(at, n int) {
	from := l.offset(at)
	to := from + n
	if l.units != len(l.text) {
		to = l.offset(at + n)
	}
	l.text = append(l.text[:from], l.text[to:]...)
	l.units -= n
	if len(l.runs) == 1 && l.units > 0 {
		l.runs[0].n -= n
		return
	}
	index, within := l.runAt(at)
	first := index
	if within > 0 {
		part := min(n, l.runs[index].n-within)
		l.runs[index].n -= part
		n -= part
		first++
	}
	last := first
	for ; n > 0 && n >= l.runs[last].n; last++ {
		n -= l.runs[last].n
	}
	if n > 0 {
		l.runs[last].n -= n
	}
	if first < last {
		l.runs = slices.Delete(l.runs, first, last)
	}
	l.joinRuns(first-1, first)
}

// joinRuns joins neighbouring runs, from the run at from to the one at to (each
// with the one after it), where they can be joined.
func (l *leaf) joinRuns(from, to int) {
	for i := min(to, len(l.runs)-2); i >= max(from, 0); i-- {
		if l.runs[i].joins(&l.runs[i+1]) {
			l.runs[i].n += l.runs[i+1].n
			l.runs = slices.Delete(l.runs, i+1, i+2)
		}
	}
}

// cutRuns makes a run begin at unit at, cutting a pair if need be, and returns
// its index.
func (l *leaf) cutRuns(at int) int {
	l.offset(at)
	index, within := l.runAt(at)
	if within == 0 {
		return index
	}
	tail := l.runs[index]
	tail.n -= within
	l.runs[index].n = within
	l.runs = slices.Insert(l.runs, index+1, tail)
	return index + 1
}

// format composes attrs onto n units from at on.
func (l *leaf) format(at, n int, attrs Attributes) {
	first := l.cutRuns(at)
	last := l.cutRuns(at + n)
	for i := first; i < last; i++ {
		l.runs[i].attrs = composeAttributes(l.runs[i].attrs, attrs, false)
	}
	l.joinRuns(first-1, last)
}

// split cuts the units from at on off and returns them as a leaf.
func (l *leaf) split(at int) *leaf {
	from := l.offset(at)
	index := l.cutRuns(at)
	rest := &leaf{
		mark:  l.mark,
		text:  slices.Clone(l.text[from:]),
		units: l.units - at,
		runs:  slices.Clone(l.runs[index:]),
	}
	l.text = l.text[:from]
	clear(l.runs[index:])
	l.runs = l.runs[:index]
	l.units = at
	return rest
}

// append adds all of other at the end.
func (l *leaf) append(other *leaf) {
	seam := len(l.runs) - 1
	l.text = append(l.text, other.text...)
	l.units += other.units
	l.runs = append(l.runs, other.runs...)
	l.joinRuns(seam, seam)
}

// textBetween is the text of the units from from up to to, as the leaf holds it.
// It is not to be changed.
func (l *leaf) textBetween(from, to int) []byte {
	lo, cutLow := l.readOffset(from)
	hi, cutHigh := l.readOffset(to)
	if !cutLow && !cutHigh {
		return l.text[lo:hi]
	}
	apart := leaf{text: bytes.Clone(l.text), units: l.units}
	lo = apart.offset(from)
	hi = apart.offset(to)
	return apart.text[lo:hi]
}

// readOffset is offset without cutting anything.
func (l *leaf) readOffset(at int) (i int, inPair bool) {
	if l.units == len(l.text) {
		return at, false
	}
	return byteOffset(l.text, at)
}

// yieldRuns calls yield for the runs between units from and to, as inserts, and
// reports whether it wanted all of them.
func (l *leaf) yieldRuns(from, to int, yield func(Op) bool) bool {
	text := l.textBetween(from, to)
	index, within := l.runAt(from)
	for n := to - from; n > 0; index++ {
		r := &l.runs[index]
		part := min(n, r.n-within)
		op := Op{kind: Insert, n: part, attrs: r.attrs}
		size, _ := byteOffset(text, part)
		if r.embed != "" {
			op.kind, op.text = Embed, r.embed
		} else {
			op.text = string(appendJoined(nil, text[:size]))
		}
		if !yield(op) {
			return false
		}
		text = text[size:]
		n -= part
		within = 0
	}
	return true
}

// appendJoined appends s, joining halves that belong together, both inside of s
// and with the end of dst, which is canonical.
func appendJoined(dst, s []byte) []byte {
	const lead = 0xED // the first byte of every lone half
	if startsInLow(s) {
		dst, s = appendText(dst, s[:halfLen]), s[halfLen:]
	}
	for {
		i := bytes.IndexByte(s, lead)
		if i < 0 || len(s)-i < 2*halfLen {
			return append(dst, s...)
		}
		end := i + halfLen
		dst = append(dst, s[:end]...)
		s = s[end:]
		if startsInLow(s) {
			dst, s = appendText(dst, s[:halfLen]), s[halfLen:]
		}
	}
}
