package ot

import (
	"iter"
	"slices"
)

// Document is a document that deltas are applied to. The cost of a change
// depends on the change and on the logarithm of the document's length; memory is
// near the text's own size. The zero value is not usable; see NewDocument.
//
// A Document is not safe for concurrent use, but snapshots are cheap and reading
// one needs no locks: hand them to other goroutines.
type Document struct {
	tree tree
}

// NewDocument returns an empty document.
func NewDocument() *Document {
	return &Document{tree: newTree()}
}

// DocumentFromDelta returns the document that d is. It returns ErrNotDocument if
// d retains or deletes.
func DocumentFromDelta(d Delta) (*Document, error) {
	if !d.IsDocument() {
		return nil, ErrNotDocument
	}
	doc := NewDocument()
	for i := range d {
		doc.tree.insert(doc.tree.length, &d[i])
	}
	return doc, nil
}

// Apply changes the document by d. It returns ErrPastEnd, and leaves the document
// as it was, if d does not fit: even a plain retain must not reach past the end.
//
// Law: after Apply(a) and Apply(b) the document is the same as after
// Apply(Compose(a, b)), and its Delta is Compose(before, Compose(a, b)).
func (doc *Document) Apply(d Delta) error {
	if d.BaseLen() > doc.tree.length {
		return ErrPastEnd
	}
	at := 0
	for i := range d {
		op := &d[i]
		switch op.kind {
		case Retain:
			if op.attrs.set != nil {
				doc.tree.format(at, op.n, op.attrs)
			}
			at += op.n
		case Delete:
			doc.tree.delete(at, op.n)
		case Insert, Embed:
			doc.tree.insert(at, op)
			at += op.n
		}
	}
	return nil
}

// Len is the document's length in UTF-16 code units.
func (doc *Document) Len() int { return doc.tree.length }

// Delta returns the document as a delta in normal form.
func (doc *Document) Delta() Delta { return doc.Slice(0, doc.Len()) }

// Slice returns the units from from up to but not including to, as a document in
// normal form. What lies outside the document is left out.
func (doc *Document) Slice(from, to int) Delta {
	out := newBuilder(nil)
	for op := range doc.Runs(from, to) {
		out.push(&op)
	}
	return out.finish()
}

// Runs yields the units from from up to but not including to as inserts, without
// making one delta of them: neighbours may have equal attributes. The document
// must not change meanwhile.
func (doc *Document) Runs(from, to int) iter.Seq[Op] {
	return func(yield func(Op) bool) {
		doc.tree.walk(from, to, func(l *leaf, from, to int) bool {
			return l.yieldRuns(from, to, yield)
		})
	}
}

// Text returns the document's text as WTF-8, with U+FFFC for each embed so that
// positions stay the same.
func (doc *Document) Text() string {
	return string(doc.AppendText(nil, 0, doc.Len()))
}

// AppendText appends the text of the units from from up to but not including to,
// like Text.
func (doc *Document) AppendText(dst []byte, from, to int) []byte {
	doc.tree.walk(from, to, func(l *leaf, from, to int) bool {
		dst = slices.Grow(dst, to-from)
		dst = appendJoined(dst, l.textBetween(from, to))
		return true
	})
	return dst
}

// HasSuffix reports whether the document's text ends in s, in time that depends
// on s.
func (doc *Document) HasSuffix(s string) bool {
	n := unitCount(s)
	return n <= doc.Len() && string(doc.AppendText(nil, doc.Len()-n, doc.Len())) == s
}

// Snapshot returns a document that stays as this one is now, in constant time:
// the two share everything until one of them is changed, and then all but what
// was changed. Other goroutines may read a snapshot while this document goes on.
func (doc *Document) Snapshot() *Document {
	return &Document{tree: doc.tree.share()}
}

// Invert returns the delta that undoes d, which fits the document and is not yet
// applied. It reads only what d touches:
//
//	doc.Invert(d) == Invert(d, doc.Delta())
func (doc *Document) Invert(d Delta) Delta {
	out := newBuilder(nil)
	at := 0
	for i := range d {
		op := &d[i]
		switch {
		case op.inserts():
			out.push(&Op{kind: Delete, n: op.n})
			continue
		case op.isPlainRetain():
			out.push(op)
		default:
			for base := range doc.Runs(at, at+op.n) {
				undo := invertUnits(Op{kind: op.kind, n: base.n, attrs: op.attrs}, base)
				out.push(&undo)
			}
		}
		at += op.n
	}
	return out.finish()
}
