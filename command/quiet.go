package command

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// ballast is never used, so it takes no memory. The collector counts it, and so does not run for the first few megabytes: it
// would each time somebody opens a document. A larger one would leave more holes, where short-lived objects were between
// those that stay.
var ballast []byte

const ballastBytes = 8 << 20

// tune sets the Go runtime up for a server that waits for a disk. profiled says that somebody may ask what takes its memory.
func tune(profiled bool) {
	if !profiled {
		runtime.MemProfileRate = 0
	}
	ballast = make([]byte, ballastBytes)
	runtime.KeepAlive(ballast) // linters take a variable that is only written for unused
	// A commit's goroutine holds on to its place among those that run while it waits for the disk, until the runtime notices
	// that. With one place everybody would wait with it.
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}

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
			runtime.GC() // each collection halves the stacks of those who wait
			runtime.GC()
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
