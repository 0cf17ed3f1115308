package store

import (
	"testing"

	"pgregory.net/rapid"
)

func TestStampCountsATypingRunInSteps(t *testing.T) {
	var s Stamper
	for i, step := range []struct{ now, want int64 }{
		{1_001_000, 1_001_000}, // the first
		{1_001_200, 1_001_000},
		{1_003_100, 1_001_000},
		{1_005_000, 1_001_000},
		{1_007_000, 1_007_000}, // after a pause
		{1_008_900, 1_007_000},
		{1_010_800, 1_007_000},
		{1_012_700, 1_007_000},
		{1_014_600, 1_007_000},
		{1_016_500, 1_007_000},
		{1_017_000, 1_017_000}, // ten seconds of it
		{1_017_001, 1_017_000},
		{1_018_900, 1_017_000},
		{1_016_999, 1_016_999}, // the clock was set back
		{1_017_000, 1_016_999},
	} {
		if got := s.Stamp(step.now); got != step.want {
			t.Errorf("step %d at %d: %d, want %d", i, step.now, got, step.want)
		}
	}
}

func TestStampIsNeverFarFromTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Stamper
		now, before, stamped := int64(1_000_000), int64(0), int64(0)
		for range rapid.IntRange(1, 100).Draw(t, "records") {
			now += rapid.Int64Range(-100, 3000).Draw(t, "after")
			got := s.Stamp(now)
			if got > now || now-got >= runStep {
				t.Fatalf("at %d the stamp is %d", now, got)
			}
			if now >= before && got < stamped {
				t.Fatalf("the stamp fell from %d to %d while the clock rose", stamped, got)
			}
			before, stamped = now, got
		}
	})
}
