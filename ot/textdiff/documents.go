package textdiff

import "github.com/quire-editor/quire/ot"

// Documents returns a delta that makes the document old into new, attributes and
// embeds included: old·Documents(old, new) == new.
func Documents(old, new *ot.Document) ot.Delta {
	var out ot.Delta
	before, after := 0, 0
	for _, op := range ot.Normalize(diffTexts(old.Text(), new.Text())) {
		n := op.Len()
		switch op.Kind() {
		case ot.Insert:
			out = append(out, new.Slice(after, after+n)...)
			after += n
		case ot.Delete:
			out = append(out, op)
			before += n
		case ot.Retain:
			out = appendChanges(out, old.Slice(before, before+n), new.Slice(after, after+n))
			before += n
			after += n
		}
	}
	out = appendChanges(out, old.Slice(before, old.Len()), new.Slice(after, new.Len()))
	return ot.Normalize(out)
}

// appendChanges appends what makes the units of old, a document, into those of
// new, which has the same text but perhaps other embeds and attributes.
func appendChanges(out, old, new ot.Delta) ot.Delta {
	var from, to ot.Op
	for {
		if from.Len() == 0 && len(old) > 0 {
			from, old = old[0], old[1:]
		}
		if to.Len() == 0 && len(new) > 0 {
			to, new = new[0], new[1:]
		}
		n := min(from.Len(), to.Len())
		if n == 0 {
			return out
		}
		var before, after ot.Op
		before, from = from.Split(n)
		after, to = to.Split(n)
		change, ok := before.Attributes().Diff(after.Attributes())
		if ok && before.Kind() == after.Kind() && before.EmbedJSON() == after.EmbedJSON() {
			out = append(out, ot.RetainOp(n, change))
		} else {
			out = append(out, after, ot.DeleteOp(n))
		}
	}
}
