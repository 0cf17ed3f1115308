package store

import "syscall"

// forgetPages takes the pages of a file out of the process's memory that opening it has touched. They stay in the system's cache;
// bbolt reads few of them again, and what the store reads it reads without the map.
func (f *file) forgetPages() {
	// Refused, it only leaves things as they are.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, f.db.Info().Data, uintptr(f.stat.Size()), syscall.MADV_DONTNEED)
}
