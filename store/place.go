package store

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// missing returns an error if a folder no longer has the file under its name.
// Writing to it would succeed all the same, and be lost with the process.
func (f *file) missing(dir string) error {
	path := filepath.Join(dir, f.name)
	there, err := isAt(path, f.stat)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	if err != nil {
		return fmt.Errorf("%s was removed or replaced while in use (%w): stop quire and put the data folder back, or restore a backup", path, err)
	}
	return nil
}

func isAtByStat(path string, file os.FileInfo) (bool, error) {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, file), err
}
