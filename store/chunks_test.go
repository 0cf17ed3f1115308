package store

import (
	"fmt"
	"slices"
	"testing"
)

// However little is flushed at a time, a document ends up in full chunks and few
// others, and no record is rewritten more often than there are tiers.
func TestChunksAreJoinedInTiers(t *testing.T) {
	for _, each := range []int{1, 7, 14, 150, 600, 3000, 5000} {
		t.Run(fmt.Sprint(each), func(t *testing.T) {
			var last []int // after the last full chunk
			const total = 12 * maxChunkRecords
			written := 0
			for stored := 0; stored < total; stored += each {
				joined := joinable(last, each)
				sum := each
				for _, n := range last[len(last)-joined:] {
					sum += n
				}
				written += sum
				last = last[:len(last)-joined]
				for ; sum >= fullChunk; sum -= min(sum, maxChunkRecords) {
					last = last[:0]
				}
				if sum > 0 {
					last = append(last, sum)
				}
				if len(last) > 5*tierChunks {
					t.Fatalf("%d chunks of %v records", len(last), last)
				}
			}
			if written > 5*total {
				t.Errorf("%d records were written %d times", total, written)
			}
			if !slices.IsSortedFunc(last, func(a, b int) int { return tier(b) - tier(a) }) {
				t.Errorf("chunks %v are not in the order of their tiers", last)
			}
		})
	}
}
