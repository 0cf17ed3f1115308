//go:build !linux

package store

import "os"

// isAt tells whether a path leads to a file.
func isAt(path string, file os.FileInfo) (bool, error) { return isAtByStat(path, file) }
