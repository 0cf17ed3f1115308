package command

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// timerSlack is by how much the kernel may delay a thread that sleeps for a time.
	timerSlack = time.Millisecond
	// slackMark tells the program that it has been started anew for that, should the kernel forget what it was told.
	slackMark = "QUIRE_STARTED_ANEW"
)

// slacken starts the program anew, as the same process, so that all its threads have timerSlack: each has it from the thread that
// started it, and those of the Go runtime are there before any code of ours. One of these looks each 20 µs for others that the
// system holds up, as it does during an fsync. That takes a fifth of the processor where people type in many
// documents; a look each millisecond is enough. The times that matter are kept by a timerfd, which has no slack.
//
// Where it cannot be had, the program goes on without.
func slacken() {
	anew := os.Getenv(slackMark) != ""
	_ = os.Unsetenv(slackMark) // it cannot fail
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if anew || err != nil || slack >= int(timerSlack) {
		return
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(timerSlack), 0, 0, 0); err != nil {
		return
	}
	if self, err := os.Executable(); err == nil {
		_ = syscall.Exec(self, os.Args, append(os.Environ(), slackMark+"=1")) // it returns only if it fails
	}
}
