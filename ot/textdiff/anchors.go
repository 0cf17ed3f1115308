package textdiff

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// anchored compares texts of too many lines for an exact comparison: lines that
// occur once in each text, as far as they come in the same order, stay, and what
// is between them is compared by itself.
func (d *differ) anchored(old, new []string) {
	anchors := commonUniqueLines(old, new)
	if len(anchors) == 0 || time.Now().After(d.deadline) {
		d.replace(strings.Join(old, ""), strings.Join(new, ""))
		return
	}
	atOld, atNew := 0, 0
	for _, a := range anchors {
		d.texts(strings.Join(old[atOld:a.old], ""), strings.Join(new[atNew:a.new], ""))
		d.retain(old[a.old])
		atOld, atNew = a.old+1, a.new+1
	}
	d.texts(strings.Join(old[atOld:], ""), strings.Join(new[atNew:], ""))
}

// anchor is one line in both texts, by its index in each.
type anchor struct {
	old, new int
}

// commonUniqueLines returns lines that occur once in each text, the most of them
// that are in the same order in both.
func commonUniqueLines(old, new []string) []anchor {
	const absent, repeated = 0, -1
	place := func(lines []string) map[string]int { // index+1, or one of the above
		at := make(map[string]int, len(lines))
		for i, line := range lines {
			if at[line] == absent {
				at[line] = i + 1
			} else {
				at[line] = repeated
			}
		}
		return at
	}
	inOld, inNew := place(old), place(new)
	var unique []anchor
	for i, line := range old {
		if inOld[line] > 0 && inNew[line] > 0 {
			unique = append(unique, anchor{i, inNew[line] - 1})
		}
	}
	return increasing(unique)
}

// increasing returns the longest part of anchors, which are in the order of the
// old text, that is in the order of the new one as well.
func increasing(anchors []anchor) []anchor {
	var ends []int // of the runs of each length, the one that ends first
	before := make([]int, len(anchors))
	for i, a := range anchors {
		length := sort.Search(len(ends), func(k int) bool { return anchors[ends[k]].new > a.new })
		before[i] = -1
		if length > 0 {
			before[i] = ends[length-1]
		}
		if length == len(ends) {
			ends = append(ends, i)
		} else {
			ends[length] = i
		}
	}
	var out []anchor
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			out = append(out, anchors[i])
		}
	}
	slices.Reverse(out)
	return out
}
