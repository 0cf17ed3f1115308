package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// quietPeriod is how long the server must have been quiet.
	quietPeriod = 5 * time.Second
	// quietBytes is how much a quiet server allocates in that time.
	quietBytes = 1 << 20
)

// returnMemory gives memory that is not used any more back to the system, once whenever the server has become quiet, until
// ctx ends. The collector by itself lets as much garbage lie as there is in use, and would leave it there: a server with a
// thousand idle readers would hold twice the memory it needs.
func returnMemory(ctx context.Context) {
	tick := time.NewTicker(quietPeriod)
	defer tick.Stop()
	var before uint64
	returned := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := allocatedBytes()
		quiet := now-before < quietBytes
		if quiet && !returned {
			debug.FreeOSMemory()
			now = allocatedBytes()
		}
		before, returned = now, quiet
	}
}

// allocatedBytes is how much has been allocated on the heap since the process began.
func allocatedBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
