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
// Joining is linear in the text joined: while parts are still being added to an
// insert its text is gathered in a buffer, and it becomes a string once, when it
// is known to be whole.
type builder struct {
	ops   Delta
	start int // ops before it were there already and take no part

	gathered []byte // the text of ops[target] so far, if target >= 0
	target   int
}

// newBuilder returns a builder that appends to dst.
func newBuilder(dst Delta) builder {
	return builder{ops: dst, start: len(dst), target: -1}
}

// push appends op by the rules above. An op of length zero is passed over.
func (b *builder) push(op Op) {
	if op.n == 0 {
		return
	}
	last := len(b.ops) - 1
	if last < b.start {
		b.ops = append(b.ops, op)
		return
	}
	before := &b.ops[last]
	switch {
	case op.kind == Delete:
		if before.kind == Delete {
			before.n += op.n
			return
		}
	case before.kind == Delete && op.kind != Retain:
		b.pushBeforeDelete(op)
		return
	case b.join(last, &op):
		return
	}
	b.ops = append(b.ops, op)
}

// pushBeforeDelete puts an insert in front of the delete that b ends in.
func (b *builder) pushBeforeDelete(op Op) {
	last := len(b.ops) - 1
	if last > b.start && b.join(last-1, &op) {
		return
	}
	b.ops = append(b.ops, b.ops[last])
	b.ops[last] = op
}

// join adds op to the op at index i if the rules allow, and reports whether it
// did.
func (b *builder) join(i int, op *Op) bool {
	into := &b.ops[i]
	if into.kind != op.kind || op.kind == Embed || !into.attrs.Equal(op.attrs) {
		return false
	}
	if op.kind == Insert {
		if b.target != i {
			b.closeText()
			b.target = i
			b.gathered = append(b.gathered[:0], into.text...)
		}
		b.gathered = appendText(b.gathered, op.text)
	}
	into.n += op.n
	return true
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
	b.closeText()
	if last := len(b.ops) - 1; last >= b.start && b.ops[last].isPlainRetain() {
		return b.ops[:last]
	}
	return b.ops
}
