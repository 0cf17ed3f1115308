// Package e2e measures the whole: the built binary, a real socket and a real disk.
package e2e

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/e2e/quire"
	"github.com/quire-editor/quire/ot"
)

// BenchmarkEdits counts acknowledged edits through a real socket, each durable: people in documents of two, each typing the
// next letter when the one before is acknowledged. It also reports how long an acknowledgement took.
func BenchmarkEdits(b *testing.B) {
	for _, documents := range []int{1, 10, 100} {
		b.Run(name(documents), func(b *testing.B) { benchmarkEdits(b, documents, 2) })
	}
}

// BenchmarkHotDocument is the same with 32 people in one document: every edit is also sent to 31 others.
func BenchmarkHotDocument(b *testing.B) { benchmarkEdits(b, 1, 32) }

func name(documents int) string {
	return map[int]string{1: "1-document", 10: "10-documents", 100: "100-documents"}[documents]
}

func benchmarkEdits(b *testing.B, documents, people int) {
	server, err := quire.Start(quire.Build(b), filepath.Join(b.TempDir(), "data"), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer server.Kill()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var links []*client.Link
	for range documents {
		id, err := server.Create("text")
		if err != nil {
			b.Fatal(err)
		}
		for range people {
			link := client.Connect(server.Socket(id), client.New(id))
			defer link.Close()
			if err := link.Wait(ctx, "the document is loaded", (*client.Client).Loaded); err != nil {
				b.Fatal(err)
			}
			links = append(links, link)
		}
	}
	b.ResetTimer()
	var all sync.WaitGroup
	took := make([][]time.Duration, len(links))
	for i, link := range links {
		share := b.N / len(links)
		if i < b.N%len(links) {
			share++
		}
		all.Go(func() { took[i] = typeAlone(b, ctx, link, share) })
	}
	all.Wait()
	b.StopTimer()
	report(b, slices.Concat(took...))
}

// typeAlone makes edits one after another and returns how long each took to be acknowledged.
func typeAlone(b *testing.B, ctx context.Context, link *client.Link, edits int) []time.Duration {
	letter := ot.Delta{ot.InsertText("x", ot.Attributes{})}
	took := make([]time.Duration, 0, edits)
	for range edits {
		begin := time.Now()
		err := link.Do(func(c *client.Client) error { _, err := c.Edit(letter); return err })
		if err == nil {
			err = link.Wait(ctx, "the edit is acknowledged", (*client.Client).Settled)
		}
		if err != nil {
			b.Error(err)
			return took
		}
		took = append(took, time.Since(begin))
	}
	return took
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "edits/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
