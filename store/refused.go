package store

import (
	"errors"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// The disk may refuse a write for a while: it is full, or was made read-only, as
// Linux does after an error. What was refused is certainly not stored if classify
// says so; the store goes on, serves what is there, and writes again when it can.

// refusedBy returns the error for a write that the disk refused, nil for any other.
func refusedBy(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, berrors.ErrMaxSizeReached):
		return ErrNoSpace
	case errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	}
	return nil
}

// isRefused tells whether an error says that the disk refused a write, which is
// certainly not stored.
func isRefused(err error) bool { return errors.Is(err, ErrNoSpace) || errors.Is(err, ErrReadOnly) }
