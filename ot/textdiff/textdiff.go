// Package textdiff finds a small delta between two texts or documents, so that a
// whole text that was put in place of another merges with what others type
// meanwhile, and what stayed keeps its attributes, comments and cursors.
//
// Laws, checked by the tests of this package:
//
//   - old·Diff(old, new) == new, for all texts, lone surrogate halves included;
//   - no delta cuts a surrogate pair, of the old text or of the new;
//   - time is bounded: at worst what lies between the common beginning and the
//     common end is replaced as a whole.
package textdiff

import (
	"time"

	"github.com/quire-editor/quire/ot"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// The exact comparison is quadratic at worst, and go-diff looks at its clock in
// only some of its loops; so each thing it is given is bounded as well.
const (
	budget        = 500 * time.Millisecond // for one call
	maxCharacters = 4_000                  // bytes of each side of a text compared by character
	maxLines      = 8_000                  // lines of each side of a text compared by line
)

// Diff returns a delta that makes old into new. Both are WTF-8; bytes that are
// not count as U+FFFD, as they do in a document.
func Diff(old, new string) ot.Delta {
	return ot.Normalize(diffTexts(asText(old), asText(new)))
}

// asText is s as a document would hold it.
func asText(s string) string { return ot.InsertText(s, ot.Attributes{}).Text() }

func diffTexts(old, new string) ot.Delta {
	d := differ{deadline: time.Now().Add(budget)}
	d.texts(old, new)
	return d.out
}

// differ appends the changes from one text to another.
type differ struct {
	deadline time.Time
	out      ot.Delta
}

func (d *differ) retain(text string) {
	if text != "" {
		d.out = append(d.out, ot.RetainOp(ot.InsertText(text, ot.Attributes{}).Len(), ot.Attributes{}))
	}
}

// replace deletes old and inserts new.
func (d *differ) replace(old, new string) {
	if new != "" {
		d.out = append(d.out, ot.InsertText(new, ot.Attributes{}))
	}
	if old != "" {
		d.out = append(d.out, ot.DeleteOp(ot.InsertText(old, ot.Attributes{}).Len()))
	}
}

// texts compares what is between the common beginning and the common end: small
// texts character by character, others line by line.
func (d *differ) texts(old, new string) {
	start := commonPrefix(old, new)
	end := commonSuffix(old[start:], new[start:])
	d.retain(old[:start])
	tail := old[len(old)-end:]
	old, new = old[start:len(old)-end], new[start:len(new)-end]
	switch {
	case old == "" || new == "":
		d.replace(old, new)
	case max(len(old), len(new)) <= maxCharacters:
		d.characters(old, new)
	default:
		d.lines(old, new)
	}
	d.retain(tail)
}

// characters compares two small texts character by character.
func (d *differ) characters(old, new string) {
	from, okFrom := runesOf(old)
	to, okTo := runesOf(new)
	diffs, ok := d.compare(from, to)
	if !okFrom || !okTo || !ok {
		d.replace(old, new)
		return
	}
	for _, part := range diffs {
		size := sizeOf([]rune(part.Text))
		switch part.Type {
		case diffmatchpatch.DiffEqual:
			d.retain(old[:size])
			old, new = old[size:], new[size:]
		case diffmatchpatch.DiffDelete:
			d.replace(old[:size], "")
			old = old[size:]
		case diffmatchpatch.DiffInsert:
			d.replace("", new[:size])
			new = new[size:]
		}
	}
}

// compare has go-diff compare two lists of runes, and reports whether the answer
// is right and came in time. go-diff carries runes through strings, so its
// answer is checked instead of believed.
func (d *differ) compare(from, to []rune) ([]diffmatchpatch.Diff, bool) {
	left := time.Until(d.deadline)
	if left <= 0 {
		return nil, false
	}
	engine := diffmatchpatch.New()
	engine.DiffTimeout = left
	diffs := engine.DiffMainRunes(from, to, false)
	old, new := 0, 0
	for _, part := range diffs {
		for _, r := range part.Text {
			if part.Type != diffmatchpatch.DiffInsert {
				if old == len(from) || from[old] != r {
					return nil, false
				}
				old++
			}
			if part.Type != diffmatchpatch.DiffDelete {
				if new == len(to) || to[new] != r {
					return nil, false
				}
				new++
			}
		}
	}
	return diffs, old == len(from) && new == len(to)
}
