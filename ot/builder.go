package ot

// builder writes a delta in normal form by the push rules of quill-delta:
//
//   - an insert that follows a delete is put in front of that delete;
//   - text joins text, and retain joins retain, when their attributes are equal;
//   - a delete joins a delete; an embed joins nothing.
//
// The rules forget where an insert stood relative to deleted text, so everything
// computed from the answer depends on them: they are part of the algorithm.
//
// A plain retain and a delete at the end are only counted until it is known what
// follows them. That makes the first rule a matter of course: an insert is written
// while the delete is still to come.
//
// Joining is linear in the text joined: while parts are still being added to an
// insert its text is gathered in a buffer, and it becomes a string once, when it
// is known to be whole.
type builder struct {
	ops   Delta
	start int // ops before it were there already and take no part

	kept int // units of a plain retain behind ops
	gone int // units of a delete behind that

	gathered []byte // the text of ops[target] so far, if target >= 0
	target   int
}

// newBuilder returns a builder that appends to dst.
func newBuilder(dst Delta) builder {
	return builder{ops: dst, start: len(dst), target: -1}
}

// push appends op by the rules above. An op of length zero is passed over.
func (b *builder) push(op *Op) {
	switch {
	case op.n == 0:
	case op.kind == Delete:
		b.delete(op.n)
	case op.inserts():
		b.insert(op)
	default:
		b.format(op.n, op.attrs)
	}
}

// retain pushes a plain retain of n units.
func (b *builder) retain(n int) {
	if b.gone > 0 && n > 0 {
		b.settle()
	}
	b.kept += n
}

// delete pushes a delete of n units.
func (b *builder) delete(n int) { b.gone += n }

// insert pushes an insert of text or of an embed. A delete at the end stays there.
func (b *builder) insert(op *Op) {
	if b.kept > 0 {
		b.ops = appendPlain(b.ops, Retain, b.kept)
		b.kept = 0
	}
	b.write(op)
}

// format pushes a retain of n units, at least one, that composes attrs onto them.
func (b *builder) format(n int, attrs Attributes) {
	if attrs.set == nil {
		b.retain(n)
		return
	}
	b.settle()
	b.write(&Op{kind: Retain, n: n, attrs: attrs})
}

// settle writes the retain and the delete at the end: something follows them.
func (b *builder) settle() {
	if b.kept > 0 {
		b.ops = appendPlain(b.ops, Retain, b.kept)
	}
	if b.gone > 0 {
		b.ops = appendPlain(b.ops, Delete, b.gone)
	}
	b.kept, b.gone = 0, 0
}

// write adds op to the last of ops if the rules allow, or else behind it.
func (b *builder) write(op *Op) {
	if last := len(b.ops) - 1; last >= b.start {
		if into := &b.ops[last]; into.kind == op.kind && op.kind != Embed && into.attrs.Equal(op.attrs) {
			b.join(last, op)
			return
		}
	}
	b.ops = appendCopy(b.ops, op)
}

// join adds op, a text or a retain, to the op at index i.
func (b *builder) join(i int, op *Op) {
	if op.kind == Insert {
		if b.target != i {
			b.closeText()
			b.target = i
			b.gathered = append(b.gathered[:0], b.ops[i].text...)
		}
		b.gathered = appendText(b.gathered, op.text)
	}
	b.ops[i].n += op.n
}

// closeText gives the op whose text was being gathered that text.
func (b *builder) closeText() {
	if b.target >= 0 {
		b.ops[b.target].text = string(b.gathered)
		b.target = -1
	}
}

// finish drops a trailing plain retain and returns the delta.
func (b *builder) finish() Delta {
	if b.gone > 0 {
		b.settle()
	}
	b.closeText()
	return b.ops
}
