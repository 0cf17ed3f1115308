package store

import (
	"runtime"
	"time"
)

// fewRequests are so few that it is worth a commit's time to wait for more.
const fewRequests = 16

// rest returns when the next batch is to be taken: a gap after the one before, or
// two as long as fewer than fewRequests wait. Long after it, that is now.
func (q *queue) rest() {
	q.mu.Lock()
	left := q.pause()
	if q.resting = left > 0; q.resting {
		q.timer.arm(left)
	}
	q.mu.Unlock()
	if left <= 0 {
		runtime.Gosched() // whoever the last commit woke may queue first: fewer, larger commits
		return
	}
	q.timer.wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.resting = false
}

// hurry shortens a rest that has become too long. Called with mu held, after
// each request that is queued.
func (q *queue) hurry() {
	if q.resting && len(q.items) == fewRequests {
		q.timer.arm(max(q.pause(), 1))
	}
}

// pause is for how long no batch is to be taken. Called with mu held.
func (q *queue) pause() time.Duration {
	gap := q.gap
	if len(q.items) < fewRequests {
		gap *= 2
	}
	return gap - time.Since(q.taken)
}

// runtimeTimer is a timer of the Go runtime, which keeps to whole milliseconds
// where nothing else runs.
type runtimeTimer struct{ *time.Timer }

func newRuntimeTimer() runtimeTimer {
	t := time.NewTimer(0)
	t.Stop()
	return runtimeTimer{t}
}

// arm makes wait return after d, from now.
func (t runtimeTimer) arm(d time.Duration) { t.Reset(d) }

func (t runtimeTimer) wait() { <-t.C }
