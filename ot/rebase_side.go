package ot

import "slices"

// carrySide is what a Carry holds on one side of the open place: a stack whose
// top is next to that place. Only the top part is handled op by op; what is
// further away lies in chunks, which pass from one side to the other whole.
type carrySide struct {
	ops      Delta // the top part, its last op next to the open place
	units    int   // retained and deleted by ops
	chunks   []opChunk
	reversed bool // whether ops is from right to left, as on the right side
	chunk    int  // the number of ops of a full chunk
}

// opChunk is a part of a delta, from left to right.
type opChunk struct {
	ops   Delta
	units int // retained and deleted
}

// carryChunk is the number of ops of a full chunk: moving to a place costs about
// as much within chunks as over chunks at ten thousand ops.
const carryChunk = 64

func chunkOf(ops Delta) opChunk { return opChunk{ops, ops.BaseLen()} }

// load fills the side, which is empty and on the right, with ops.
func (s *carrySide) load(ops Delta) {
	for part := range slices.Chunk(ops, s.chunk) {
		s.chunks = append(s.chunks, chunkOf(slices.Clip(part)))
	}
	slices.Reverse(s.chunks)
}

// top returns the op next to the open place, or nil if there is none.
func (s *carrySide) top() *Op {
	if len(s.ops) == 0 {
		if len(s.chunks) == 0 {
			return nil
		}
		c := s.takeChunk()
		s.ops = append(s.ops, c.ops...)
		s.units = c.units
		if s.reversed {
			slices.Reverse(s.ops)
		}
	}
	return &s.ops[len(s.ops)-1]
}

// pop removes the op that top returns, and returns it.
func (s *carrySide) pop() Op {
	op := s.ops[len(s.ops)-1]
	s.ops = s.ops[:len(s.ops)-1]
	if !op.inserts() {
		s.units -= op.n
	}
	return op
}

// take removes up to n units, next to the open place, of the op that top returns,
// which is a retain or a delete.
func (s *carrySide) take(n int) Op {
	top := &s.ops[len(s.ops)-1]
	if top.n <= n {
		return s.pop()
	}
	s.units -= n
	top.n -= n
	return Op{kind: top.kind, n: n, attrs: top.attrs}
}

// push adds op next to the open place, joining it to the one there if both are
// retains or both deletes.
func (s *carrySide) push(op Op) {
	if !op.inserts() {
		s.units += op.n
		if n := len(s.ops); n > 0 && s.ops[n-1].kind == op.kind && s.ops[n-1].attrs.Equal(op.attrs) {
			s.ops[n-1].n += op.n
			return
		}
	}
	if s.ops = append(s.ops, op); len(s.ops) > 2*s.chunk {
		far := opChunk{ops: slices.Clone(s.ops[:s.chunk])}
		far.units = far.ops.BaseLen()
		if s.reversed {
			slices.Reverse(far.ops)
		}
		s.ops = slices.Delete(s.ops, 0, s.chunk)
		s.units -= far.units
		s.put(far)
	}
}

// unload empties the top part and returns it.
func (s *carrySide) unload() opChunk {
	c := opChunk{slices.Clone(s.ops), s.units}
	if s.reversed {
		slices.Reverse(c.ops)
	}
	s.ops, s.units = s.ops[:0], 0
	return c
}

// store puts the top part away as a chunk.
func (s *carrySide) store() { s.put(s.unload()) }

// takeChunk removes the chunk next to the top part.
func (s *carrySide) takeChunk() opChunk {
	last := len(s.chunks) - 1
	c := s.chunks[last]
	s.chunks = s.chunks[:last]
	return c
}

// put adds a chunk to the others, next to the top part, which is empty or further
// in. Small chunks are joined, so that their number stays in proportion.
func (s *carrySide) put(c opChunk) {
	if len(c.ops) == 0 {
		return
	}
	if last := len(s.chunks) - 1; last >= 0 && len(s.chunks[last].ops)+len(c.ops) <= s.chunk {
		near := &s.chunks[last]
		if s.reversed {
			near.ops = slices.Concat(c.ops, near.ops)
		} else {
			near.ops = slices.Concat(near.ops, c.ops)
		}
		near.units += c.units
		return
	}
	s.chunks = append(s.chunks, c)
}

// count is the number of ops.
func (s *carrySide) count() int {
	n := len(s.ops)
	for i := range s.chunks {
		n += len(s.chunks[i].ops)
	}
	return n
}

// each calls fn for every op, from left to right.
func (s *carrySide) each(fn func(*Op)) {
	if s.reversed {
		for i := range slices.Backward(s.ops) {
			fn(&s.ops[i])
		}
		for _, c := range slices.Backward(s.chunks) {
			for i := range c.ops {
				fn(&c.ops[i])
			}
		}
		return
	}
	for _, c := range s.chunks {
		for i := range c.ops {
			fn(&c.ops[i])
		}
	}
	for i := range s.ops {
		fn(&s.ops[i])
	}
}
