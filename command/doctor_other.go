//go:build !linux

package command

import "errors"

// freeBytes is how much room a disk has for this user.
func freeBytes(string) (uint64, error) { return 0, errors.New("not on this system") }

// volatileKind names the kind of file system beneath a folder if that forgets.
func volatileKind(string) string { return "" }

// clockSynchronised says whether the system keeps its clock right.
func clockSynchronised() (synchronised, known bool) { return false, false }
