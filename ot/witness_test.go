package ot

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

var witnessTime = flag.Duration("witness", 2*time.Second, "how long to compare with JavaScript")

const witnessFolder = "testdata/js"

// nodeScript returns a command that runs a script beside the JavaScript
// libraries. Without Node or the libraries the test is skipped.
func nodeScript(tb testing.TB, name string) *exec.Cmd {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Skip("no Node: the test compares with JavaScript")
	}
	check := exec.Command(node, "-e", `require("quill-delta"), require("rich-text")`)
	check.Dir = witnessFolder
	if check.Run() != nil {
		tb.Skipf("no JavaScript libraries: run npm ci in ot/%s", witnessFolder)
	}
	script := exec.Command(node, name)
	script.Dir = witnessFolder
	return script
}

// witness is quill-delta and rich-text, asked over a pipe.
type witness struct {
	in  io.Writer
	out *bufio.Scanner
}

func newWitness(tb testing.TB) *witness {
	tb.Helper()
	script := nodeScript(tb, "witness.js")
	in, err := script.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := script.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := script.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := script.Wait(); err != nil {
			tb.Errorf("witness: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	return &witness{in: in, out: lines}
}

// ask returns the fields of the answer.
func (w *witness) ask(question string) (vector, error) {
	if _, err := io.WriteString(w.in, question+"\n"); err != nil {
		return vector{}, err
	}
	if !w.out.Scan() {
		return vector{}, fmt.Errorf("no answer (%v)", w.out.Err())
	}
	return readVectorFields(w.out.Text()), nil
}

// pairQuestion is a random case for every function of two deltas.
type pairQuestion struct {
	doc, a, b, c Delta
	index        int
}

func (g generator) pairQuestion() pairQuestion {
	q := pairQuestion{doc: g.document(6)}
	length := q.doc.Len()
	q.a, q.b = g.change(length, 7), g.change(length, 7)
	q.c = g.change(length+q.a.ChangeLen(), 7)
	q.index = g.pick(length + 1)
	return q
}

func (q pairQuestion) json() string {
	return fmt.Sprintf(`{"doc":%v,"a":%v,"b":%v,"c":%v,"index":%d}`, q.doc, q.a, q.b, q.c, q.index)
}

// compare asks w and returns how our answers differ, or "".
func (q pairQuestion) compare(w *witness) (string, error) {
	theirs, err := w.ask(q.json())
	if err != nil {
		return "", err
	}
	merged, err := applied(q.doc, q.a, Transform(q.a, q.b, true))
	if err != nil {
		return err.Error(), nil
	}
	afterA, err := applied(q.doc, q.a)
	if err != nil {
		return err.Error(), nil
	}
	ours := map[string]Delta{
		"merged": merged, "aFirst": Transform(q.a, q.b, true), "bFirst": Transform(q.a, q.b, false),
		"left": Transform(q.a, q.b, true), "right": Transform(q.a, q.b, false),
		"composed": Compose(q.a, q.c), "applied": afterA, "inverse": Invert(q.a, q.doc),
	}
	for name, got := range ours {
		if want := theirs.delta(name); !Normalize(got).Equal(Normalize(want)) {
			return fmt.Sprintf("%s: got %v, JavaScript has %v", name, got, want), nil
		}
	}
	lengths := fmt.Sprintf("[%d,%d]", q.a.Len(), q.a.ChangeLen())
	numbers := map[string]string{
		"own":     strconv.Itoa(TransformPosition(q.a, q.index, false)),
		"others":  strconv.Itoa(TransformPosition(q.a, q.index, true)),
		"lengths": lengths,
	}
	for name, got := range numbers {
		if got != theirs.fields[name] {
			return fmt.Sprintf("%s: got %s, JavaScript has %s", name, got, theirs.fields[name]), nil
		}
	}
	return "", nil
}

func (q *session) json() string {
	text := fmt.Sprintf(`{"doc":%v,"submits":[`, q.doc)
	for i, s := range q.submits {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"rev":%d,"op":%v}`, s.revision, s.op)
	}
	return text + "]}"
}

func (q *session) compare(w *witness) (string, error) {
	theirs, err := w.ask(q.json())
	if err != nil {
		return "", err
	}
	for i, want := range elements(theirs.fields["records"]) {
		if got := q.records[i]; !Normalize(got).Equal(Normalize(mustDelta(want))) {
			return fmt.Sprintf("record %d: got %v, JavaScript has %v", i, got, want), nil
		}
	}
	if want := theirs.delta("final"); !q.final.Equal(Normalize(want)) {
		return fmt.Sprintf("final: got %v, JavaScript has %v", q.final, want), nil
	}
	return "", nil
}

// TestAgreesWithJavaScript compares random deltas and random sessions with
// quill-delta and rich-text. -witness 1h makes it run for an hour.
func TestAgreesWithJavaScript(t *testing.T) {
	w := newWitness(t)
	g := bySeed(t)
	pairs, sessions, records := 0, 0, 0
	for end := time.Now().Add(*witnessTime); time.Now().Before(end); {
		g.rough = g.pick(3) == 0
		g.plain = g.pick(4) == 0
		for range 20 {
			check(t, w, g.pairQuestion())
			pairs++
		}
		s := g.session(t, 60)
		check(t, w, s)
		sessions++
		records += len(s.records)
	}
	t.Logf("no difference in %d pairs and %d sessions of %d records", pairs, sessions, records)
}

// check fails with the question, to paste, if the answers differ.
func check(t *testing.T, w *witness, question interface {
	compare(w *witness) (string, error)
	json() string
},
) {
	t.Helper()
	difference, err := question.compare(w)
	if err != nil {
		t.Fatalf("%v\n%s", err, question.json())
	}
	if difference != "" {
		t.Fatalf("%s\n%s", difference, question.json())
	}
}
