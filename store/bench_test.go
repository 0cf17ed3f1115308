//go:build unix

package store

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// BenchmarkDurable saturates the store and the references. One op is one durable
// record; each document has window records on their way.
func BenchmarkDurable(b *testing.B) {
	for _, load := range []struct{ documents, window int }{{1, 64}, {100, 10}, {1000, 1}, {1000, 4}} {
		for _, l := range []struct {
			name string
			open func(testing.TB) log
		}{
			{"store", func(tb testing.TB) log { return storeLog(openTest(tb, tb.TempDir(), quiet())) }},
			{"plainfile", newPlainFile},
			{"bucketperdoc", newBuckets},
		} {
			b.Run(fmt.Sprintf("%s/docs=%d/window=%d", l.name, load.documents, load.window), func(b *testing.B) {
				to := l.open(b)
				b.ResetTimer()
				each := b.N/load.documents + 1
				took, cpu := saturate(b, to, load.documents, uint64(load.window), uint64(each))
				n := float64(each * load.documents)
				b.ReportMetric(n/took.Seconds(), "records/s")
				b.ReportMetric(float64(cpu.Microseconds())/n, "cpu-us/record")
			})
		}
	}
}

// BenchmarkLatency is an open loop of 5 records a second per document for two
// seconds, whatever b.N says.
func BenchmarkLatency(b *testing.B) {
	for _, documents := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("docs=%d", documents), func(b *testing.B) {
			fsync := fsyncTime(b)
			l := typeSteadily(b, storeLog(openTest(b, b.TempDir(), quiet())), documents, 5, 2)
			b.ReportMetric(milliseconds(l.at(0.5)), "p50-ms")
			b.ReportMetric(milliseconds(l.at(0.99)), "p99-ms")
			b.ReportMetric(milliseconds(fsync), "fsync-ms")
			b.ReportMetric(float64(l.cpu.Microseconds()), "cpu-us/record")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func milliseconds(d time.Duration) float64 { return microseconds(d) / 1000 }

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
			recs[i] = keystroke("source", "author", n+uint64(i))
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

// BenchmarkRecover opens a store whose journal is as full as it gets.
func BenchmarkRecover(b *testing.B) {
	dir := b.TempDir()
	n := fillJournal(b, dir)
	for b.Loop() {
		s, err := Open(dir, unflushed())
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		abandon(b, s)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
}

// BenchmarkChunk encodes and decodes keystrokes of a paper.
func BenchmarkChunk(b *testing.B) {
	recs := paperRecords(b, true, 10*maxChunkRecords)
	c := mustCodec(b)
	for _, n := range []int{16, 150, 600, maxChunkRecords} {
		b.Run(fmt.Sprintf("encode/records=%d", n), func(b *testing.B) {
			size := 0
			for i := range b.N {
				at := i * n % (len(recs) - n)
				size += len(c.encodeChunk(recs[at : at+n]))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
			b.ReportMetric(float64(size)/float64(b.N*n), "bytes/record")
		})
		b.Run(fmt.Sprintf("decode/records=%d", n), func(b *testing.B) {
			raw := c.encodeChunk(recs[n : 2*n])
			for b.Loop() {
				if _, err := c.decodeChunk(raw, uint64(2*n-1)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}
