//go:build unix

package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// log is what a load writes to: the store, or a reference that keeps the same
// records in another way.
type log func(document string) logWriter

type logWriter interface {
	Append(expect uint64, recs []Record, meta []byte) error
	Durable() (revision uint64, err error)
	Wake() <-chan struct{}
	Close()
}

func storeLog(s *Store) log {
	return func(document string) logWriter { return s.Writer(document) }
}

// keystroke is a record as the server makes it for one typed letter.
func keystroke(src, author string, n uint64) Record {
	payload := binary.AppendUvarint(make([]byte, 0, 16), 1)
	payload = append(binary.AppendUvarint(payload, n<<2), 5, 'a')
	return Record{Src: src, Seq: n, Author: author, Time: 1_750_000_000_000 + int64(n)*140, Payload: payload}
}

// typist is one document and whoever types into it.
type typist struct {
	logWriter
	src, author string
	next        uint64
}

func typists(l log, documents int) []*typist {
	all := make([]*typist, documents)
	for i := range all {
		all[i] = &typist{
			logWriter: l(fmt.Sprint("document-", i)),
			src:       fmt.Sprintf("9f86d081884c7d65%016x", i), author: fmt.Sprintf("%022d", i),
		}
	}
	return all
}

func (p *typist) append() error {
	r := keystroke(p.src, p.author, p.next)
	p.next++
	return p.Append(p.next-1, []Record{r}, nil)
}

// await waits until all but window of what was appended is durable.
func (p *typist) await(window uint64) error {
	for {
		durable, err := p.Durable()
		if err != nil || durable+window >= p.next {
			return err
		}
		<-p.Wake()
	}
}

// saturate has every document append records, window of them on their way at
// any time, until all are durable.
func saturate(tb testing.TB, l log, documents int, window, each uint64) (took, cpu time.Duration) {
	tb.Helper()
	all := typists(l, documents)
	begin, cpuBegin := time.Now(), processorTime(tb)
	var wg sync.WaitGroup
	for _, p := range all {
		wg.Go(func() {
			defer p.Close()
			var err error
			for n := uint64(0); n < each && err == nil; n++ {
				if err = p.append(); err == nil {
					err = p.await(window - 1)
				}
			}
			if err == nil {
				err = p.await(0)
			}
			if err != nil {
				tb.Error(err)
			}
		})
	}
	wg.Wait()
	return time.Since(begin), processorTime(tb) - cpuBegin
}

// latencies is how long records took from Append to the poke that told them
// durable, sorted, and what the process used meanwhile, per record.
type latencies struct {
	all []time.Duration
	cpu time.Duration
}

func (l latencies) at(part float64) time.Duration {
	return l.all[int(part*float64(len(l.all)-1))]
}

// typeSteadily is an open loop: every document gets so many records a second,
// evenly spread, for a while. A record that is late delays none of the others'.
// Each document has a goroutine that is told what is durable, as a room has; what
// is typed comes from one.
func typeSteadily(tb testing.TB, l log, documents int, perSecond float64, seconds int) latencies {
	tb.Helper()
	gap := time.Duration(float64(time.Second) / perSecond)
	each := int(perSecond * float64(seconds))
	all := typists(l, documents)
	appended := make([][]time.Time, documents)
	phases := make([]time.Duration, documents)
	for i := range all {
		appended[i] = make([]time.Time, each)
		phases[i] = rand.N(gap)
	}
	slices.Sort(phases)
	var mu sync.Mutex
	var out latencies
	var wg sync.WaitGroup
	begin, cpuBegin := time.Now(), processorTime(tb)
	for i, p := range all {
		wg.Go(func() {
			defer p.Close()
			mine := make([]time.Duration, 0, each)
			for len(mine) < each {
				<-p.Wake()
				durable, err := p.Durable()
				if err != nil {
					tb.Error(err)
					return
				}
				for now := time.Now(); uint64(len(mine)) < durable; {
					mine = append(mine, now.Sub(appended[i][len(mine)]))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			out.all = append(out.all, mine...)
		})
	}
	for n := range each {
		for i, p := range all {
			time.Sleep(time.Until(begin.Add(phases[i] + time.Duration(n)*gap)))
			appended[i][n] = time.Now()
			if err := p.append(); err != nil {
				tb.Fatal(err)
			}
		}
	}
	wg.Wait()
	out.cpu = (processorTime(tb) - cpuBegin) / time.Duration(len(out.all))
	slices.Sort(out.all)
	return out
}

// processorTime is what this process has used so far.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fsyncTime is the median of a page written anew and synced on this disk.
func fsyncTime(tb testing.TB) time.Duration {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "fsync"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var took []time.Duration
	for range 201 {
		if _, err := f.Write(make([]byte, pageSize)); err != nil {
			tb.Fatal(err)
		}
		begin := time.Now()
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			tb.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// reference is a log with the store's own queue, encoding, group commit and way
// of telling, and with nothing else but its write: no check of revisions, no
// reading, no recovery. So a comparison is one of how records lie on disk.
type reference struct {
	queue *queue
	write func([]*request) error // returns when the batch is durable
	ended chan struct{}
}

// newReference returns a log that ends with the test.
func newReference(tb testing.TB, write func([]*request) error) log {
	r := &reference{queue: newQueue(defaultMinGap), write: write, ended: make(chan struct{})}
	go r.commitLoop(tb)
	tb.Cleanup(func() { r.queue.close(); <-r.ended })
	return func(document string) logWriter {
		return &referenceWriter{Writer{wake: make(chan struct{}, 1)}, r.queue, document}
	}
}

func (r *reference) commitLoop(tb testing.TB) {
	defer close(r.ended)
	defer r.queue.timer.close()
	for {
		r.queue.rest()
		if !r.queue.wait(func() {}) {
			return
		}
		batch, _ := r.queue.take()
		err := r.write(batch)
		if err != nil {
			tb.Error(err)
		}
		for _, q := range batch {
			q.refusal = err
			q.writer.newest = q
		}
		for _, q := range batch {
			q.answer()
		}
		r.queue.recycle(batch)
	}
}

type referenceWriter struct {
	Writer
	queue    *queue
	document string
}

func (w *referenceWriter) Append(expect uint64, recs []Record, meta []byte) error {
	r, err := newAppend(w.document, expect, recs, meta)
	if err != nil {
		return err
	}
	r.writer = &w.Writer
	return w.queue.push(ctx, r)
}

func (w *referenceWriter) Close() {}

// newPlainFile is the reference that nothing durable can beat by much: append to
// one file, fsync per batch.
func newPlainFile(tb testing.TB) log {
	f, err := os.Create(filepath.Join(tb.TempDir(), "log"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	var buf []byte
	return newReference(tb, func(batch []*request) error {
		buf = buf[:0]
		for _, r := range batch {
			buf = append(buf, r.body...)
		}
		if _, err := f.Write(buf); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	})
}

// newBuckets is the obvious bbolt layout: a bucket per document, a key per
// record, with the settings that suit it best.
func newBuckets(tb testing.TB) log {
	db, err := bolt.Open(filepath.Join(tb.TempDir(), "db"), 0o600, &bolt.Options{
		FreelistType: bolt.FreelistMapType, NoFreelistSync: true, NoStatistics: true, InitialMmapSize: 1 << 30,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return newReference(tb, func(batch []*request) error {
		return db.Update(func(tx *bolt.Tx) error {
			for _, r := range batch {
				b, err := tx.CreateBucketIfNotExists([]byte(r.entry.document))
				if err != nil {
					return err
				}
				b.FillPercent = 0.9
				if err := b.Put(numberKey(r.entry.expect), r.entry.records); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
