// Package store keeps the logs of documents on disk. It knows nothing about
// what a record means: payloads, metadata and snapshots are opaque bytes.
//
// A document is a log of records numbered 0, 1, 2, … (their revisions), a log of
// messages numbered likewise (their indices), a metadata value with a version,
// and replaceable snapshots of the state after some number of records. A
// document exists from its first record on.
//
// # Results of a write
//
// Every write ends in one of three ways:
//
//   - Durable: nil, or a watermark that covers it. It is on disk, fsync included.
//   - Certainly not stored: ErrConflict, ErrNotFound, ErrInvalid, ErrTooLarge,
//     ErrNoSpace, ErrReadOnly, ErrClosed.
//   - Unknown: everything else. When a commit fails in a way that may or may not
//     have reached the disk, the store fails itself: this and every later call
//     answers ErrUnknown. The cure is to Open again, look at what is there, and
//     let clients send again under the same (Src, Seq). A context that ends while
//     a call waits leaves the outcome of that one call unknown too, but the store
//     goes on.
//
// # Files
//
// Two bbolt files. journal.db takes every acknowledged write in global order,
// one fsynced transaction for whatever all documents queued. main.db takes the
// records later, in the background, as compressed chunks per document, together
// with metadata, snapshots and the table of sources. A journal segment is
// dropped only after the main.db transaction that holds all of it returned.
// FORMAT.md describes every byte.
package store

import (
	"errors"
	"log/slog"
	"time"
)

// Record is one entry of a document's log. The record with revision r takes
// the document from revision r to r+1; the first has revision 0.
//
// (Src, Seq) names the submission a record came from, for exactly-once
// delivery; Last answers the newest of a source.
type Record struct {
	// Revision is the record's place in the log. The store assigns it; for an
	// append it may be left zero or must equal its place.
	Revision uint64
	Src      string // who sent it, at most MaxNameBytes
	Seq      uint64 // the sender's number for it
	Author   string // whose work it is, at most MaxNameBytes
	Time     int64  // milliseconds since the Unix epoch
	Payload  []byte // opaque, at most MaxPayloadBytes
}

// Snapshot is the state of a document after its first Revision records.
type Snapshot struct {
	Revision uint64
	State    []byte // opaque, at most MaxSnapshotBytes
}

// Message is one entry of a document's second log, for what belongs to the
// document and is no change to its state: chat, notices.
type Message struct {
	// Index is the message's place in the log. The store assigns it; for an
	// append it may be left zero or must equal its place.
	Index   uint64
	Author  string // whose it is, at most MaxNameBytes
	Time    int64  // milliseconds since the Unix epoch
	Payload []byte // opaque, at most MaxMessageBytes
}

// Info describes a document without its content.
type Info struct {
	Document    string
	Revision    uint64 // number of durable records
	First       uint64 // revision of the oldest record that is kept, see Retain
	Redactions  uint64 // number of times the log was redacted
	Messages    uint64 // number of durable messages
	Created     int64  // time of the first record, milliseconds since the Unix epoch
	Modified    int64  // latest time of a record or metadata change, milliseconds
	Meta        []byte // nil until first set
	MetaVersion uint64 // number of times Meta was set
}

// Limits on what one call may store. Exceeding one is ErrTooLarge and stores nothing.
const (
	MaxDocumentBytes = 128      // length of a document ID
	MaxNameBytes     = 255      // length of Record.Src and Record.Author
	MaxPayloadBytes  = 16 << 20 // length of Record.Payload
	MaxAppendBytes   = 32 << 20 // all records and metadata of one append, encoded
	MaxMetaBytes     = 64 << 10 // length of the metadata
	MaxMessageBytes  = 64 << 10 // length of Message.Payload
	MaxSnapshotBytes = 64 << 20 // length of Snapshot.State
)

// Errors of a write that certainly stored nothing, and of a read that found nothing.
var (
	// ErrNotFound is returned when the document does not exist.
	ErrNotFound = errors.New("store: no such document")
	// ErrConflict is returned when the expected revision, message index or metadata
	// version is not the stored one, by PutSnapshot for a revision that is not
	// durable yet, and by a read during which the log was redacted.
	ErrConflict = errors.New("store: conflict")
	// ErrDropped is returned by a read of records that Retain has dropped.
	ErrDropped = errors.New("store: these records are no longer kept")
	// ErrInvalid is returned for an empty document ID, an append of nothing, or
	// records whose revisions contradict the expected one.
	ErrInvalid = errors.New("store: invalid argument")
	// ErrTooLarge is returned when a limit is exceeded; the text names it.
	ErrTooLarge = errors.New("store: too large")
	// ErrNoSpace is returned when the disk is full and the write is known not to
	// have been stored. The store goes on; writes work again once there is room.
	ErrNoSpace = errors.New("store: no space left on device")
	// ErrBusy is returned by Compact when so much is being written that somebody
	// would have to wait for it.
	ErrBusy = errors.New("store: busy, try again when less is being written")
	// ErrClosed is returned by every call on a closed store or writer.
	ErrClosed = errors.New("store: closed")
)

// ErrUnknown is returned when the outcome of a write is unknown, and by every
// call after that: the store has failed and must be opened again.
var ErrUnknown = errors.New("store: failed, outcome of the last writes is unknown; open again")

// Errors of opening and reading files. The text says what is wrong, where, and
// what to do.
var (
	// ErrCorrupt is returned when a checksum or the structure of a file is
	// wrong. The text says what and where.
	ErrCorrupt = errors.New("store: data is damaged")
	// ErrInUse is returned by Open when another process holds the folder.
	ErrInUse = errors.New("store: data folder is in use by another quire")
	// ErrNewer is returned by Open when the files were written by a newer format.
	ErrNewer = errors.New("store: data was written by a newer quire")
	// ErrForeign is returned by Open when a file is not one of this package's.
	ErrForeign = errors.New("store: not a quire data file")
	// ErrReadOnly is returned by Open when the folder or a file cannot be written, and
	// by a write when the disk has become read-only and the write is known not to have
	// been stored. The store goes on; writes work again once the disk takes them.
	ErrReadOnly = errors.New("store: data folder is not writable")
)

// Options tune Open. The zero value is right for production.
type Options struct {
	// Logger receives what an operator should know; nil means slog.Default.
	Logger *slog.Logger
	// LockTimeout is how long Open waits for another process to leave the
	// folder. Zero means one second.
	LockTimeout time.Duration
	// SegmentBytes is the size at which a journal segment is handed to the
	// background flusher; it bounds memory and the time to recover. Zero means 8 MiB.
	SegmentBytes int
	// MaxBytes is how much the documents may take in main.db. Beyond it appends are
	// refused with ErrNoSpace, as by a full disk, until something is deleted; the
	// journal may hold a few segments more. Zero means as much as the disk has.
	MaxBytes int64
	// MinGap is the least time between the starts of two commits, twice of which
	// lies between those of few requests; a commit after idle starts at once. Zero
	// means 0.95 milliseconds, negative none.
	MinGap time.Duration
	// Now is the clock that stamps metadata changes; nil means time.Now.
	Now func() time.Time

	// Committed, unless nil, is told of each commit of the journal. It must not block.
	Committed func(Commit)

	// AcceptOlder opens files whose newest commit cannot be read with what was
	// there before it. Open refuses them otherwise, because what was
	// acknowledged last may be lost.
	AcceptOlder bool

	// hooks let this package's tests observe and break the disk.
	hooks hooks
}

const (
	defaultSegmentBytes = 8 << 20
	defaultMinGap       = 950 * time.Microsecond
	defaultLockTimeout  = time.Second
)

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = defaultLockTimeout
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	if o.MinGap == 0 {
		o.MinGap = defaultMinGap
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
