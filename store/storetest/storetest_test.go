package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/quire-editor/quire/store"
)

// planted is a store with one bug.
type planted struct {
	Store
	bug string
}

func (p planted) Append(ctx context.Context, doc string, expect uint64, recs []store.Record, meta []byte) error {
	info, err := p.Info(doc)
	switch {
	case p.bug == "a too low expectation is taken" && err == nil && expect < info.Revision,
		p.bug == "a too high expectation is taken" && err == nil && expect > info.Revision:
		fixed := append([]store.Record(nil), recs...)
		for i := range fixed {
			fixed[i].Revision = 0
		}
		return p.Store.Append(ctx, doc, info.Revision, fixed, meta)
	case p.bug == "metadata is stored although the append conflicts" && err == nil && expect != info.Revision && meta != nil:
		_ = p.SetMeta(ctx, doc, info.MetaVersion, meta)
	case p.bug == "metadata of an append is lost" && len(recs) > 0:
		meta = nil
	}
	return p.Store.Append(ctx, doc, expect, recs, meta)
}

func (p planted) SetMeta(ctx context.Context, doc string, version uint64, meta []byte) error {
	if info, err := p.Info(doc); err == nil && p.bug == "metadata is set without comparing" {
		version = info.MetaVersion
	}
	return p.Store.SetMeta(ctx, doc, version, meta)
}

func (p planted) Records(doc string, from, to uint64, fn func(store.Record) error) error {
	if p.bug == "a range ends one record early" && to > from+1 {
		to--
	}
	if info, err := p.Info(doc); err == nil && p.bug == "dropped records are passed over" {
		from = max(from, info.First)
	}
	return p.Store.Records(doc, from, to, func(r store.Record) error {
		if p.bug == "the author of a record is lost" && r.Revision > 2 {
			r.Author = ""
		}
		return fn(r)
	})
}

func (p planted) RevisionAt(doc string, at int64) (uint64, error) {
	n, err := p.Store.RevisionAt(doc, at)
	if err != nil {
		return n, err
	}
	info, _ := p.Info(doc)
	_ = p.Store.Records(doc, 0, info.Revision, func(r store.Record) error {
		switch {
		case p.bug == "a record behind its time counts at once" && r.Time <= at:
			n = max(n, r.Revision+1)
		case p.bug == "a record of the very time does not count" && r.Time == at:
			n = min(n, r.Revision)
		}
		return nil
	})
	return n, nil
}

func (p planted) Last(doc, src string) (uint64, uint64, bool, error) {
	seq, rev, ok, err := p.Store.Last(doc, src)
	if p.bug == "the newest of a source is its greatest number" && ok {
		_ = p.Store.Records(doc, 0, 1<<60, func(r store.Record) error {
			if r.Src == src && r.Seq > seq {
				seq, rev = r.Seq, r.Revision
			}
			return nil
		})
	}
	return seq, rev, ok, err
}

func (p planted) Snapshot(doc string, at uint64) (store.Snapshot, bool, error) {
	if p.bug == "a snapshot after the asked revision is returned" {
		at = 1 << 60
	}
	return p.Store.Snapshot(doc, at)
}

func (p planted) AppendMessages(ctx context.Context, doc string, expect uint64, messages []store.Message) error {
	if info, err := p.Info(doc); err == nil && p.bug == "messages are stored without comparing" && expect != info.Messages {
		fixed := append([]store.Message(nil), messages...)
		for i := range fixed {
			fixed[i].Index = 0
		}
		return p.Store.AppendMessages(ctx, doc, info.Messages, fixed)
	}
	return p.Store.AppendMessages(ctx, doc, expect, messages)
}

func (p planted) MessagesBefore(doc string, before uint64, limit int) ([]store.Message, error) {
	if p.bug == "going back begins one message early" && before > 0 {
		before--
	}
	return p.Store.MessagesBefore(doc, before, limit)
}

func (p planted) Redact(ctx context.Context, doc string, r store.Redaction) error {
	switch p.bug {
	case "a redaction ends one record early":
		r.To -= min(r.To, 1)
	case "a redaction leaves the snapshots":
		r.Snapshot = func(s store.Snapshot) ([]byte, error) { return s.State, nil }
	}
	return p.Store.Redact(ctx, doc, r)
}

func (p planted) Retain(ctx context.Context, doc string, first uint64, states []store.Snapshot) error {
	if p.bug == "retention loses the oldest state" && len(states) > 1 {
		states = states[1:]
	}
	return p.Store.Retain(ctx, doc, first, states)
}

func (p planted) Compact(ctx context.Context, progress func(done, total int64)) (before, after int64, err error) {
	before, after, err = p.Store.Compact(ctx, progress)
	if all, _ := p.List("", 1); p.bug == "a compaction loses the first document" && len(all) > 0 {
		_ = p.Store.Delete(ctx, all[0].Document)
	}
	return before, after, err
}

func (p planted) List(after string, limit int) ([]store.Info, error) {
	all, err := p.Store.List(after, limit)
	if p.bug == "a list leaves out its last document" && limit > 0 && len(all) == limit {
		all = all[:limit-1]
	}
	return all, err
}

func (p planted) Delete(ctx context.Context, doc string) error {
	if p.bug == "a deleted document comes back" {
		info, err := p.Info(doc)
		if err == nil && info.Revision > 6 {
			return nil
		}
	}
	return p.Store.Delete(ctx, doc)
}

func (p planted) Writer(doc string) Writer {
	return plantedWriter{p.Store.Writer(doc), p.bug}
}

type plantedWriter struct {
	Writer
	bug string
}

func (w plantedWriter) Durable() (uint64, error) {
	n, err := w.Writer.Durable()
	if w.bug == "a writer's conflict is not told" && err != nil {
		return n + 1, nil
	}
	if w.bug == "the watermark is one too high" && n > 4 {
		n++
	}
	return n, err
}

// The suite is worth what it finds. Each of these bugs must fail the model.
func TestModelFindsPlantedBugs(t *testing.T) {
	for _, bug := range []string{
		"a too low expectation is taken",
		"a too high expectation is taken",
		"metadata is stored although the append conflicts",
		"metadata of an append is lost",
		"metadata is set without comparing",
		"a range ends one record early",
		"the author of a record is lost",
		"the newest of a source is its greatest number",
		"a snapshot after the asked revision is returned",
		"a record behind its time counts at once",
		"a record of the very time does not count",
		"messages are stored without comparing",
		"going back begins one message early",
		"a redaction ends one record early",
		"a redaction leaves the snapshots",
		"retention loses the oldest state",
		"dropped records are passed over",
		"a compaction loses the first document",
		"a list leaves out its last document",
		"a deleted document comes back",
		"the watermark is one too high",
	} {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			if !modelFails(t, func(s Store) Store { return planted{s, bug} }) {
				t.Error("the model did not notice")
			}
		})
	}
}

func TestModelFindsForgottenWrites(t *testing.T) {
	lost := func(s Store) Store { return &forgetful{Store: s} }
	if !modelFails(t, lost) {
		t.Error("the model did not notice that a reopened store lacks a write")
	}
}

// forgetful acknowledges its third append without storing it.
type forgetful struct {
	Store
	n int
}

func (f *forgetful) Append(ctx context.Context, doc string, expect uint64, recs []store.Record, meta []byte) error {
	if f.n++; f.n == 3 {
		return nil
	}
	return f.Store.Append(ctx, doc, expect, recs, meta)
}

// modelFails runs the model on a store with a bug and tells whether it failed.
func modelFails(t *testing.T, plant func(Store) Store) bool {
	open := func(dir string) (Store, error) {
		s, err := store.Open(dir, store.Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1, SegmentBytes: 64 << 10})
		if err != nil {
			return nil, err
		}
		return plant(Adapt(s)), nil
	}
	v := &verdict{name: t.Name()}
	for round := 0; round < 5 && !v.failed; round++ { // one finds them nearly always
		done := make(chan struct{})
		go func() { // FailNow ends the goroutine it is called on
			defer close(done)
			rapid.Check(v, func(t *rapid.T) { CheckModel(t, open) })
		}()
		<-done
	}
	return v.failed
}

// verdict is a rapid.TB that only remembers whether it failed.
type verdict struct {
	name   string
	failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Name() string          { return v.name }
func (v *verdict) Logf(string, ...any)   {}
func (v *verdict) Log(...any)            {}
func (v *verdict) Skipf(string, ...any)  { v.SkipNow() }
func (v *verdict) Skip(...any)           { v.SkipNow() }
func (v *verdict) SkipNow()              { runtime.Goexit() }
func (v *verdict) Errorf(string, ...any) { v.failed = true }
func (v *verdict) Error(...any)          { v.failed = true }
func (v *verdict) Fatalf(string, ...any) { v.FailNow() }
func (v *verdict) Fatal(...any)          { v.FailNow() }
func (v *verdict) Fail()                 { v.failed = true }
func (v *verdict) Failed() bool          { return v.failed }
func (v *verdict) FailNow()              { v.failed = true; runtime.Goexit() }

// memory is where Linux has a file system that is lost with the power.
const memory = "/dev/shm"

// Shrinking and failure files are of no use where failure is wanted.
func TestMain(m *testing.M) {
	for _, arg := range []string{"-rapid.shrinktime=0s", "-rapid.nofailfile", "-rapid.checks=400"} {
		os.Args = append(os.Args[:1], append([]string{arg}, os.Args[1:]...)...)
	}
	if st, err := os.Stat(memory); err == nil && st.IsDir() {
		_ = os.Setenv("TMPDIR", memory) // nothing crashes here, and an fsync costs nothing there
	}
	code := m.Run()
	if code != 0 {
		fmt.Println("rerun with: go test ./store/storetest")
	}
	os.Exit(code)
}
