package ot

import (
	"compress/gzip"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var writeVectors = flag.Bool("write-vectors", false, "write testdata/vectors anew, with answers by JavaScript")

// TestWriteVectors makes our own vectors, in the format of the larger set: cases
// by our generator from a fixed seed, answers by quill-delta and rich-text.
//
//	go test ./ot -run WriteVectors -write-vectors
func TestWriteVectors(t *testing.T) {
	if !*writeVectors {
		t.Skip("run with -write-vectors to write testdata/vectors anew")
	}
	w := newWitness(t)
	g := generator{pick: rand.New(rand.NewPCG(20261121, 0)).IntN}
	var pairs, sessions []string
	for i := range 400 {
		g.rough = i%4 == 3
		pairs = append(pairs, pairVectors(t, w, g, i)...)
	}
	g.rough = false
	for i := range 30 {
		sessions = append(sessions, sessionVector(t, w, g, i))
	}
	writeLines(t, "pairs.jsonl.gz", pairs)
	writeLines(t, "sessions.jsonl.gz", sessions)
}

// pairVectors are the cases that one question answers.
func pairVectors(t *testing.T, w *witness, g generator, i int) []string {
	q := g.pairQuestion()
	js, err := w.ask(q.json())
	if err != nil {
		t.Fatal(err)
	}
	rough := ""
	if g.rough {
		rough = "rough-"
	}
	id := func(kind string) string { return fmt.Sprintf(`{"id":"q-%s-%d","kind":"%s"`, kind, i, kind) }
	f := js.fields
	out := []string{
		fmt.Sprintf(`%s,"a":%v,"b":%v,"want":%s}`, id(rough+"compose"), q.a, q.c, f["composed"]),
		fmt.Sprintf(`%s,"doc":%v,"op":%v,"want":%s}`, id(rough+"apply"), q.doc, q.a, f["applied"]),
		fmt.Sprintf(`%s,"op":%v,"index":%d,"priority":false,"want":%s}`, id("cursor"), q.a, q.index, f["own"]),
		fmt.Sprintf(`%s,"op":%v,"index":%d,"priority":true,"want":%s}`, id("cursor"), q.a, q.index, f["others"]),
	}
	if g.rough {
		return out
	}
	return append(out,
		fmt.Sprintf(`%s,"op":%v,"other":%v,"side":"left","want":%s}`, id("side"), q.b, q.a, f["left"]),
		fmt.Sprintf(`%s,"op":%v,"other":%v,"side":"right","want":%s}`, id("side"), q.b, q.a, f["right"]),
		fmt.Sprintf(`%s,"doc":%v,"op":%v,"want":%s}`, id("invert"), q.doc, q.a, f["inverse"]))
}

func sessionVector(t *testing.T, w *witness, g generator, i int) string {
	s := g.session(t, 40)
	js, err := w.ask(s.json())
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"id":"q-session-%d","kind":"session","doc":%v,"submits":[`, i, s.doc)
	for k, record := range elements(js.fields["records"]) {
		if k > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"rev":%d,"op":%v,"want":%s}`, s.submits[k].revision, s.submits[k].op, record)
	}
	return text + `],"final":` + js.fields["final"] + "}"
}

func writeLines(t *testing.T, name string, lines []string) {
	folder := filepath.Join("testdata", "vectors")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	for _, line := range lines {
		fmt.Fprintln(zipped, line)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d cases", name, len(lines))
}
