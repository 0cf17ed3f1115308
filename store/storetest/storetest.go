// Package storetest is the behaviour of a store, as tests. Whoever implements
// what package store offers runs it:
//
//	func TestBehaviour(t *testing.T) {
//		storetest.Run(t, func(dir string) (storetest.Store, error) { … })
//	}
package storetest

import (
	"context"
	"io"
	"testing"

	"github.com/quire-editor/quire/store"
)

// Store is what the suite asks of a store; package store documents each method.
type Store interface {
	Append(ctx context.Context, document string, expect uint64, recs []store.Record, meta []byte) error
	SetMeta(ctx context.Context, document string, expectVersion uint64, meta []byte) error
	Delete(ctx context.Context, document string) error
	Info(document string) (store.Info, error)
	List(after string, limit int) ([]store.Info, error)
	Records(document string, from, to uint64, fn func(store.Record) error) error
	RevisionAt(document string, at int64) (uint64, error)
	RecordsBetween(document string, after, until int64, fn func(store.Record) error) error
	Last(document, src string) (seq, revision uint64, ok bool, err error)
	PutSnapshot(document string, s store.Snapshot) error
	Snapshot(document string, at uint64) (store.Snapshot, bool, error)
	AppendMessages(ctx context.Context, document string, expect uint64, messages []store.Message) error
	Messages(document string, from, to uint64, fn func(store.Message) error) error
	MessagesBefore(document string, before uint64, limit int) ([]store.Message, error)
	Redact(ctx context.Context, document string, r store.Redaction) error
	Retain(ctx context.Context, document string, first uint64, states []store.Snapshot) error
	Flush(ctx context.Context) error
	Backup(ctx context.Context, w io.Writer, progress func(done, total int64)) error
	Compact(ctx context.Context, progress func(done, total int64)) (before, after int64, err error)
	Writer(document string) Writer
	Close() error
}

// Writer is the appender of one document.
type Writer interface {
	Append(expect uint64, recs []store.Record, meta []byte) error
	Durable() (revision uint64, err error)
	Wake() <-chan struct{}
	Close()
}

// Opener opens the store in a folder: a new one if the folder is empty, else
// what was closed there before.
type Opener func(dir string) (Store, error)

// Adapt makes a *store.Store a Store.
func Adapt(s *store.Store) Store { return adapted{s} }

type adapted struct{ *store.Store }

func (a adapted) Writer(document string) Writer { return a.Store.Writer(document) }

// Run runs the whole suite.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"an append at the wrong revision conflicts and stores nothing", conflicts},
		{"a document exists from its first record on", existence},
		{"limits are refused by name and store nothing", limits},
		{"appended bytes are the store's own", aliasing},
		{"records and metadata become durable together", atomicMeta},
		{"metadata is compared and set", metaVersions},
		{"a writer's appends become durable in order", pipeline},
		{"a writer that conflicted stays ended", writerConflict},
		{"another appender does not raise a writer's watermark", foreignAppend},
		{"a deleted document leaves nothing behind", deletion},
		{"a snapshot is never ahead of the records", snapshots},
		{"the past is found by time though clocks are set back", byTime},
		{"messages are a log of their own", messages},
		{"what is redacted is gone and the rest stays", redaction},
		{"what is not retained is dropped and said to be", retention},
		{"a list is in order and continues", listing},
		{"a reader may take its time and call the store", reentrantReader},
		{"many appenders to many documents lose nothing", concurrent},
		{"a restored backup holds what was durable", backups},
		{"a closed store says so", closed},
		{"random calls agree with a model", Model},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}
