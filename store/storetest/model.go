package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/quire-editor/quire/store"
)

// Model runs random calls against a store and a twin in memory, and compares
// every answer. rapid prints the seed of a failure and how to run it again.
func Model(t *testing.T, open Opener) {
	rapid.Check(t, func(t *rapid.T) { CheckModel(t, open) })
}

// CheckModel is one run of Model, for callers with a rapid.T of their own.
func CheckModel(t *rapid.T, open Opener) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{open: open, dir: dir, docs: map[string]*twin{}}
	defer func() {
		if m.s != nil {
			_ = m.s.Close()
		}
		for _, d := range append(m.old, m.dir) {
			_ = os.RemoveAll(d)
		}
	}()
	m.start(t)
	t.Repeat(map[string]func(*rapid.T){
		"":         m.compareInfo,
		"append":   m.append,
		"pipeline": m.pipeline,
		"meta":     m.setMeta,
		"delete":   m.delete,
		"snapshot": m.putSnapshot,
		"flush":    m.flush,
		"read":     m.read,
		"last":     m.last,
		"find":     m.findSnapshot,
		"time":     m.byTime,
		"send":     m.sendMessages,
		"messages": m.readMessages,
		"redact":   m.redact,
		"retain":   m.retain,
		"list":     m.list,
		"compact":  m.compact,
		"reopen":   m.reopen,
		"restore":  m.restore,
	})
	m.reopen(t)
	m.compareAll(t)
}

// twin is a document as the model has it.
type twin struct {
	recs        []store.Record
	meta        []byte
	metaVersion uint64
	snapshots   map[uint64][][]byte // every state put for a revision
	messages    []store.Message
	first       uint64 // records before it are dropped
	redactions  uint64
}

type machine struct {
	open Opener
	dir  string
	old  []string // folders of before a restore
	s    Store
	docs map[string]*twin
	seq  uint64
}

var (
	documents = []string{"a", "b", "a b/ü", strings.Repeat("x", store.MaxDocumentBytes)}
	sources   = []string{"s1", "s2", "a much longer source than the others", ""}
)

func (m *machine) start(t *rapid.T) {
	s, err := m.open(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	m.s = s
}

func (m *machine) document(t *rapid.T) string {
	return rapid.SampledFrom(documents).Draw(t, "document")
}

// records draws up to n new records and how they will be numbered from at.
func (m *machine) records(t *rapid.T, at uint64, n int) []store.Record {
	recs := make([]store.Record, n)
	for i := range recs {
		m.seq++
		size := rapid.SampledFrom([]int{0, 1, 3, 20, 20, 300, 5000, 40_000}).Draw(t, "size")
		recs[i] = store.Record{
			Revision: at + uint64(i),
			Src:      rapid.SampledFrom(sources).Draw(t, "src"),
			Seq:      rapid.SampledFrom([]uint64{m.seq, m.seq, 0, ^uint64(0)}).Draw(t, "seq"),
			Author:   rapid.SampledFrom(sources).Draw(t, "author"),
			Time:     rapid.SampledFrom([]int64{0, 1_700_000_000_000, -5, 1<<63 - 1}).Draw(t, "time"),
			Payload:  bytes.Repeat(fmt.Append(nil, m.seq, " "), size/2+1)[:size],
		}
	}
	return recs
}

// expected draws the true revision, and now and then another.
func (m *machine) expected(t *rapid.T, id string) (have, expect uint64) {
	if d := m.docs[id]; d != nil {
		have = uint64(len(d.recs))
	}
	off := rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, -2, -1, 1, 7}).Draw(t, "off")
	return have, uint64(max(0, int(have)+off))
}

func (m *machine) append(t *rapid.T) {
	id := m.document(t)
	have, expect := m.expected(t, id)
	recs := m.records(t, expect, rapid.IntRange(0, 5).Draw(t, "n"))
	var meta []byte
	if len(recs) == 0 || rapid.IntRange(0, 3).Draw(t, "meta") == 0 {
		meta = fmt.Append(nil, "meta", m.seq)
	}
	err := m.s.Append(ctx, id, expect, recs, meta)
	m.judge(t, err, m.refusal(id, have, expect, len(recs)))
	if err == nil {
		m.apply(id, recs, meta)
	}
}

// refusal is the error that an append must meet, or nil.
func (m *machine) refusal(id string, have, expect uint64, n int) error {
	switch {
	case m.docs[id] == nil && (expect > 0 || n == 0):
		return store.ErrNotFound
	case expect != have:
		return store.ErrConflict
	}
	return nil
}

func (m *machine) judge(t *rapid.T, err, want error) {
	if !errors.Is(err, want) || want == nil && err != nil {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func (m *machine) apply(id string, recs []store.Record, meta []byte) {
	d := m.docs[id]
	if d == nil {
		d = &twin{snapshots: map[uint64][][]byte{}}
		m.docs[id] = d
	}
	d.recs = append(d.recs, recs...)
	if meta != nil {
		d.meta, d.metaVersion = meta, d.metaVersion+1
	}
}

// pipeline sends several appends through a writer, one of them perhaps wrong:
// what comes before it is stored, and nothing from it on.
func (m *machine) pipeline(t *rapid.T) {
	id := m.document(t)
	w := m.s.Writer(id)
	defer w.Close()
	n := rapid.IntRange(1, 6).Draw(t, "appends")
	var want error
	have := uint64(0)
	for range n {
		var expect uint64
		have, expect = m.expected(t, id)
		recs := m.records(t, expect, rapid.IntRange(1, 3).Draw(t, "n"))
		err := w.Append(expect, recs, nil)
		if want != nil {
			continue // queued or refused, it must not be stored
		}
		if err != nil {
			t.Fatalf("queueing: %v", err)
		}
		if want = m.refusal(id, have, expect, len(recs)); want == nil {
			m.apply(id, recs, nil)
			have += uint64(len(recs))
		}
	}
	for {
		durable, err := w.Durable()
		if err != nil || want == nil && durable >= have {
			m.judge(t, err, want)
			if durable != have {
				t.Fatalf("watermark %d, want %d", durable, have)
			}
			return
		}
		<-w.Wake()
	}
}

func (m *machine) setMeta(t *rapid.T) {
	id := m.document(t)
	d := m.docs[id]
	version := uint64(rapid.IntRange(0, 2).Draw(t, "version"))
	if d != nil && rapid.Bool().Draw(t, "right") {
		version = d.metaVersion
	}
	m.seq++
	meta := fmt.Append(nil, "set", m.seq)
	err := m.s.SetMeta(ctx, id, version, meta)
	switch {
	case d == nil:
		m.judge(t, err, store.ErrNotFound)
	case d.metaVersion != version:
		m.judge(t, err, store.ErrConflict)
	default:
		m.judge(t, err, nil)
		d.meta, d.metaVersion = meta, version+1
	}
}

func (m *machine) delete(t *rapid.T) {
	id := m.document(t)
	err := m.s.Delete(ctx, id)
	if m.docs[id] == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	delete(m.docs, id)
}

func (m *machine) putSnapshot(t *rapid.T) {
	id := m.document(t)
	d := m.docs[id]
	revision := uint64(rapid.IntRange(0, 12).Draw(t, "revision"))
	m.seq++
	state := bytes.Repeat(fmt.Append(nil, "state", m.seq), rapid.SampledFrom([]int{0, 1, 2000}).Draw(t, "size"))
	err := m.s.PutSnapshot(id, store.Snapshot{Revision: revision, State: state})
	switch {
	case d == nil:
		m.judge(t, err, store.ErrNotFound)
	case revision > uint64(len(d.recs)):
		m.judge(t, err, store.ErrConflict)
	case revision < d.first:
		m.judge(t, err, nil) // it is of no use
	default:
		m.judge(t, err, nil)
		d.snapshots[revision] = append(d.snapshots[revision], state)
	}
}

func (m *machine) findSnapshot(t *rapid.T) {
	id := m.document(t)
	m.compareSnapshot(t, id, uint64(rapid.IntRange(0, 14).Draw(t, "at")))
}

func (m *machine) compareSnapshot(t *rapid.T, id string, at uint64) {
	got, ok, err := m.s.Snapshot(id, at)
	d := m.docs[id]
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	newest, any := uint64(0), false
	for revision := range d.snapshots {
		newest, any = max(newest, revision), true
	}
	if any && newest <= at && (!ok || got.Revision != newest) {
		t.Fatalf("Snapshot(%d) = %d, %v; the newest is at %d", at, got.Revision, ok, newest)
	}
	if !ok {
		return
	}
	same := func(b []byte) bool { return bytes.Equal(b, got.State) }
	if got.Revision > at || !slices.ContainsFunc(d.snapshots[got.Revision], same) {
		t.Fatalf("Snapshot(%d) = revision %d with a state nobody put", at, got.Revision)
	}
}

func (m *machine) flush(t *rapid.T) { m.judge(t, m.s.Flush(ctx), nil) }

func (m *machine) compact(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "rarely") > 0 {
		return
	}
	_, _, err := m.s.Compact(ctx, nil)
	m.judge(t, err, nil)
}

func (m *machine) reopen(t *rapid.T) {
	m.judge(t, m.s.Close(), nil)
	m.start(t)
}

// restore goes on with a store made from a backup.
func (m *machine) restore(t *rapid.T) {
	var b bytes.Buffer
	m.judge(t, m.s.Backup(ctx, &b, nil), nil)
	m.judge(t, m.s.Close(), nil)
	m.old = append(m.old, m.dir)
	dir, err := os.MkdirTemp("", "storetest")
	m.judge(t, err, nil)
	m.dir = dir
	m.judge(t, store.Restore(dir, &b), nil)
	m.start(t)
	for id, d := range m.docs {
		m.forgetLostSnapshots(t, id, d)
	}
}

// forgetLostSnapshots takes out of the twin the snapshots that waited in memory
// and so are not in a backup.
func (m *machine) forgetLostSnapshots(t *rapid.T, id string, d *twin) {
	kept := map[uint64][][]byte{}
	for at := range d.snapshots {
		sn, ok, err := m.s.Snapshot(id, at)
		m.judge(t, err, nil)
		if !ok {
			continue
		}
		same := func(b []byte) bool { return bytes.Equal(b, sn.State) }
		if sn.Revision > at || !slices.ContainsFunc(d.snapshots[sn.Revision], same) {
			t.Fatalf("restored Snapshot(%d) = revision %d with a state nobody put", at, sn.Revision)
		}
		kept[sn.Revision] = d.snapshots[sn.Revision]
	}
	d.snapshots = kept
}

func (m *machine) read(t *rapid.T) {
	id := m.document(t)
	from := uint64(rapid.IntRange(0, 30).Draw(t, "from"))
	to := from + uint64(rapid.IntRange(0, 30).Draw(t, "length"))
	m.compareRecords(t, id, from, to)
}

func (m *machine) compareRecords(t *rapid.T, id string, from, to uint64) {
	next := from
	d := m.docs[id]
	err := m.s.Records(id, from, to, func(r store.Record) error {
		if next >= uint64(len(d.recs)) || next >= to {
			return fmt.Errorf("record %d is too much", r.Revision)
		}
		w := d.recs[next]
		if r.Revision != next || r.Src != w.Src || r.Seq != w.Seq || r.Author != w.Author || r.Time != w.Time || !bytes.Equal(r.Payload, w.Payload) {
			return fmt.Errorf("record %d of %q is %.200v, want %.200v", next, id, r, w)
		}
		next++
		return nil
	})
	switch {
	case d == nil:
		m.judge(t, err, store.ErrNotFound)
		return
	case from < min(to, d.first):
		m.judge(t, err, store.ErrDropped)
		return
	}
	m.judge(t, err, nil)
	if want := max(from, min(to, uint64(len(d.recs)))); next != want {
		t.Fatalf("records of %q from %d to %d end at %d, want %d", id, from, to, next, want)
	}
}

func (m *machine) last(t *rapid.T) {
	id, src := m.document(t), rapid.SampledFrom(append(sources, "nobody")).Draw(t, "src")
	m.compareLast(t, id, src)
}

func (m *machine) compareLast(t *rapid.T, id, src string) {
	seq, revision, ok, err := m.s.Last(id, src)
	d := m.docs[id]
	if d == nil {
		m.judge(t, err, store.ErrNotFound)
		return
	}
	m.judge(t, err, nil)
	for i := len(d.recs) - 1; i >= 0; i-- {
		if r := d.recs[i]; r.Src == src {
			if !ok || seq != r.Seq || revision != r.Revision {
				t.Fatalf("Last(%q, %q) = %d, %d, %v; want %d, %d", id, src, seq, revision, ok, r.Seq, r.Revision)
			}
			return
		}
	}
	if ok {
		t.Fatalf("Last(%q, %q) = %d, %d of a source without records", id, src, seq, revision)
	}
}

func (m *machine) list(t *rapid.T) {
	after := rapid.SampledFrom(append(documents, "", "a!")).Draw(t, "after")
	limit := rapid.IntRange(0, 5).Draw(t, "limit")
	var want []string
	for id := range m.docs {
		if id > after {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	if limit > 0 && len(want) > limit {
		want = want[:limit]
	}
	got, err := m.s.List(after, limit)
	m.judge(t, err, nil)
	if len(got) != len(want) {
		t.Fatalf("List(%q, %d) has %d documents, want %q", after, limit, len(got), want)
	}
	for i, info := range got {
		if info.Document != want[i] {
			t.Fatalf("List(%q, %d)[%d] = %q, want %q", after, limit, i, info.Document, want[i])
		}
		m.compare(t, info)
	}
}

func (m *machine) compareInfo(t *rapid.T) {
	for _, id := range documents {
		info, err := m.s.Info(id)
		if m.docs[id] == nil {
			m.judge(t, err, store.ErrNotFound)
			continue
		}
		m.judge(t, err, nil)
		m.compare(t, info)
	}
}

func (m *machine) compare(t *rapid.T, info store.Info) {
	d := m.docs[info.Document]
	if info.Messages != uint64(len(d.messages)) || info.First != d.first || info.Redactions != d.redactions {
		t.Fatalf("info of %q is %+v, want %d messages, first %d, redactions %d", info.Document, info, len(d.messages), d.first, d.redactions)
	}
	if info.Revision != uint64(len(d.recs)) || info.MetaVersion != d.metaVersion ||
		!bytes.Equal(info.Meta, d.meta) || info.Created != d.recs[0].Time || info.Modified < info.Created {
		t.Fatalf("info of %q is %+v, want %d records, metadata %q version %d, created %d",
			info.Document, info, len(d.recs), d.meta, d.metaVersion, d.recs[0].Time)
	}
}

func (m *machine) compareAll(t *rapid.T) {
	m.compareInfo(t)
	for _, id := range documents {
		from := uint64(0)
		if d := m.docs[id]; d != nil {
			from = d.first
			m.compareKept(t, id, d)
		}
		m.compareRecords(t, id, from, 1<<60)
		m.compareMessages(t, id, 0, 1<<60)
		for _, src := range sources {
			m.compareLast(t, id, src)
		}
	}
}
