package server

import (
	"runtime/metrics"
	"sync"
	"time"
)

// memoryWatch says whether the process has taken so much memory that more people would be too many.
type memoryWatch struct {
	// limit is how many bytes it may take; 0 for any.
	limit uint64

	mu     sync.Mutex
	looked time.Time
	full   bool
}

const (
	// memoryEvery is how often it is looked at most.
	memoryEvery = 100 * time.Millisecond
	// memoryShare is the part of the limit, in percent, from which on nobody else is let in: what remains is for those who are here.
	memoryShare = 85
)

// isFull looks at what the Go runtime holds of the system's memory.
func (w *memoryWatch) isFull() bool {
	if w.limit == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.looked) >= memoryEvery {
		w.looked = time.Now()
		w.full = heldBytes() >= w.limit/100*memoryShare
	}
	return w.full
}

// heldBytes is how much the runtime has of the system, without what it has given back.
func heldBytes() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
