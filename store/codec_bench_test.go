package store

import (
	"fmt"
	"testing"
)

func BenchmarkCodec(b *testing.B) {
	recs := paperRecords(b, true, 40960)
	c := mustCodec(b)
	for _, n := range []int{16, 150, 600, 4096} {
		b.Run(fmt.Sprintf("encode/%d", n), func(b *testing.B) {
			size := 0
			for i := range b.N {
				at := i * n % (len(recs) - n)
				size += len(c.encodeChunk(recs[at : at+n]))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
			b.ReportMetric(float64(size)/float64(b.N*n), "B/record")
		})
		b.Run(fmt.Sprintf("decode/%d", n), func(b *testing.B) {
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
