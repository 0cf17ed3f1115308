package history

import (
	"bytes"
	"slices"
	"strings"

	"github.com/quire-editor/quire/ot"
)

// Black is what stands in the past in place of erased text, unit for unit, so that every position stays what it was.
const Black = "█"

// minCopy is the shortest text, in units, of which other copies are erased as
// well: single letters are everywhere.
const minCopy = 4

// Span is a stretch of a text: From <= unit < To.
type Span struct{ From, To int }

// Erasure is what has to be rewritten so that a text is nowhere in a document's
// past: the units of one place, traced to the records that inserted them, and all
// copies of the text, even those that were typed key by key.
type Erasure struct {
	text   string // what is erased
	quoted string // the same as it stands in JSON
	// units are the inserted units of each record that become black, in order; base those of the oldest state.
	units map[uint64][]Span
	base  []Span
}

// NewErasure plans the erasure of a span of the text at revision at. Records
// before first are no longer kept; head is how many there are.
func NewErasure(log Log, first, head, at uint64, span Span) (*Erasure, error) {
	text, err := log.At(at)
	if err != nil {
		return nil, err
	}
	erased := string(text.AppendText(nil, span.From, span.To))
	quoted := string(ot.AppendQuoted(nil, erased))
	e := &Erasure{text: erased, quoted: quoted[1 : len(quoted)-1], units: map[uint64][]Span{}}
	found := map[uint64][]Span{at: {span}}
	if e.erasesCopies() {
		if err := e.search(log, first, head, found); err != nil {
			return nil, err
		}
	}
	return e, e.trace(log, first, head, found)
}

// IsBlack reports whether there is nothing left to erase.
func (e *Erasure) IsBlack() bool { return strings.Trim(e.text, Black+"\n") == "" }

func (e *Erasure) erasesCopies() bool {
	text := strings.TrimSpace(e.text)
	return ot.InsertText(text, ot.Attributes{}).Len() >= minCopy
}

// search finds the text wherever it comes to stand in the past.
func (e *Erasure) search(log Log, first, head uint64, found map[uint64][]Span) error {
	text, err := log.At(first)
	if err != nil {
		return err
	}
	s := searcher{want: []byte(e.text), units: ot.InsertText(e.text, ot.Attributes{}).Len()}
	found[first] = append(found[first], s.within(text, 0, text.Len())...)
	return log.Steps(first, head, func(st *Step) error {
		d := st.on(text.Len())
		if err := text.Apply(d); err != nil {
			return err
		}
		at := 0
		for i := range d {
			switch op := &d[i]; op.Kind() {
			case ot.Insert, ot.Embed:
				found[st.Revision+1] = append(found[st.Revision+1], s.within(text, at-s.units+1, at+op.Len()+s.units-1)...)
				at += op.Len()
			case ot.Delete:
				found[st.Revision+1] = append(found[st.Revision+1], s.within(text, at-s.units+1, at+s.units-1)...)
			case ot.Retain:
				at += op.Len()
			}
		}
		if len(found[st.Revision+1]) == 0 {
			delete(found, st.Revision+1)
		}
		return nil
	})
}

type searcher struct {
	want  []byte
	units int // of want
	buf   []byte
}

// within finds the text between two units of a document.
func (s *searcher) within(text *ot.Document, from, to int) (found []Span) {
	from, to = max(from, 0), min(to, text.Len())
	if to-from < s.units {
		return nil
	}
	s.buf = text.AppendText(s.buf[:0], from, to)
	for at := 0; ; {
		i := bytes.Index(s.buf[at:], s.want)
		if i < 0 {
			return found
		}
		start := from + ot.InsertText(string(s.buf[:at+i]), ot.Attributes{}).Len()
		found = append(found, Span{start, start + s.units})
		at += i + 1
	}
}

// trace follows what was found back to the records that inserted it.
func (e *Erasure) trace(log Log, first, head uint64, found map[uint64][]Span) error {
	var spans []Span // in the text behind the step that is looked at
	for to := head; to > first; {
		from := max((to-1)/Stretch*Stretch, first)
		steps, err := stretch(log, from, to)
		if err != nil {
			return err
		}
		for i := len(steps) - 1; i >= 0; i-- {
			s := &steps[i]
			spans = union(append(spans, found[s.Revision+1]...))
			if len(spans) == 0 {
				continue
			}
			var inserted []Span
			if spans, inserted = before(s, spans); len(inserted) > 0 {
				e.units[s.Revision] = inserted
			}
		}
		to = from
	}
	e.base = union(append(spans, found[first]...))
	return nil
}

func stretch(log Log, from, to uint64) (steps []Step, err error) {
	err = log.Steps(from, to, func(s *Step) error {
		kept := *s
		kept.Delta = slices.Clone(s.Delta)
		steps = append(steps, kept)
		return nil
	})
	return steps, err
}

// before divides spans of the text behind a step into those of the text before it
// and those of what it inserts.
func before(s *Step, spans []Span) (old, inserted []Span) {
	if s.Clears {
		return nil, nil
	}
	at, base, put := 0, 0, 0
	for i := range s.Delta {
		n := s.Delta[i].Len()
		switch s.Delta[i].Kind() {
		case ot.Retain:
			old = overlap(old, spans, at, n, base)
			at += n
			base += n
		case ot.Delete:
			base += n
		case ot.Insert, ot.Embed:
			inserted = overlap(inserted, spans, at, n, put)
			at += n
			put += n
		}
	}
	for _, span := range spans { // what follows the last op is retained
		if span.To > at {
			old = append(old, Span{max(span.From, at) - at + base, span.To - at + base})
		}
	}
	return union(old), union(inserted)
}

// overlap appends what of spans lies within n units from at on, as it lies behind to.
func overlap(dst, spans []Span, at, n, to int) []Span {
	for _, span := range spans {
		from, end := max(span.From, at), min(span.To, at+n)
		if from < end {
			dst = append(dst, Span{from - at + to, end - at + to})
		}
	}
	return dst
}

// union sorts spans and joins those that touch.
func union(spans []Span) []Span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	joined := spans[:1]
	for _, span := range spans[1:] {
		if last := &joined[len(joined)-1]; span.From <= last.To {
			last.To = max(last.To, span.To)
			continue
		}
		joined = append(joined, span)
	}
	return joined
}

// Step returns a record's delta without what is erased, and whether that changed it.
func (e *Erasure) Step(revision uint64, d ot.Delta) (ot.Delta, bool) {
	return e.rewrite(d, e.units[revision])
}

// Base returns the oldest state that is kept without what is erased.
func (e *Erasure) Base(state ot.Delta) ot.Delta {
	state, _ = e.rewrite(state, e.base)
	return state
}

// Elsewhere returns a state of which no records are kept, without copies of the text.
func (e *Erasure) Elsewhere(state ot.Delta) (ot.Delta, error) {
	text, err := ot.DocumentFromDelta(state)
	if err != nil || !e.erasesCopies() {
		return state, err
	}
	s := searcher{want: []byte(e.text), units: ot.InsertText(e.text, ot.Attributes{}).Len()}
	state, _ = e.rewrite(state, s.within(text, 0, text.Len()))
	return state, nil
}

// Text returns some other text, such as a name, without copies of what is erased.
func (e *Erasure) Text(s string) string {
	if !e.erasesCopies() {
		return s
	}
	return strings.ReplaceAll(s, e.text, strings.Repeat(Black, ot.InsertText(e.text, ot.Attributes{}).Len()))
}

// rewrite blackens spans of what a delta inserts, and copies of the text in its attributes and embeds.
func (e *Erasure) rewrite(d ot.Delta, spans []Span) (ot.Delta, bool) {
	changed := false
	out := make(ot.Delta, 0, len(d))
	at := 0
	for _, op := range d {
		clean := e.cleaned(op)
		changed = changed || !clean.Equal(op)
		if !op.IsInsert() {
			out = append(out, clean)
			continue
		}
		for n := clean.Len(); n > 0; n = clean.Len() {
			size, black := next(spans, at, n)
			var part ot.Op
			part, clean = clean.Split(size)
			if black {
				part, changed = blackened(part), true
			}
			out = append(out, part)
			at += size
		}
	}
	if !changed {
		return d, false
	}
	return joinedTexts(out), true
}

// next returns how many units from at on, at most n, are all within spans or all outside.
func next(spans []Span, at, n int) (size int, inside bool) {
	for _, span := range spans {
		switch {
		case span.To <= at:
		case span.From <= at:
			return min(n, span.To-at), true
		default:
			return min(n, span.From-at), false
		}
	}
	return n, false
}

// blackened returns an insert of black in place of op. Line ends stay: they carry the formats of lines.
func blackened(op ot.Op) ot.Op {
	if op.Kind() == ot.Embed {
		return ot.InsertText(Black, op.Attributes())
	}
	lines := strings.Split(op.Text(), "\n")
	for i, line := range lines {
		lines[i] = strings.Repeat(Black, ot.InsertText(line, ot.Attributes{}).Len())
	}
	return ot.InsertText(strings.Join(lines, "\n"), op.Attributes())
}

// cleaned returns op without copies of the text in its attributes or embed.
func (e *Erasure) cleaned(op ot.Op) ot.Op {
	if !e.erasesCopies() {
		return op
	}
	attributes := op.Attributes()
	if json := attributes.String(); strings.Contains(json, e.quoted) {
		if a, err := ot.ParseAttributes(strings.ReplaceAll(json, e.quoted, Black)); err == nil {
			attributes = a
		} else {
			attributes = ot.Attributes{} // what is erased was part of its form
		}
	}
	switch op.Kind() {
	case ot.Retain:
		return ot.RetainOp(op.Len(), attributes)
	case ot.Insert:
		return ot.InsertText(op.Text(), attributes)
	case ot.Embed:
		embed, err := ot.InsertEmbed(strings.ReplaceAll(op.EmbedJSON(), e.quoted, Black), attributes)
		if err != nil {
			return ot.InsertText(Black, attributes)
		}
		return embed
	}
	return op
}

// joinedTexts joins texts that follow each other and have equal attributes; nothing else of a delta that was committed may change.
func joinedTexts(d ot.Delta) ot.Delta {
	out := d[:0]
	for _, op := range d {
		if last := len(out) - 1; last >= 0 && op.Kind() == ot.Insert && out[last].Kind() == ot.Insert && op.Attributes().Equal(out[last].Attributes()) {
			out[last] = ot.InsertText(out[last].Text()+op.Text(), op.Attributes())
			continue
		}
		out = append(out, op)
	}
	return out
}
