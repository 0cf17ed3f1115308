package ot

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// vectorFolders are the folders of test vectors: our own, and a larger set that
// is read where it is present.
func vectorFolders(t *testing.T) []string {
	folders := []string{"testdata/vectors"}
	shared := os.Getenv("OT_VECTORS")
	if shared == "" {
		shared = "../../shared/vectors"
	}
	if _, err := os.Stat(shared); err != nil {
		t.Logf("only our own vectors: no folder %s (set OT_VECTORS to name another)", shared)
		return folders
	}
	return append(folders, shared)
}

// TestVectors compares every answer with the one that quill-delta and rich-text
// gave. -v prints how many cases of each kind there were.
func TestVectors(t *testing.T) {
	for _, folder := range vectorFolders(t) {
		files, err := filepath.Glob(filepath.Join(folder, "*.jsonl.gz"))
		if err != nil || len(files) == 0 {
			t.Errorf("no vectors in %s (%v)", folder, err)
		}
		counts := map[string]int{}
		var mu sync.Mutex                                 // of counts
		t.Run(filepath.Base(folder), func(t *testing.T) { // returns when all files are done
			for _, file := range files {
				t.Run(filepath.Base(file), func(t *testing.T) {
					t.Parallel()
					found := runVectorFile(t, file)
					mu.Lock()
					defer mu.Unlock()
					for kind, n := range found {
						counts[kind] += n
					}
				})
			}
		})
		var kinds []string
		for kind, n := range counts {
			kinds = append(kinds, fmt.Sprintf("%s %d", kind, n))
		}
		sort.Strings(kinds)
		t.Logf("%s: %s", folder, strings.Join(kinds, ", "))
	}
}

// runVectorFile checks the cases of a file and returns how many of each kind it has.
func runVectorFile(t *testing.T, file string) map[string]int {
	counts := map[string]int{}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		v := readVector(t, lines.Bytes())
		counts[v.str("kind")]++
		if err := v.check(); err != nil {
			t.Errorf("%s: %v\n%s", v.str("id"), err, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return counts
}

// vector is one case: its fields, each as JSON.
type vector struct {
	fields map[string]string
}

func readVector(t *testing.T, line []byte) vector {
	s := scanner{data: line, limits: Limits{Depth: 1000}}
	if s.peek() != '{' {
		t.Fatalf("not an object: %s", line)
	}
	list, err := s.members(asWritten, 0, 0)
	if err != nil {
		// A case may hold the key __proto__, which our reader refuses anywhere.
		if strings.Contains(string(line), "__proto__") {
			return protoVector(line)
		}
		t.Fatalf("%v: %s", err, line)
	}
	v := vector{fields: map[string]string{}}
	for _, kv := range list {
		v.fields[kv.key] = kv.value
	}
	return v
}

// protoVector reads a case about the key __proto__, which must be refused.
func protoVector(line []byte) vector {
	v := vector{fields: map[string]string{"kind": `"invalid"`, "must": `"reject"`, "doc": "[]"}}
	_, rest, _ := strings.Cut(string(line), `"op":`)
	op, _, _ := strings.Cut(rest, `,"reason"`)
	v.fields["op"] = op
	return v
}

func (v vector) has(name string) bool { _, ok := v.fields[name]; return ok }

// str is the text of a string field.
func (v vector) str(name string) string {
	s := scanner{data: []byte(v.fields[name])}
	text, _ := s.stringBytes()
	return string(text)
}

func (v vector) num(name string) int {
	n, err := strconv.Atoi(v.fields[name])
	if err != nil {
		panic(err)
	}
	return n
}

func (v vector) delta(name string) Delta { return mustDelta(v.fields[name]) }

// mustDelta reads a delta that a test is sure of.
func mustDelta(json string) Delta {
	d, err := DecodeJSON([]byte(json), Limits{Depth: 1000})
	if err != nil {
		panic(fmt.Sprintf("%v: %s", err, json))
	}
	return d
}

// elements are the elements of a JSON list.
func elements(json string) []string {
	s := scanner{data: []byte(json), limits: Limits{Depth: 1000}}
	s.accept('[')
	var out []string
	for !s.accept(']') {
		s.accept(',')
		value, err := s.value(nil, asWritten, 0)
		if err != nil {
			panic(err)
		}
		out = append(out, string(value))
	}
	return out
}

// check returns what is wrong, or nil.
func (v vector) check() error {
	switch kind := v.str("kind"); kind {
	case "compose", "rough-compose":
		return v.same("want", Compose(v.delta("a"), v.delta("b")))
	case "apply", "rough-apply":
		return v.checkApply()
	case "transform", "rough-transform":
		return v.checkTransform()
	case "side":
		return v.same("want", Transform(v.delta("other"), v.delta("op"), v.str("side") == "left"))
	case "cursor":
		return v.sameNumber("want", TransformPosition(v.delta("op"), v.num("index"), v.fields["priority"] == "true"))
	case "invert":
		return v.checkInvert()
	case "length":
		d := v.delta("op")
		return errors.Join(v.sameNumber("length", d.Len()), v.sameNumber("change_length", d.ChangeLen()),
			v.sameNumber("base_length", d.BaseLen()))
	case "build":
		return v.same("want", build(elements(v.fields["calls"])))
	case "session":
		return v.checkSession()
	case "invalid":
		return v.checkInvalid(v.fields["op"])
	case "invalid-raw":
		return v.checkInvalid(v.str("raw"))
	case "diff":
		return nil // package textdiff answers for plain texts
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
}

// same compares got with the delta in field want, op by op; rough cases are
// compared once both are normalized. Codecs are checked on the way.
func (v vector) same(want string, got Delta) error {
	expected := v.delta(want)
	if err := roundTrips(got); err != nil {
		return err
	}
	if strings.HasPrefix(v.str("kind"), "rough-") {
		expected, got = Normalize(expected), Normalize(got)
	}
	if !comparable(got).Equal(comparable(expected)) {
		return fmt.Errorf("%s: got %v, want %v", want, got, expected)
	}
	return nil
}

// comparable returns d with the keys of embeds sorted: to compare with others'
// answers, where key order means nothing.
func comparable(d Delta) Delta {
	out := append(Delta(nil), d...)
	for i := range out {
		if out[i].kind == Embed {
			s := scanner{data: []byte(out[i].text), limits: Limits{Depth: 1000}}
			sorted, err := s.value(nil, sortedKeys, 0)
			if err != nil {
				panic(err)
			}
			out[i].text = string(sorted)
		}
	}
	return out
}

// roundTrips checks that every codec gives d back.
func roundTrips(d Delta) error {
	fromJSON, err := DecodeJSON(AppendJSON(nil, d), Limits{})
	if err != nil || !fromJSON.Equal(d) {
		return fmt.Errorf("JSON gives %v (%w) for %v", fromJSON, err, d)
	}
	fromBinary, err := DecodeBinary(AppendBinary(nil, d))
	if err != nil || !fromBinary.Equal(d) {
		return fmt.Errorf("binary gives %v (%w) for %v", fromBinary, err, d)
	}
	return nil
}

func (v vector) sameNumber(want string, got int) error {
	if got != v.num(want) {
		return fmt.Errorf("%s: got %d", want, got)
	}
	return nil
}

// checkApply applies op to the document in two ways.
func (v vector) checkApply() error {
	after, err := applied(v.delta("doc"), v.delta("op"))
	if err != nil {
		return err
	}
	return errors.Join(v.same("want", after), v.same("want", Compose(v.delta("doc"), v.delta("op"))))
}

// applied is what a Document holds after each of changes.
func applied(doc Delta, changes ...Delta) (Delta, error) {
	d, err := DocumentFromDelta(doc)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if err := d.Apply(change); err != nil {
			return nil, err
		}
	}
	return d.Delta(), nil
}

func (v vector) checkTransform() error {
	a, b := v.delta("a"), v.delta("b")
	bAfterA, aAfterB := Transform(a, b, true), Transform(b, a, false)
	err := errors.Join(
		v.same("b_after_a_a_first", bAfterA),
		v.same("b_after_a_b_first", Transform(a, b, false)),
		v.same("a_after_b_b_first", Transform(b, a, true)),
		v.same("a_after_b_a_first", aAfterB))
	if err != nil || !v.has("merged_a_first") {
		return err
	}
	oneRoad, err := applied(v.delta("doc"), a, bAfterA)
	if err != nil {
		return err
	}
	otherRoad, err := applied(v.delta("doc"), b, aAfterB)
	if err != nil {
		return err
	}
	return errors.Join(v.same("merged_a_first", oneRoad), v.same("merged_a_first", otherRoad))
}

func (v vector) checkInvert() error {
	base, op := v.delta("doc"), v.delta("op")
	doc, err := DocumentFromDelta(base)
	if err != nil {
		return err
	}
	return errors.Join(v.same("want", Invert(op, base)), v.same("want", doc.Invert(op)))
}

// build makes a delta by the calls of a vector, each [name, arguments...].
func build(calls []string) Delta {
	b := newBuilder(nil)
	for _, call := range calls {
		part := elements(call)
		switch part[0] {
		case `"insert"`:
			op := buildInsert(part[1], part[2])
			b.push(&op)
		case `"retain"`:
			n, _ := strconv.Atoi(part[1])
			op := RetainOp(n, mustAttributes(part[2]))
			b.push(&op)
		case `"delete"`:
			n, _ := strconv.Atoi(part[1])
			op := DeleteOp(n)
			b.push(&op)
		case `"chop"`:
			chopped := b.finish()
			b = newBuilder(nil)
			for i := range chopped {
				b.push(&chopped[i])
			}
		}
	}
	b.settle() // what was built is wanted with a trailing retain
	return b.finish()
}

func buildInsert(json, attrs string) Op {
	if json[0] == '{' {
		op, err := InsertEmbed(json, mustAttributes(attrs))
		if err != nil {
			panic(err)
		}
		return op
	}
	s := scanner{data: []byte(json)}
	text, err := s.stringBytes()
	if err != nil {
		panic(err)
	}
	return InsertText(string(text), mustAttributes(attrs))
}

func mustAttributes(json string) Attributes {
	a, err := ParseAttributes(json)
	if err != nil {
		panic(err)
	}
	return a
}

// checkSession replays a whole session as the server sees it.
func (v vector) checkSession() error {
	var committed []Delta
	for i, submit := range elements(v.fields["submits"]) {
		s := readVectorFields(submit)
		got := Rebase(s.delta("op"), committed[s.num("rev"):])
		if err := s.same("want", got); err != nil {
			return fmt.Errorf("submission %d: %w", i, err)
		}
		committed = append(committed, got)
	}
	final, err := applied(v.delta("doc"), committed...)
	if err != nil {
		return err
	}
	return v.same("final", final)
}

func readVectorFields(json string) vector {
	s := scanner{data: []byte(json), limits: Limits{Depth: 1000}}
	s.peek()
	list, err := s.members(asWritten, 0, 0)
	if err != nil {
		panic(err)
	}
	v := vector{fields: map[string]string{}}
	for _, kv := range list {
		v.fields[kv.key] = kv.value
	}
	return v
}

// checkInvalid decodes and applies what may be refused.
func (v vector) checkInvalid(json string) error {
	d, err := DecodeJSON([]byte(json), DefaultLimits)
	var after Delta
	if err == nil {
		after, err = applied(v.delta("doc"), d)
	}
	switch must := v.str("must"); {
	case must == "reject" && err == nil:
		return fmt.Errorf("accepted %s", json)
	case must == "accept" && err != nil:
		return fmt.Errorf("refused: %w", err)
	case err != nil:
		return nil
	}
	want := readVectorFields(v.fields["js"]).delta("ops")
	if got := comparable(Normalize(after)); !got.Equal(comparable(Normalize(want))) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}
