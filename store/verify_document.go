package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// errMoved ends the check of a document that was flushed or deleted meanwhile.
var errMoved = errors.New("document changed while it was checked")

// document checks all that main.db holds of a document.
func (v *verifier) document(id string) {
	var err error
	for try := range verifyTries {
		w := documentWalk{v: v, id: id}
		if try == verifyTries-1 {
			w.atOnce = true
		}
		if err = w.run(); !errors.Is(err, errMoved) {
			v.found.Records += w.from - w.header.first
			v.found.Messages += w.messages
			v.found.Sources += w.sources
			v.found.Snapshots += w.snapshots
			break
		}
	}
	v.found.Documents++
	if err != nil && !errors.Is(err, errMoved) {
		v.problem(mainName, id, err)
	}
}

// documentWalk checks one document, a few chunks at a time. It begins when it
// has read the document's row and holds only as long as that row is the same.
type documentWalk struct {
	v      *verifier
	id     string
	atOnce bool // in one transaction

	header    header
	from      uint64 // records before it are checked, or no longer kept
	matched   uint64 // sources whose newest record was met
	sources   uint64
	messages  uint64
	snapshots uint64
}

func (w *documentWalk) run() error {
	for begun := false; ; begun = true {
		began, done := time.Now(), false
		err := w.v.s.main.view(func(tx *bolt.Tx) (err error) {
			if err := w.row(tx, begun); err != nil {
				return err
			}
			done, err = w.step(tx)
			return err
		})
		if err != nil || done {
			return err
		}
		if w.v.rest(time.Since(began)) != nil {
			return errMoved // the walk over all documents ends with the reason
		}
	}
}

// row reads the document's row, or checks that it is still the same.
func (w *documentWalk) row(tx *bolt.Tx, begun bool) error {
	h, err := loadHeader(tx, w.id)
	switch {
	case err != nil:
		return err
	case !h.exists, begun && (h.number != w.header.number || h.revision != w.header.revision || h.rewritten != w.header.rewritten || h.messages != w.header.messages):
		return errMoved
	case begun:
		return nil
	}
	w.header, w.from = h, h.first
	return nil
}

// step checks some chunks, and after the last one all else.
func (w *documentWalk) step(tx *bolt.Tx) (done bool, err error) {
	for i := 0; w.from < w.header.revision; i++ {
		if i == verifyChunks && !w.atOnce {
			return false, nil
		}
		if err := w.chunk(tx); err != nil {
			return false, err
		}
	}
	if err := w.end(tx); err != nil {
		return false, err
	}
	return true, w.v.mark(w.header.number)
}

func (w *documentWalk) chunk(tx *bolt.Tx) error {
	recs, err := w.v.s.readChunk(tx.Bucket(bucketChunks), w.header.number, w.from)
	if err != nil {
		return err
	}
	if first := recs[0].Revision; first != w.from {
		return corrupt(mainName, errShort, "a chunk begins at revision %d, the one before ends at %d", first, w.from)
	}
	newest := map[string]lastOf{}
	for i := range recs {
		newest[recs[i].Src] = lastOf{recs[i].Seq, recs[i].Revision}
	}
	for src, l := range newest {
		if err := w.source(tx, src, l); err != nil {
			return err
		}
	}
	w.from += uint64(len(recs))
	return nil
}

// source compares the newest record of a source within a chunk with the table.
// Every row of the table must be met so exactly once.
func (w *documentWalk) source(tx *bolt.Tx, src string, l lastOf) error {
	row, ok, err := loadSource(tx, w.header.number, src)
	switch {
	case err != nil:
		return err
	case !ok:
		return corrupt(mainName, errShort, "source %q of revision %d is not in the table of sources", src, l.revision)
	case row.revision < l.revision, row.revision == l.revision && row.seq != l.seq:
		return corrupt(mainName, errShort, "source %q is at (%d, revision %d), the table of sources says (%d, %d)",
			src, l.seq, l.revision, row.seq, row.revision)
	case row.revision == l.revision:
		w.matched++
	}
	return nil
}

// end checks that nothing follows the last chunk, the table of sources, and the
// snapshots.
func (w *documentWalk) end(tx *bolt.Tx) error {
	if w.from != w.header.revision {
		return corrupt(mainName, errShort, "chunks reach revision %d, the row says %d", w.from, w.header.revision)
	}
	if _, _, last, ok := seekValue(readCursor(tx.Bucket(bucketChunks)), w.header.number, w.header.revision); ok {
		return corrupt(mainName, errShort, "a chunk ends at revision %d, the row says %d", last, w.header.revision)
	}
	prefix := numberKey(w.header.number)
	c := readCursor(tx.Bucket(bucketSources))
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		w.sources++
		l, err := openSource(k, v)
		if err != nil {
			return corrupt(mainName, err, "source %q", k[len(prefix):])
		}
		if l.revision < w.header.first {
			w.matched++ // its records are no longer kept
		}
	}
	if w.sources != w.matched {
		return corrupt(mainName, errShort, "the table has %d sources, %d of them agree with the records", w.sources, w.matched)
	}
	if err := w.checkMessages(tx); err != nil {
		return err
	}
	return w.checkSnapshots(tx)
}

func (w *documentWalk) checkMessages(tx *bolt.Tx) error {
	for w.messages < w.header.messages {
		found, err := readMessages(tx, w.header.number, w.messages, min(w.header.messages, w.messages+messageBatch))
		if err != nil {
			return err
		}
		w.messages += uint64(len(found))
	}
	if _, _, n, ok := seekValue(readCursor(tx.Bucket(bucketMessages)), w.header.number, w.header.messages); ok {
		return corrupt(mainName, errShort, "there is a message %d, the row says %d", n, w.header.messages)
	}
	return nil
}

func (w *documentWalk) checkSnapshots(tx *bolt.Tx) error {
	c := readCursor(tx.Bucket(bucketSnapshots))
	for n := uint64(0); ; {
		k, value, complement, ok := seekValue(c, w.header.number, n)
		if !ok {
			return nil
		}
		revision := ^complement
		if revision > w.header.revision {
			return corrupt(mainName, errShort, "a snapshot has revision %d, the row says %d", revision, w.header.revision)
		}
		packed, err := readParts(c, k, value)
		if err == nil {
			_, err = w.v.s.codec.decompress(packed, MaxSnapshotBytes)
		}
		if err != nil {
			return corrupt(mainName, err, "snapshot at revision %d", revision)
		}
		w.snapshots++
		if revision == 0 {
			return nil
		}
		n = complement + 1
	}
}

// journal checks the journal against main.db. Its transaction begins first:
// frames that leave the journal after that are in the later view of main.db.
func (v *verifier) journal() {
	err := v.s.journal.view(func(journal *bolt.Tx) error {
		return v.s.main.view(func(main *bolt.Tx) error {
			flushed, err := loadFlushed(main)
			if err != nil {
				return err
			}
			w := journalWalk{v: v, main: main, flushed: flushed, heads: map[string]*docHead{}}
			return w.run(journal)
		})
	})
	if err != nil {
		v.problem(journalName, "", err)
	}
}

// journalWalk folds the journal as recovery would, without the records.
type journalWalk struct {
	v       *verifier
	main    *bolt.Tx
	flushed uint64
	frames  batchReader
	heads   map[string]*docHead
}

func (w *journalWalk) run(tx *bolt.Tx) error {
	return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		number, ok := segmentNumber(name)
		if !ok {
			return nil
		}
		c := readCursor(b)
		for k, v := c.Seek(nil); k != nil; k, v = c.Next() {
			if err := w.frame(k, v); err != nil {
				return corrupt(journalName, err, "segment %d, frame %x", number, k)
			}
		}
		if w.frames.open {
			return corrupt(journalName, errShort, "segment %d ends inside a batch", number)
		}
		if err := checkLastFrame(b, w.frames.next); err != nil {
			return corrupt(journalName, err, "segment %d", number)
		}
		return nil
	})
}

func (w *journalWalk) frame(k, v []byte) error {
	first := w.frames.next == 0
	batch, err := w.frames.add(k, v)
	if err != nil {
		return err
	}
	w.v.found.Frames++
	if first && w.frames.next-1 > w.flushed+1 {
		return fmt.Errorf("the journal begins here, %s ends with frame %d", mainName, w.flushed)
	}
	in := byteReader{b: batch}
	for len(in.b) > 0 {
		body := in.field()
		if in.err != nil {
			return in.err
		}
		if err := w.entry(body); err != nil {
			return err
		}
	}
	return nil
}

func (w *journalWalk) entry(body []byte) error {
	e, err := decodeEntry(body)
	if err != nil {
		return err
	}
	if e.kind == entryMessages {
		err = e.eachMessage(func(Message) error { return nil })
	} else {
		err = e.eachRecord(func(uint64, rawRecord) {})
	}
	if err != nil {
		return err
	}
	if w.frames.next-1 <= w.flushed {
		return nil // main.db holds it, and maybe what followed
	}
	h := w.heads[e.document]
	if h == nil {
		row, err := loadHeader(w.main, e.document)
		if err != nil {
			return err
		}
		h = &row.docHead
		w.heads[e.document] = h
	}
	if err := h.admit(&e); err != nil {
		return err
	}
	h.apply(&e, timespan{})
	return nil
}
