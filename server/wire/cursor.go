package wire

import (
	"bytes"
	"encoding/json"
	"sort"

	"github.com/quire-editor/quire/ot"
)

// MaxCursorBytes bounds the value of one presence: a position, a name and a colour, with room to spare.
const MaxCursorBytes = 4096

// Cursor is the value of a document presence: a selection in UTF-16 code units, which the server moves through edits,
// and members of the client's own (a name, a colour), which it passes on as they came.
type Cursor struct {
	// HasRange says that the value has an index. A person without a caret in the text is present without one.
	HasRange      bool
	Index, Length int
	rest          []member
}

type member struct {
	name  string
	value json.RawMessage
}

// Moved returns the cursor as it stands after an edit. An insert exactly at the cursor moves it only when it is its
// owner's own edit, as rich-text's transformPresence has it.
func (c *Cursor) Moved(edit ot.Delta, own bool) *Cursor {
	if c == nil || !c.HasRange {
		return c
	}
	moved := *c
	moved.Index = ot.TransformPosition(edit, c.Index, !own)
	moved.Length = ot.TransformPosition(edit, c.Index+c.Length, !own) - moved.Index
	return &moved
}

// Equal says whether two presences look the same to others.
func (c *Cursor) Equal(other *Cursor) bool {
	return bytes.Equal(c.append(nil), other.append(nil))
}

// cursor reads a presence value; nil when it is null or absent.
func (d *decoder) cursor(name string) *Cursor {
	raw, ok := d.present(name)
	if !ok {
		return nil
	}
	if len(raw) > MaxCursorBytes {
		d.refuse(CodeBadMessage, "the presence is larger than %d bytes", MaxCursorBytes)
		return nil
	}
	inner := decoder{}
	if err := json.Unmarshal(raw, &inner.fields); err != nil {
		d.refuse(CodeBadMessage, "the presence is not an object")
		return nil
	}
	c := &Cursor{Index: inner.position("index"), Length: inner.position("length")}
	_, c.HasRange = inner.present("index")
	if inner.refusal != nil && d.refusal == nil {
		d.refusal = inner.refusal
	}
	for name, value := range inner.fields {
		if name != "index" && name != "length" {
			c.rest = append(c.rest, member{name, value})
		}
	}
	sort.Slice(c.rest, func(i, j int) bool { return c.rest[i].name < c.rest[j].name })
	return c
}

// maxPosition keeps index + length within an int32, far above any document.
const maxPosition = 1 << 30

func (d *decoder) position(name string) int {
	n := d.integer(name)
	if n > maxPosition {
		d.refuse(CodeBadMessage, "%q is beyond any document", name)
		return 0
	}
	return int(n)
}

func (c *Cursor) append(dst []byte) []byte {
	if c == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	if c.HasRange {
		dst = appendInt(append(dst, `"index":`...), uint64(c.Index))
		dst = appendInt(append(dst, `,"length":`...), uint64(c.Length))
	}
	for i, m := range c.rest {
		if i > 0 || c.HasRange {
			dst = append(dst, ',')
		}
		dst = append(ot.AppendQuoted(dst, m.name), ':')
		dst = append(dst, m.value...)
	}
	return append(dst, '}')
}
