package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// bbolt makes two fsyncs in a commit: the meta page, which makes it count, is
// written when the pages that it leads to are safe. A commit of the journal makes
// one, after all are written. So when power fails, the newest meta page may lead to
// pages that never reached the disk: what lies in their place is zeros, noise, or
// pages of older transactions, each whole in itself. Such a commit was never
// acknowledged. Open finds it and goes back to the one before, of which all is on
// disk: a transaction writes only to pages that neither it nor the one before uses.
//
// Law: the journal is as its newest transaction left it if its pages form trees,
// its frames follow each other and their batches chain, and the stamp names that
// transaction and its last batch.

// journalEnd is the last frame in the journal and the sum of the batch that it
// ends; zero if there is none.
type journalEnd struct {
	last uint64
	sum  uint32
}

// stamp ties a transaction of the journal to what it left there. It is FNV-1a.
func stamp(tx uint64, end journalEnd) uint64 {
	b := binary.BigEndian.AppendUint64(nil, tx)
	b = binary.BigEndian.AppendUint64(b, end.last)
	b = binary.BigEndian.AppendUint32(b, end.sum)
	sum := fnv.New64a()
	_, _ = sum.Write(b)
	return sum.Sum64()
}

// stampJournal leaves the stamp, in the sequence of the info bucket. Every
// transaction that changes the journal does.
func stampJournal(tx *bolt.Tx, end journalEnd) error {
	return tx.Bucket(bucketInfo).SetSequence(stamp(uint64(tx.ID()), end))
}

// A commit that is known to be on disk is settled: a mark beside the meta page
// says so as soon as nothing else is to be done. What is wrong with a settled
// commit is damage, and not the end of a write that power cut short.
//
//	mark = sealed under "settled": transaction (8, big endian)
const settledAt = 512 // in the meta page, in a sector of its own, which bbolt fills with zeros

var keySettled = []byte("settled")

func settledMark(tx uint64) []byte {
	return seal(keySettled, binary.BigEndian.AppendUint64(nil, tx))
}

// settled tells whether a journal has the mark of a transaction.
func settled(r io.ReaderAt, tx uint64) bool {
	mark := settledMark(tx)
	b := make([]byte, len(mark))
	for page := range int64(2) {
		if _, err := r.ReadAt(b, page*pageSize+settledAt); err == nil && string(b) == string(mark) {
			return true
		}
	}
	return false
}

// markSettled marks the newest transaction of the journal, once it is on disk. The mark
// needs no fsync: without it Open looks closer. Only for the commit loop.
func (s *Store) markSettled() {
	if s.unsettled == 0 {
		return
	}
	mark, at := settledMark(s.unsettled), int64(s.unsettled%2)*pageSize+settledAt
	_ = s.journal.writeRaw(mark, at)
	s.unsettled = 0
}

// checkJournal checks every page of the journal, and takes back a last commit that
// was cut short.
func (s *Store) checkJournal() (err error) {
	h, err := os.OpenFile(filepath.Join(s.dir, journalName), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	st, err := h.Stat()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	f, err := openPages(h, st.Size(), s.opt.AcceptOlder)
	if err != nil {
		return damaged(journalName, err)
	}
	if settled(h, f.meta.tx) {
		_, err := f.walk(walkLeaves, nil)
		return damaged(journalName, err)
	}
	torn := f.wholeJournal()
	if torn == nil {
		return nil
	}
	older, id, err := f.transactionBefore()
	if err != nil || older.wholeJournal() != nil {
		if errors.Is(torn, errNoVersion) {
			return nil // openRead will say that it is foreign
		}
		return damaged(journalName, torn)
	}
	s.opt.Logger.Warn("store: the last commit before the power failed is not whole and was acknowledged to nobody; it is left out", "what is wrong", torn)
	if err := repeatMeta(h, id); err != nil {
		return fmt.Errorf("store: %s: take back a commit: %w", journalName, err)
	}
	return nil
}

// transactionBefore returns the file as its other meta page shows it, and which
// page that is.
func (f *pageFile) transactionBefore() (older *pageFile, id int64, err error) {
	for id := range int64(2) {
		m, err := readMeta(f.r, id)
		if err != nil {
			return nil, 0, err
		}
		if m.tx < f.meta.tx {
			return &pageFile{r: f.r, size: f.size, meta: m}, id, nil
		}
	}
	return nil, 0, fmt.Errorf("there is no transaction before %d", f.meta.tx)
}

// repeatMeta writes the meta page id in the place of the other, as of the
// transaction before: that is how bbolt writes both into a copy.
func repeatMeta(h *os.File, id int64) error {
	b := make([]byte, pageSize)
	if _, err := h.ReadAt(b[:pageHeader+metaSize], id*pageSize); err != nil {
		return err
	}
	u, meta := binary.NativeEndian, b[pageHeader:]
	u.PutUint64(b, uint64(1-id))
	u.PutUint64(meta[48:], u.Uint64(meta[48:])-1)
	sum := fnv.New64a()
	_, _ = sum.Write(meta[:metaSize-8])
	u.PutUint64(meta[metaSize-8:], sum.Sum64())
	if _, err := h.WriteAt(b, (1-id)*pageSize); err != nil {
		return err
	}
	return h.Sync()
}

// wholeJournal returns nil if the journal is as f's transaction left it.
func (f *pageFile) wholeJournal() error {
	var v journalVisitor
	if _, err := f.walk(walkLeaves, &v); err != nil {
		return err
	}
	if v.frames.open {
		return fmt.Errorf("its last batch: %w", errShort)
	}
	if v.version == 0 {
		return errNoVersion
	}
	if v.version < firstStamped {
		return nil
	}
	end := journalEnd{sum: v.frames.sum}
	if v.frames.next > 0 {
		end.last = v.frames.next - 1
	}
	// Of the meta pages of a copy, one is a transaction behind.
	if v.stamp != stamp(f.meta.tx, end) && v.stamp != stamp(f.meta.tx+1, end) {
		return fmt.Errorf("it is not what transaction %d left", f.meta.tx)
	}
	return nil
}

// errNoVersion reports a file without our info bucket: never one of ours, or cut
// short while that was written.
var errNoVersion = errors.New("it has no version")

// journalVisitor reads what a stamp is made of.
type journalVisitor struct {
	segment bool // in a segment, not in the info bucket
	frames  batchReader
	stamp   uint64
	version uint32
}

func (v *journalVisitor) bucket(name []byte, sequence uint64) error {
	if v.frames.open {
		return fmt.Errorf("a segment ends inside a batch: %w", errShort)
	}
	if _, v.segment = segmentNumber(name); !v.segment {
		v.stamp = sequence
	}
	return nil
}

func (v *journalVisitor) value(key, value []byte) error {
	if v.segment {
		_, err := v.frames.add(key, value)
		return err
	}
	if string(key) != string(keyVersion) {
		return nil
	}
	body, err := unseal(key, value)
	if err != nil || len(body) != 4 {
		return fmt.Errorf("version: %w", errChecksum)
	}
	v.version = binary.BigEndian.Uint32(body)
	return nil
}
