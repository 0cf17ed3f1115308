package ot

// Kind says what an Op does.
type Kind uint8

// The kinds of step. The zero Kind belongs to the zero Op, which does nothing.
const (
	Insert Kind = iota + 1 // inserts text
	Embed                  // inserts an embed
	Retain                 // keeps units, perhaps changing their attributes
	Delete                 // removes units
)

// String names the kind as it appears in JSON, with "embed" for an embed.
func (k Kind) String() string {
	switch k {
	case Insert:
		return "insert"
	case Embed:
		return "embed"
	case Retain:
		return "retain"
	case Delete:
		return "delete"
	}
	return "nothing"
}

// Op is one step of a Delta. It is a value and never changes. An op of length
// zero does nothing and is passed over wherever it appears.
//
// Invariants: text is canonical WTF-8 of n units (Insert), a compact JSON object
// and n is 1 (Embed), or empty (Retain, Delete); a Delete has no attributes.
type Op struct {
	text  string
	attrs Attributes
	n     int
	kind  Kind
}

// InsertText returns an op that inserts s, which is WTF-8. Bytes that are not
// become U+FFFD, and two halves that stand together become one pair.
func InsertText(s string, a Attributes) Op {
	s = canonicalText(s)
	return Op{kind: Insert, text: s, n: unitCount(s), attrs: a}
}

// InsertEmbed returns an op that inserts the embed given as a JSON object with
// at least one key. Anything else gives the zero Op and an error as from
// DecodeJSON under DefaultLimits.
func InsertEmbed(json string, a Attributes) (Op, error) {
	s := scanner{data: []byte(json), limits: DefaultLimits}
	text, err := s.wholeEmbed()
	if err != nil {
		return Op{}, err
	}
	return Op{kind: Embed, text: text, n: 1, attrs: a}, nil
}

// RetainOp returns an op that keeps n units and composes a onto them. A length
// below one gives an op that does nothing.
func RetainOp(n int, a Attributes) Op {
	return Op{kind: Retain, n: max(n, 0), attrs: a}
}

// DeleteOp returns an op that removes n units. A length below one gives an op
// that does nothing.
func DeleteOp(n int) Op {
	return Op{kind: Delete, n: max(n, 0)}
}

// Kind says what the op does.
func (op Op) Kind() Kind { return op.kind }

// Len is the op's length in UTF-16 code units; an embed is one long.
func (op Op) Len() int { return op.n }

// Attributes are those an insert carries or a retain composes onto its units.
func (op Op) Attributes() Attributes { return op.attrs }

// Text is the inserted text as WTF-8, or "" if the op inserts no text.
func (op Op) Text() string {
	if op.kind != Insert {
		return ""
	}
	return op.text
}

// EmbedJSON is the inserted embed as a compact JSON object, or "" if the op
// inserts no embed.
func (op Op) EmbedJSON() string {
	if op.kind != Embed {
		return ""
	}
	return op.text
}

// IsInsert reports whether the op inserts text or an embed.
func (op Op) IsInsert() bool { return op.kind == Insert || op.kind == Embed }

// Equal reports whether both ops do the same: embeds and attributes are
// compared as written, where key order counts for embeds only.
func (op Op) Equal(other Op) bool {
	return op.kind == other.kind && op.n == other.n && op.text == other.text && op.attrs.Equal(other.attrs)
}

// isPlainRetain reports whether the op keeps units as they are.
func (op *Op) isPlainRetain() bool { return op.kind == Retain && op.attrs.set == nil }

// inserts reports whether the op inserts text or an embed; it is IsInsert
// without copying the op.
func (op *Op) inserts() bool { return op.kind == Insert || op.kind == Embed }

// covers reports whether the op is about units that are there already.
func (op *Op) covers() bool { return op.n > 0 && (op.kind == Retain || op.kind == Delete) }

// take returns the op's first n units, or all of it if it has no more, and
// leaves the rest in the op.
func (op *Op) take(n int) Op {
	head := *op
	if n >= op.n {
		op.n = 0
		return head
	}
	head.n = n
	if op.kind == Insert {
		head.text, op.text = splitText(op.text, op.n, n)
	}
	op.n -= n
	return head
}

// Split cuts the op in two before unit at. A pair that is cut becomes two lone
// halves. Where at is not inside the op, one part does nothing.
func (op Op) Split(at int) (head, tail Op) {
	if at <= 0 {
		return Op{}, op
	}
	head = op.take(at)
	if op.n == 0 {
		op = Op{}
	}
	return head, op
}
