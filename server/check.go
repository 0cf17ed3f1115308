package server

import (
	"fmt"
	"strings"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// check refuses a change that is a well-formed delta but would break a rule of documents: the size limits, line ends, and
// the final newline of rich text.
func (r *Room) check(c change) *wire.Error {
	if hasCarriageReturn(c.delta) {
		return &wire.Error{Code: wire.CodeBadOp, Message: `text may not contain carriage returns; lines end in "\n"`}
	}
	if limit := 2 * int(r.limits.MessageBytes); attributeBytes(c.delta, limit) > limit {
		return &wire.Error{Code: wire.CodeOpNotApplied, Message: "the change sets too many and too large attributes"}
	}
	length := c.delta.ChangeLen()
	if c.kind == changeEdit {
		length += r.head.text.Len()
	}
	if length > r.limits.DocumentUnits {
		return &wire.Error{
			Code:    wire.CodeOpNotApplied,
			Message: fmt.Sprintf("the document would be longer than %d characters, the most that one may hold here", r.limits.DocumentUnits),
		}
	}
	if c.kind == changeEdit && r.meta.Kind == KindRich && removesFinalNewline(r.head.text, c.delta) {
		return &wire.Error{Code: wire.CodeOpNotApplied, Message: "a rich-text document always ends in a newline; this change would remove it"}
	}
	return nil
}

// attributeBytes returns the size of a delta's attributes as they travel, and stops counting beyond limit. Rebasing repeats
// the attributes of one op on every piece that others' edits cut it into: a message of one megabyte could become terabytes.
func attributeBytes(d ot.Delta, limit int) int {
	total, size, last := 0, 0, ot.Attributes{}
	for _, op := range d {
		a := op.Attributes()
		if a.IsZero() {
			continue
		}
		if a != last {
			size, last = len(a.String()), a
		}
		if total += size; total > limit {
			break
		}
	}
	return total
}

func hasCarriageReturn(d ot.Delta) bool {
	for _, op := range d {
		if op.Kind() == ot.Insert && strings.Contains(op.Text(), "\r") {
			return true
		}
	}
	return false
}

// removesFinalNewline says whether text ends in a newline and would not do so any more after d.
func removesFinalNewline(text *ot.Document, d ot.Delta) bool {
	end := text.Len()
	if d.BaseLen() < end || !newlineBefore(text, end) {
		return false // d ends before the last unit, or there is no newline to remove
	}
	for i := len(d) - 1; i >= 0; i-- {
		switch op := d[i]; op.Kind() {
		case ot.Delete:
			end -= op.Len()
		case ot.Insert:
			return !strings.HasSuffix(op.Text(), "\n")
		case ot.Embed:
			return true
		case ot.Retain:
			return !newlineBefore(text, end)
		}
	}
	return true
}

func newlineBefore(text *ot.Document, position int) bool {
	if position <= 0 {
		return false
	}
	unit := text.Slice(position-1, position)
	return len(unit) == 1 && unit[0].Kind() == ot.Insert && unit[0].Text() == "\n"
}
