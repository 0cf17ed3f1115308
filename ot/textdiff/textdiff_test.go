package textdiff

import (
	"bufio"
	"compress/gzip"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/quire-editor/quire/ot"
)

// check applies the delta from old to new and fails unless it gives new. It
// returns the delta.
func check(t *testing.T, old, new string) ot.Delta {
	t.Helper()
	old, new = asText(old), asText(new)
	d := Diff(old, new)
	doc, err := ot.DocumentFromDelta(ot.Delta{ot.InsertText(old, ot.Attributes{})})
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Apply(d); err != nil {
		t.Fatalf("Diff(%q, %q) = %v: %v", old, new, d, err)
	}
	if got := doc.Text(); got != new {
		t.Fatalf("Diff(%q, %q) = %v gives %q", old, new, d, got)
	}
	return d
}

func TestDiffKeepsWhatStays(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", `[]`},
		{"same", "same", `[]`},
		{"", "a", `[{"insert":"a"}]`},
		{"a", "", `[{"delete":1}]`},
		{"one two three", "one 2 three", `[{"retain":4},{"insert":"2"},{"delete":3}]`},
		{"abcd", "abXcYd", `[{"retain":2},{"insert":"X"},{"retain":1},{"insert":"Y"}]`},
		{"b👩😆", "b😆", `[{"retain":1},{"delete":2}]`},
		{"😀", "😁", `[{"insert":"😁"},{"delete":2}]`},
		{"aé", "aè", `[{"retain":1},{"insert":"è"},{"delete":1}]`},
	} {
		if got := check(t, c.old, c.new).String(); got != c.want {
			t.Errorf("Diff(%q, %q) = %s, want %s", c.old, c.new, got, c.want)
		}
	}
}

// randomText is dense in everything that can go wrong.
func randomText(r *rand.Rand, n int) string {
	alphabet := []string{"a", "b", "\n", "é", "交", "😀", "😁", "👩‍🚀", "\xed\xa0\xbd", "\xed\xb8\x80", "\U0010FFFF"}
	var b strings.Builder
	for range n {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func TestDiffOfRandomTexts(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("OT_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("run it again: OT_SEED=%d go test ./ot/textdiff -run RandomTexts", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 3000 {
		old := randomText(r, r.IntN(40))
		d := check(t, old, randomText(r, r.IntN(40)))
		checkPairs(t, asText(old), d)
	}
	for range 20 {
		check(t, randomText(r, r.IntN(20_000)), randomText(r, r.IntN(20_000)))
	}
}

// checkPairs fails if d cuts a pair of old.
func checkPairs(t *testing.T, old string, d ot.Delta) {
	t.Helper()
	inPair := map[int]bool{}
	at := 0
	for len(old) > 0 {
		r, size := decode(old)
		if r > 0xFFFF {
			inPair[at+1] = true
			at++
		}
		at++
		old = old[size:]
	}
	at = 0
	for _, op := range d {
		if inPair[at] {
			t.Fatalf("%v cuts a pair at %d", d, at)
		}
		if !op.IsInsert() {
			at += op.Len()
		}
	}
	if inPair[at] {
		t.Fatalf("%v cuts a pair at %d", d, at)
	}
}

// TestAdversarialTextsTakeBoundedTime gives texts that are quadratic for a
// straightforward comparison.
func TestAdversarialTextsTakeBoundedTime(t *testing.T) {
	const size = 1 << 20
	r := rand.New(rand.NewPCG(1, 1))
	letters := func(alphabet int) string {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte('a' + r.IntN(alphabet))
		}
		return string(b)
	}
	lines := func() string { return strings.ReplaceAll(letters(3), "c", "\n") }
	paragraph := strings.Repeat("The quick brown fox jumps over the lazy dog.\n", size/45)
	for name, texts := range map[string][2]string{
		"random letters":   {letters(26), letters(26)},
		"two letters":      {letters(2), letters(2)},
		"repeated":         {strings.Repeat("a", size), strings.Repeat("ab", size/2)},
		"short lines":      {lines(), lines()},
		"every line":       {paragraph, strings.ReplaceAll(paragraph, "dog", "cat")},
		"repeated lines":   {strings.Repeat("a\nb\n", 1900), strings.Repeat("b\nb\na\n", 2000)},
		"repeated letters": {strings.Repeat("ab", 1900), strings.Repeat("bba", 1300)},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			check(t, texts[0], texts[1])
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestOneEditInALargeTextIsOneSmallDelta(t *testing.T) {
	text := strings.Repeat("Some line of text, quite ordinary.\n", 30_000)
	middle := len(text) / 2
	d := check(t, text, text[:middle]+"word "+text[middle:])
	if len(d) != 2 || d[1].Text() == "" || d[1].Len() > 10 {
		t.Errorf("delta is %.200s", d.String())
	}
}

// TestEditsFarApartInAManyLinedText edits the beginning, the middle and the end of
// a text of more lines than are compared exactly.
func TestEditsFarApartInAManyLinedText(t *testing.T) {
	lines := make([]string, 40_000)
	for i := range lines {
		lines[i] = "Line " + strconv.Itoa(i) + " of a long text.\n"
		if i%3 == 0 {
			lines[i] = "\n"
		}
	}
	old := strings.Join(lines, "")
	for _, i := range []int{1, 17_000, 20_000, 39_998} {
		lines[i] = strings.Replace(lines[i], "long", "very long", 1)
	}
	lines[25_000] = ""
	d := check(t, old, strings.Join(lines, ""))
	if inserted, deleted := sizes(d); inserted > 40 || deleted > 40 {
		t.Errorf("%d units inserted, %d deleted: %.300s", inserted, deleted, d.String())
	}
}

func sizes(d ot.Delta) (inserted, deleted int) {
	for _, op := range d {
		switch op.Kind() {
		case ot.Insert:
			inserted += op.Len()
		case ot.Delete:
			deleted += op.Len()
		}
	}
	return inserted, deleted
}

func FuzzDiff(f *testing.F) {
	f.Add("b👩😆", "b😆")
	f.Add("\xed\xa0\xbd", "\xed\xb8\x80")
	f.Fuzz(func(t *testing.T, old, new string) {
		checkPairs(t, asText(old), check(t, old, new))
	})
}

// TestDocumentsOfVectors reaches the goal of every case of kind diff.
func TestDocumentsOfVectors(t *testing.T) {
	folder := os.Getenv("OT_VECTORS")
	if folder == "" {
		folder = "../../../shared/vectors"
	}
	f, err := os.Open(filepath.Join(folder, "diff.jsonl.gz"))
	if err != nil {
		t.Skipf("no vectors (set OT_VECTORS to name their folder): %v", err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 16<<20)
	count := 0
	for ; lines.Scan(); count++ {
		from, to := field(t, lines.Text(), "from"), field(t, lines.Text(), "to")
		d := Documents(from, to)
		if err := from.Apply(d); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		if !from.Delta().Equal(to.Delta()) {
			t.Errorf("%v gives %v: %s", d, from.Delta(), lines.Text())
		}
	}
	t.Logf("diff %d", count)
}

// field reads the document in a field of one line, which is followed by another.
func field(t *testing.T, line, name string) *ot.Document {
	_, rest, _ := strings.Cut(line, `"`+name+`":`)
	for end := 0; ; {
		next := strings.Index(rest[end:], `,"`)
		if next < 0 {
			t.Fatalf("no field %s: %s", name, line)
		}
		end += next
		if d, err := ot.DecodeJSON([]byte(rest[:end]), ot.DefaultLimits); err == nil {
			doc, err := ot.DocumentFromDelta(d)
			if err != nil {
				t.Fatal(err)
			}
			return doc
		}
		end++
	}
}

func TestRunesKeepTheirSize(t *testing.T) {
	for _, text := range []string{"", "a", "é交😀", "\xed\xa0\xbd", "a\xed\xb8\x80b"} {
		runes, ok := runesOf(text)
		if !ok || sizeOf(runes) != len(text) {
			t.Errorf("%q: %v %v", text, runes, ok)
		}
		if utf8.ValidString(text) && string(runes) != text {
			t.Errorf("%q: %q", text, string(runes))
		}
	}
}
