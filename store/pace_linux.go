package store

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timer is one of the kernel's, which keeps to some hundredths of a millisecond:
// it wakes the runtime where that waits in epoll, whose own time-out is in whole
// milliseconds.
type timer struct {
	file *os.File
	conn syscall.RawConn
	// instead is used where the kernel has none.
	instead *runtimeTimer
}

func newTimer() *timer {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err == nil {
		file := os.NewFile(uintptr(fd), "timerfd")
		if conn, err := file.SyscallConn(); err == nil {
			return &timer{file: file, conn: conn}
		}
		_ = file.Close() // nothing is lost with a timer
	}
	instead := newRuntimeTimer()
	return &timer{instead: &instead}
}

// arm makes wait return after d, from now; d is positive.
func (t *timer) arm(d time.Duration) {
	if t.instead != nil {
		t.instead.arm(d)
		return
	}
	// A timer that is open can be set to any time.
	_ = t.conn.Control(func(fd uintptr) {
		_ = unix.TimerfdSettime(int(fd), 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
	})
}

func (t *timer) wait() {
	if t.instead != nil {
		t.instead.wait()
		return
	}
	var expirations [8]byte
	_, _ = t.file.Read(expirations[:]) // what the timer counted; it can fail only once it is closed
}

func (t *timer) close() {
	if t.file != nil {
		_ = t.file.Close() // nothing is lost with a timer
	}
}
