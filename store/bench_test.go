package store

import (
	"encoding/binary"
	"fmt"
	"log/slog"
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

// benchRecord is the size of one keystroke as the server stores it.
func benchRecord(doc int, n uint64) Record {
	payload := binary.AppendUvarint([]byte{1, 2}, n)
	payload = append(payload, "\x01\x01\x01aXYZ"...)
	return Record{Src: benchSources[doc], Seq: n, Author: benchAuthors[doc], Time: 1_750_000_000_000 + int64(n)*140, Payload: payload}
}

// What a room knows anyway is not made anew for every record.
var benchSources, benchAuthors = benchNames("session-"), benchNames("author-")

func benchNames(prefix string) []string {
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprint(prefix, i)
	}
	return names
}

// BenchmarkDurable saturates the store: every document has up to 64 appends on
// their way. One op is one durable record.
func BenchmarkDurable(b *testing.B) {
	for _, docs := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("store/docs=%d", docs), func(b *testing.B) { benchStore(b, docs) })
		b.Run(fmt.Sprintf("plainfile/docs=%d", docs), func(b *testing.B) { benchGrouped(b, docs, newPlainFile(b)) })
		b.Run(fmt.Sprintf("bucketperdoc/docs=%d", docs), func(b *testing.B) { benchGrouped(b, docs, newBuckets(b, docs)) })
	}
}

func window(docs int) uint64 { return uint64(max(4, 4096/docs)) }

func benchStore(b *testing.B, docs int) {
	s := openTest(b, b.TempDir(), Options{Logger: slog.New(slog.DiscardHandler)})
	each := uint64(b.N/docs + 1)
	b.ResetTimer()
	before := cpuTime()
	var wg sync.WaitGroup
	for d := range docs {
		wg.Go(func() {
			w := s.Writer(fmt.Sprint("doc", d))
			defer w.Close()
			var durable uint64
			var err error
			for n := uint64(0); n < each || durable < each; {
				for ; n < each && n < durable+window(docs); n++ {
					if err = w.Append(n, []Record{benchRecord(d, n)}, nil); err != nil {
						b.Error(err)
						return
					}
				}
				<-w.Wake()
				if durable, err = w.Durable(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	report(b, int(each)*docs, before)
}

func report(b *testing.B, n int, before time.Duration) {
	b.StopTimer()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(n), "cpu-us/record")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchItem is a record on its way to a reference implementation.
type benchItem struct {
	doc  int
	rev  uint64
	body []byte
}

// benchGrouped drives a reference with the same load and the same group commit
// as the store: one goroutine writes whatever is queued, then all are told.
func benchGrouped(b *testing.B, docs int, write func([]benchItem) error) {
	each := uint64(b.N/docs + 1)
	queue := make(chan benchItem, 1<<16)
	told := make([]chan uint64, docs)
	for d := range told {
		told[d] = make(chan uint64, window(docs))
	}
	b.ResetTimer()
	before := cpuTime()
	var wg sync.WaitGroup
	for d := range docs {
		wg.Go(func() {
			for n, durable := uint64(0), uint64(0); n < each || durable < each; {
				for ; n < each && n < durable+window(docs); n++ {
					r := benchRecord(d, n)
					queue <- benchItem{d, n, appendRecord(nil, &r)}
				}
				durable = <-told[d] + 1
			}
		})
	}
	go func() { wg.Wait(); close(queue) }()
	for first := range queue {
		batch := []benchItem{first}
		for more := true; more && len(batch) < 1<<14; {
			select {
			case it, ok := <-queue:
				if more = ok; ok {
					batch = append(batch, it)
				}
			default:
				more = false
			}
		}
		if err := write(batch); err != nil {
			b.Fatal(err)
		}
		for _, it := range batch {
			told[it.doc] <- it.rev
		}
	}
	report(b, int(each)*docs, before)
}

// newPlainFile is the reference that nothing durable can beat by much: append to
// one file, fsync per batch.
func newPlainFile(b *testing.B) func([]benchItem) error {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return func(batch []benchItem) error {
		var buf []byte
		for _, it := range batch {
			buf = binary.AppendUvarint(binary.AppendUvarint(buf, uint64(it.doc)), it.rev)
			buf = appendField(buf, it.body)
		}
		if _, err := f.Write(buf); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	}
}

// newBuckets is the obvious bbolt layout: a bucket per document, a key per record.
func newBuckets(b *testing.B, docs int) func([]benchItem) error {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	err = db.Update(func(tx *bolt.Tx) error {
		for d := range docs {
			if _, err := tx.CreateBucketIfNotExists(numberKey(uint64(d))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return func(batch []benchItem) error {
		return db.Update(func(tx *bolt.Tx) error {
			for _, it := range batch {
				bucket := tx.Bucket(numberKey(uint64(it.doc)))
				bucket.FillPercent = 0.9
				if err := bucket.Put(numberKey(it.rev), it.body); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// BenchmarkLatency is an open loop: documents at 5 records a second each for
// two seconds, whatever b.N says. It reports how long a record took from Append
// to the poke that told it durable, and the fsync of this disk for comparison.
func BenchmarkLatency(b *testing.B) {
	for _, docs := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("docs=%d", docs), func(b *testing.B) { benchLatency(b, docs) })
	}
}

func benchLatency(b *testing.B, docs int) {
	const perSecond, seconds = 5, 2
	s := openTest(b, b.TempDir(), Options{Logger: slog.New(slog.DiscardHandler)})
	fsync := medianFsync(b)
	var mu sync.Mutex
	var all []time.Duration
	before := cpuTime()
	var wg sync.WaitGroup
	begin := time.Now()
	for d := range docs {
		wg.Go(func() {
			w := s.Writer(fmt.Sprint("doc", d))
			defer w.Close()
			offset := time.Duration(rand.Int64N(int64(time.Second / perSecond)))
			var mine []time.Duration
			for n := range uint64(perSecond * seconds) {
				time.Sleep(time.Until(begin.Add(offset + time.Duration(n)*time.Second/perSecond)))
				at := time.Now()
				if err := w.Append(n, []Record{benchRecord(d, n)}, nil); err != nil {
					b.Error(err)
					return
				}
				for durable := uint64(0); durable <= n; durable, _ = w.Durable() {
					<-w.Wake()
				}
				mine = append(mine, time.Since(at))
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	cpu := cpuTime() - before
	slices.Sort(all)
	at := func(p float64) float64 { return float64(all[int(p*float64(len(all)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(float64(fsync.Microseconds())/1000, "fsync-ms")
	b.ReportMetric(float64(cpu.Microseconds())/float64(len(all)), "cpu-us/record")
	b.ReportMetric(0, "ns/op")
}

func medianFsync(b *testing.B) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var took []time.Duration
	for range 101 {
		if _, err := f.Write(make([]byte, pageSize)); err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// BenchmarkMillionRecords is one document with a million records: bytes on disk
// per record after flushing, and reading a hundred records anywhere.
func BenchmarkMillionRecords(b *testing.B) {
	const total, step = 1_000_000, 1000
	dir := b.TempDir()
	s := openTest(b, dir, WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1}))
	w := s.Writer("doc")
	defer w.Close()
	for n := uint64(0); n < total; n += step {
		recs := make([]Record, step)
		for i := range recs {
			recs[i] = benchRecord(0, n+uint64(i))
			recs[i].Time += rand.Int64N(400)
		}
		if err := w.Append(n, recs, nil); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	size := int64(0)
	_ = s.main.view(func(tx *bolt.Tx) error { size = tx.Size() - int64(s.main.db.Stats().FreePageN)*pageSize; return nil })
	b.ResetTimer()
	var took []time.Duration
	for b.Loop() {
		from := rand.Uint64N(total - 100)
		begin := time.Now()
		n := 0
		if err := s.Records("doc", from, from+100, func(Record) error { n++; return nil }); err != nil || n != 100 {
			b.Fatal(n, err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(size)/total, "bytes/record")
}

// BenchmarkRecover opens a store whose journal is full and not flushed.
func BenchmarkRecover(b *testing.B) {
	for _, n := range []int{50_000, 150_000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			dir := b.TempDir()
			o := WithoutSync(Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1, SegmentBytes: 1 << 30})
			s, err := Open(dir, o)
			if err != nil {
				b.Fatal(err)
			}
			w := s.Writer("doc")
			for i := range uint64(n) {
				if err := w.Append(i, []Record{benchRecord(0, i)}, nil); err != nil {
					b.Fatal(err)
				}
			}
			abandon(b, s)
			for b.Loop() {
				s, err := Open(dir, o)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				abandon(b, s)
				b.StartTimer()
			}
		})
	}
}
