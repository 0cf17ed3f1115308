package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// recover reads the journal and brings what main.db lacks into memory. The
// journal is open read-only: this is also the walk over every page of it that
// must come before bbolt opens it for writing, because bbolt then walks the
// pages in a goroutine of its own, where damage would end the process.
func (s *Store) recover(journal *file) error {
	var flushed uint64
	err := s.main.view(func(tx *bolt.Tx) (err error) {
		flushed, err = loadFlushed(tx)
		return err
	})
	if err != nil {
		return err
	}
	r := replay{s: s, flushed: flushed}
	err = journal.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			number, ok := segmentNumber(name)
			if !ok {
				return nil // the info bucket
			}
			return r.segment(number, b)
		})
	})
	if err != nil {
		return err
	}
	return r.finish()
}

// replay is the state of one recovery.
type replay struct {
	s       *Store
	flushed uint64 // last frame that main.db holds
	frames  batchReader
	last    uint64 // number of the last segment

	document *document    // of the entry at hand
	sources  []sourceLast // of the entry at hand; its memory serves the next
}

// segment replays one segment; bbolt yields them in order.
func (r *replay) segment(number uint64, b *bolt.Bucket) error {
	r.last = number
	seg := newSegment(number)
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		first := r.frames.next == 0
		batch, err := r.frames.add(k, v)
		if err != nil {
			return corrupt(journalName, err, "segment %d, frame %x", number, k)
		}
		if have := r.frames.next - 1; first && have > r.flushed+1 {
			return corrupt(journalName, fmt.Errorf("%s ends with frame %d", mainName, r.flushed), "it begins with frame %d", have)
		}
		if batch == nil {
			continue
		}
		seg.last = r.frames.next - 1
		seg.bytes += len(batch)
		if seg.last <= r.flushed {
			continue
		}
		if err := r.batch(seg, batch); err != nil {
			return corrupt(journalName, err, "batch that ends with frame %d", seg.last)
		}
	}
	if r.frames.open {
		return corrupt(journalName, errShort, "segment %d ends inside a batch", number)
	}
	if err := checkLastFrame(b, r.frames.next); err != nil {
		return corrupt(journalName, err, "segment %d", number)
	}
	if seg.last > r.flushed {
		r.s.sealed = append(r.s.sealed, seg)
	} else {
		r.s.drop = append(r.s.drop, number)
	}
	return nil
}

// checkLastFrame compares where the frames of a segment end with the bucket's
// sequence, which lies in another page: a page that the disk never wrote leaves
// an older one in its place, whole in itself.
func checkLastFrame(b *bolt.Bucket, next uint64) error {
	if last := b.Sequence(); last != 0 && last+1 != next {
		return fmt.Errorf("it ends before frame %d, its bucket with frame %d", next, last)
	}
	return nil
}

func (r *replay) batch(seg *segment, batch []byte) error {
	in := byteReader{b: batch}
	for len(in.b) > 0 {
		body := in.field()
		if in.err != nil {
			return in.err
		}
		if err := r.entry(seg, body); err != nil {
			return err
		}
	}
	return in.err
}

// entry replays one entry. There may be hundreds of thousands of them, mostly of
// one record of a document and a source that came before: for these nothing is
// allocated but the room that the records take.
func (r *replay) entry(seg *segment, body []byte) error {
	e, err := decodeEntryOf(body, r.find)
	if err != nil {
		return err
	}
	if r.document == nil {
		if r.document, err = r.load(e.document); err != nil {
			return err
		}
	}
	d := r.document
	if err := d.head.admit(&e); err != nil {
		return err
	}
	if e.kind == entryMessages {
		r.s.record(d, &e, timespan{}, nil, seg)
		d.staged = d.head
		return e.eachMessage(func(Message) error { return nil })
	}
	times, err := r.scan(&e)
	if err != nil {
		return err
	}
	e.meta = append([]byte(nil), e.meta...)
	r.s.record(d, &e, times, r.sources, seg)
	d.staged = d.head
	return nil
}

// find sets the document of an entry, nil if it is not in memory yet.
func (r *replay) find(id []byte) string {
	if r.document = r.s.docs[string(id)]; r.document != nil {
		return r.document.id
	}
	return string(id)
}

// scan checks the records of an entry and notes their sources.
func (r *replay) scan(e *entry) (times timespan, err error) {
	r.sources = r.sources[:0]
	err = e.eachRecord(func(i uint64, raw rawRecord) {
		if i == 0 {
			times = timespan{raw.time, raw.time}
		}
		times.latest = max(times.latest, raw.time)
		src := r.document.sources.name(raw.src)
		r.sources = noteLast(r.sources, sourceLast{src, lastOf{raw.seq, e.expect + i}})
	})
	return times, err
}

func (r *replay) load(id string) (*document, error) {
	d := &document{id: id, ready: make(chan struct{}), writers: map[*Writer]struct{}{}}
	close(d.ready)
	err := r.s.main.view(func(tx *bolt.Tx) error {
		h, err := loadWhole(tx, id)
		d.setBase(h)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.s.docs[id] = d
	return d, nil
}

// finish decides where the journal goes on: in its last segment if main.db
// lacks some of it.
func (r *replay) finish() error {
	s := r.s
	s.nextFrame = max(r.flushed+1, r.frames.next)
	if r.frames.next > 0 {
		s.end = journalEnd{r.frames.next - 1, r.frames.sum}
	}
	s.active = newSegment(r.last + 1)
	if n := len(s.sealed); n > 0 && s.sealed[n-1].bytes < s.opt.SegmentBytes {
		s.active = s.sealed[n-1]
		s.sealed = s.sealed[:n-1]
	}
	if s.nextFrame == 0 {
		return corrupt(journalName, errors.New("frame numbers are used up"), "order of frames")
	}
	return nil
}
