package textdiff

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// lines compares two texts line by line, and lines that were replaced by others
// once more, character by character if they are few.
func (d *differ) lines(old, new string) {
	oldLines, newLines := strings.SplitAfter(old, "\n"), strings.SplitAfter(new, "\n")
	from, to, ok := numberLines(oldLines, newLines)
	if !ok {
		d.anchored(oldLines, newLines)
		return
	}
	diffs, ok := d.compare(from.numbers, to.numbers)
	if !ok {
		d.replace(old, new)
		return
	}
	removed, added := "", ""
	for _, part := range diffs {
		count := len([]rune(part.Text))
		switch part.Type {
		case diffmatchpatch.DiffDelete:
			removed += from.take(count)
		case diffmatchpatch.DiffInsert:
			added += to.take(count)
		case diffmatchpatch.DiffEqual:
			d.changedLines(removed, added)
			removed, added = "", ""
			d.retain(from.take(count))
			to.take(count)
		}
	}
	d.changedLines(removed, added)
}

// changedLines compares lines of which none stayed as it was.
func (d *differ) changedLines(old, new string) {
	start := commonPrefix(old, new)
	end := commonSuffix(old[start:], new[start:])
	d.retain(old[:start])
	tail := old[len(old)-end:]
	old, new = old[start:len(old)-end], new[start:len(new)-end]
	if old != "" && new != "" && max(len(old), len(new)) <= maxCharacters {
		d.characters(old, new)
	} else {
		d.replace(old, new)
	}
	d.retain(tail)
}

// numbered is a text's lines, with a number for each that is the same for equal
// lines.
type numbered struct {
	lines   []string
	numbers []rune
}

// take removes the first n lines and returns them as one text.
func (n *numbered) take(count int) string {
	text := strings.Join(n.lines[:count], "")
	n.lines = n.lines[count:]
	return text
}

// numberLines gives equal lines equal numbers. It reports false if there are
// more lines than can be compared in bounded time.
func numberLines(old, new []string) (from, to numbered, ok bool) {
	if max(len(old), len(new)) > maxLines {
		return from, to, false
	}
	seen := make(map[string]rune)
	number := func(lines []string) numbered {
		out := numbered{lines: lines, numbers: make([]rune, len(lines))}
		for i, line := range lines {
			if _, known := seen[line]; !known {
				seen[line] = rune(len(seen) + 1) // 2*maxLines is below the surrogates
			}
			out.numbers[i] = seen[line]
		}
		return out
	}
	return number(old), number(new), true
}

// commonPrefix is the number of bytes that both texts begin with, up to the last
// whole character.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n < len(a) || n < len(b) {
		for n > 0 && (n < len(a) && isContinuation(a[n]) || n < len(b) && isContinuation(b[n])) {
			n--
		}
	}
	return n
}

// commonSuffix is the number of bytes that both texts end with, from the first
// whole character on.
func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && isContinuation(a[len(a)-n]) {
		n--
	}
	return n
}

func isContinuation(c byte) bool { return c&0xC0 == 0x80 }
