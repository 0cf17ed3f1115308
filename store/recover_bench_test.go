//go:build unix

package store

import "testing"

func BenchmarkFull(b *testing.B) {
	dir := b.TempDir()
	n := 0
	b.Run("x", func(b *testing.B) {
		if n == 0 {
			n = fillJournal(b, dir)
		}
		b.ResetTimer()
		for b.Loop() {
			s, err := Open(dir, unflushed())
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			abandon(b, s)
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/record")
	})
}
