//go:build !unix

package store

import (
	"os"
	"path/filepath"
	"time"
)

// fileID is not known here.
func fileID(*os.File) uint64 { return 0 }

// lockDir opens the lock file without locking it: where there is no flock,
// bbolt's own lock on each file keeps a second process out once they exist.
func lockDir(dir string, _ time.Duration) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
}
