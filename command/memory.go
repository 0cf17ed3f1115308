package command

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	// containerLimit is where the system tells how much memory a container may take.
	containerLimit = "/sys/fs/cgroup/memory.max"
	// ownShare is the part of that, in percent, that the Go runtime may use; the rest is for what it does not count.
	ownShare = 90
)

// memoryLimit is how many bytes the process may take, 0 if nobody says: what GOMEMLIMIT says, or most of what its container has.
// The collector then works harder before that is reached.
func memoryLimit() uint64 {
	if said := debug.SetMemoryLimit(-1); said != math.MaxInt64 {
		return uint64(said)
	}
	content, err := os.ReadFile(containerLimit)
	if err != nil {
		return 0
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	if err != nil {
		return 0 // "max": as much as there is
	}
	limit := bytes / 100 * ownShare
	debug.SetMemoryLimit(limit)
	return uint64(limit)
}
