package ot

import "strings"

// Document is a document that deltas are applied to.
type Document struct {
	ops    Delta
	length int
}

// NewDocument returns an empty document.
func NewDocument() *Document { return &Document{} }

// DocumentFromDelta returns the document that d is. It returns ErrNotDocument if
// d retains or deletes.
func DocumentFromDelta(d Delta) (*Document, error) {
	if !d.IsDocument() {
		return nil, ErrNotDocument
	}
	return &Document{ops: Normalize(d), length: d.Len()}, nil
}

// Apply changes the document by d. It returns ErrPastEnd, and leaves the document
// as it was, if d does not fit.
func (doc *Document) Apply(d Delta) error {
	if d.BaseLen() > doc.length {
		return ErrPastEnd
	}
	doc.ops = Compose(doc.ops, d)
	doc.length += d.ChangeLen()
	return nil
}

// Len is the document's length in UTF-16 code units.
func (doc *Document) Len() int { return doc.length }

// Delta returns the document as a delta in normal form.
func (doc *Document) Delta() Delta { return doc.Slice(0, doc.length) }

// Slice returns units from to to (not included) as a document in normal form.
func (doc *Document) Slice(from, to int) Delta {
	var out Delta
	at := 0
	for _, op := range doc.ops {
		lo, hi := max(from-at, 0), min(to-at, op.n)
		at += op.n
		if lo < hi {
			op.take(lo)
			out = append(out, op.take(hi-lo))
		}
	}
	return out
}

// Text returns the document's text as WTF-8, with U+FFFC for each embed so that
// positions stay the same.
func (doc *Document) Text() string {
	var text []byte
	for i := range doc.ops {
		if doc.ops[i].kind == Embed {
			text = append(text, "\ufffc"...)
		} else {
			text = appendText(text, doc.ops[i].text)
		}
	}
	return string(text)
}

// HasSuffix reports whether the document's text ends in s.
func (doc *Document) HasSuffix(s string) bool {
	return strings.HasSuffix(doc.Text(), s)
}

// Snapshot returns a document that stays as this one is now.
func (doc *Document) Snapshot() *Document {
	snapshot := *doc
	return &snapshot
}

// Invert returns the delta that undoes d, which is not yet applied.
func (doc *Document) Invert(d Delta) Delta { return Invert(d, doc.ops) }
