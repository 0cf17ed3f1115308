package store

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var writeFormat = flag.Bool("format.write", false, "write testdata for the present format")

// exampleRecords are those of the example in FORMAT.md.
var exampleRecords = []Record{
	{Revision: 0, Src: "s1", Seq: 1, Author: "ann", Time: 1_750_000_000_000, Payload: []byte("Hi")},
	{Revision: 1, Src: "s1", Seq: 2, Author: "ann", Time: 1_750_000_000_140, Payload: []byte("!")},
}

// formatExamples are the bytes that FORMAT.md shows, by the name it gives them.
func formatExamples(t *testing.T) map[string][]byte {
	t.Helper()
	r, err := newAppend("doc", 0, exampleRecords, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	var frame []byte
	_, _ = putFrames(nil, mustChain(r.body), 1, func(_, value []byte) error { frame = value; return nil })
	setMeta := entry{kind: entrySetMeta, document: "doc", expect: 1, time: 1_750_000_000_200, hasMeta: true, meta: []byte("{1}")}
	h := header{number: 7, docHead: docHead{revision: 2, created: 1_750_000_000_000, modified: 1_750_000_000_140, metaVersion: 1}}
	key := partKey(7, 1, 0)
	hello := Message{Author: "ann", Time: 1_750_000_000_300, Payload: []byte("hello")}
	said := entry{kind: entryMessages, document: "doc", count: 1, records: appendMessage(nil, &hello)}
	h2 := h
	h2.messages, h2.rewritten = 1, rewritten{first: 1, latest: 1_750_000_000_000, redactions: 1}
	return map[string][]byte{
		"append entry":         r.body,
		"set-meta entry":       appendEntry(nil, &setMeta),
		"delete entry":         appendEntry(nil, &entry{kind: entryDelete, document: "doc"}),
		"messages entry":       appendEntry(nil, &said),
		"frame 1":              frame,
		"stamp":                binary.BigEndian.AppendUint64(nil, stamp(9, journalEnd{1, batchSum(frame)})),
		"mark":                 settledMark(9),
		"header":               seal([]byte("doc"), h.encode()),
		"header with messages": seal([]byte("doc"), h2.encode()),
		"message":              said.records,
		"doomed":               seal(numberKey(7), binary.AppendUvarint(nil, everything)),
		"scrub":                seal(keyScrub, nil),
		"part key":             key,
		"part":                 seal(key, append([]byte{1, 0}, "abc"...)),
		"chunk":                mustCodec(t).encodeChunk(exampleRecords),
		"source key":           sourceKey(7, "s1"),
		"source":               seal(sourceKey(7, "s1"), []byte{2, 1}),
		"version":              seal(keyVersion, []byte{0, 0, 0, formatVersion}),
	}
}

// FORMAT.md is what somebody reads who has nothing but the files. Its examples
// are what this code writes.
func TestFormatExamplesAreWhatTheCodeWrites(t *testing.T) {
	doc, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(doc)), " ")
	for name, b := range formatExamples(t) {
		want := strings.Join(strings.Fields(name+": "+spaced(b)), " ")
		if !strings.Contains(flat, want) {
			t.Errorf("FORMAT.md lacks\n%s", want)
		}
	}
}

func spaced(b []byte) string {
	var out []string
	for i := range b {
		out = append(out, hex.EncodeToString(b[i:i+1]))
	}
	return strings.Join(out, " ")
}

// Files of every format stay readable for ever. Each testdata/formatN.gz is a
// backup made by the program that introduced format N.
func TestFilesOfEveryFormatAreRead(t *testing.T) {
	if *writeFormat {
		writeFormatFile(t, fmt.Sprintf("testdata/format%d.gz", formatVersion))
	}
	names, err := filepath.Glob("testdata/format*.gz")
	if err != nil || len(names) != formatVersion {
		t.Fatalf("%d files for %d formats: %v", len(names), formatVersion, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir := t.TempDir()
			unpackFormat(t, name, dir)
			s := openTest(t, dir, Options{})
			checkFormatFile(t, s)
			if !strings.Contains(name, "format1") {
				checkFormat2(t, s)
			}
			if err := s.AppendMessages(ctx, "journal", 0, []Message{{Payload: []byte("x")}}); err != nil {
				t.Error(err)
			}
		})
	}
}

// unpackFormat makes a data folder of one of those files.
func unpackFormat(t *testing.T, name, dir string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := Restore(dir, z); err != nil {
		t.Fatal(err)
	}
}

func writeFormatFile(t *testing.T, name string) {
	t.Helper()
	s := openTest(t, t.TempDir(), Options{})
	append2 := func(doc string, at uint64) {
		for _, r := range exampleRecords {
			r.Revision += at
			if err := s.Append(ctx, doc, r.Revision, []Record{r}, []byte("{}")); err != nil {
				t.Fatal(err)
			}
		}
	}
	append2("flushed", 0)
	append2("both", 0)
	append2("gone", 0)
	if err := s.PutSnapshot("both", Snapshot{2, []byte("Hi!")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	said := []Message{{Author: "ann", Time: 1_750_000_000_300, Payload: []byte("hello")}}
	state := []Snapshot{{1, []byte("Hi")}}
	if err := errors.Join(s.AppendMessages(ctx, "both", 0, said), s.Retain(ctx, "flushed", 1, state), s.Redact(ctx, "flushed", Redaction{})); err != nil {
		t.Fatal(err)
	}
	append2("both", 2)
	if err := s.AppendMessages(ctx, "both", 1, said); err != nil {
		t.Fatal(err)
	}
	append2("journal", 0)
	if err := s.Delete(ctx, "gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetMeta(ctx, "flushed", 2, []byte("{2}")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := s.Backup(ctx, z, nil); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkFormat2 checks what format 2 brought.
func checkFormat2(t *testing.T, s *Store) {
	t.Helper()
	info, err := s.Info("flushed")
	if err != nil || info.First != 1 || info.Redactions != 1 {
		t.Errorf("Info = %+v, %v", info, err)
	}
	text := ""
	err = s.Messages("both", 0, 9, func(m Message) error { text += m.Author + string(m.Payload); return nil })
	if err != nil || text != "annhelloannhello" {
		t.Errorf("messages are %q, %v", text, err)
	}
}

func checkFormatFile(t *testing.T, s *Store) {
	t.Helper()
	all, err := s.List("", 0)
	if err != nil || len(all) != 3 {
		t.Fatalf("List = %+v, %v", all, err)
	}
	for doc, want := range map[string]string{"flushed": "Hi!", "both": "Hi!Hi!", "journal": "Hi!"} {
		text := ""
		info, err := s.Info(doc)
		if err != nil {
			t.Fatal(err)
		}
		if info.First == 1 {
			text = "Hi" // the state that is kept in its place
		}
		for _, r := range readAll(t, s, doc, info.First, 99) {
			text += string(r.Payload)
			if r.Src != "s1" || r.Author != "ann" || r.Time/1000 != 1_750_000_000 {
				t.Errorf("%s has %+v", doc, r)
			}
		}
		if text != want {
			t.Errorf("%s reads %q, want %q", doc, text, want)
		}
	}
	if sn, ok, err := s.Snapshot("both", 3); err != nil || !ok || sn.Revision != 2 || string(sn.State) != "Hi!" {
		t.Errorf("Snapshot = %+v, %v, %v", sn, ok, err)
	}
	if info, err := s.Info("flushed"); err != nil || string(info.Meta) != "{2}" || info.MetaVersion != 3 {
		t.Errorf("Info = %+v, %v", info, err)
	}
}

// mustChain is the first batch of a journal.
func mustChain(entries []byte) []byte {
	batch, _ := chain(entries, 0)
	return batch
}

// batchSum is the sum at the end of a batch and its last frame.
func batchSum(b []byte) uint32 { return binary.LittleEndian.Uint32(b[len(b)-4:]) }
