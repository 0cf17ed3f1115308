package command

import (
	"golang.org/x/sys/unix"
)

// freeBytes is how much room a disk has for this user.
func freeBytes(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// volatileKind names the kind of file system beneath a folder if that is memory, or a container's own layer.
func volatileKind(dir string) string {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return ""
	}
	switch int64(st.Type) {
	case unix.TMPFS_MAGIC, unix.RAMFS_MAGIC:
		return "a disk in memory (tmpfs)"
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "the container's own file system (overlay)"
	}
	return ""
}

// clockSynchronised says whether the system keeps its clock right.
func clockSynchronised() (synchronised, known bool) {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return false, false
	}
	return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, true
}
