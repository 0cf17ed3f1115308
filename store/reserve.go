package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// reservedSegments is how many segments' worth of written blocks the journal has
// from the start: the one being filled, one on its way to main.db, and some room.
const reservedSegments = 3

// reserve makes a file at least size bytes long, with blocks that are written.
// An fsync after a write into such a block waits for that block alone. A block
// that is new, or reserved but never written, changes the file system's own
// records: those wait for whatever else the disk is busy with.
//
// bbolt takes a file that is longer than its pages reach, and fills it. A disk
// that has no room for it all gets none of it.
func reserve(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	err = extend(f, size)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("store: reserve %s: %w", path, err)
	}
	return nil
}

func extend(f *os.File, size int64) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for at := st.Size(); at < size; {
		n, err := f.WriteAt(zeros[:min(size-at, int64(len(zeros)))], at)
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return f.Truncate(st.Size())
		}
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return f.Sync()
}
