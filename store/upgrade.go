package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// A data folder of an older format is copied before it is upgraded, into a folder
// beside the files: who wants to go back to the quire from before puts them back.

// beforeUpgrade is the name of the folder with the files as they were before this
// format.
const beforeUpgrade = "before-format-"

// version returns the format that a file has.
func (f *file) version() (n uint32, err error) {
	err = f.view(func(tx *bolt.Tx) error {
		v, err := infoValue(tx.Bucket(bucketInfo), f.name, keyVersion, 4)
		if err == nil {
			n = binary.BigEndian.Uint32(v)
		}
		return err
	})
	return n, err
}

// keepOlder copies both files if main.db, which is upgraded first, is of an older
// format. If it is not, an upgrade was interrupted, and the copy is there. Nobody
// writes meanwhile.
func (s *Store) keepOlder(main *file) error {
	version, err := main.version()
	if err != nil || version >= formatVersion {
		return err
	}
	kept := filepath.Join(s.dir, beforeUpgrade+strconv.Itoa(formatVersion))
	s.opt.Logger.Info("store: the data is of an older format; it is copied, and then upgraded", "format", version, "new", formatVersion, "copy", kept)
	if err := copyFolder(s.dir, kept+newSuffix); err != nil {
		return fmt.Errorf("store: copy the data before it is upgraded: %w", errors.Join(noSpace(err), os.RemoveAll(kept+newSuffix)))
	}
	if err := os.RemoveAll(kept); err != nil { // of an upgrade before which somebody went back
		return fmt.Errorf("store: %w", err)
	}
	if err := os.Rename(kept+newSuffix, kept); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return syncDir(s.dir)
}

// copyFolder copies the two files of a data folder to a new folder, and makes that
// durable.
func copyFolder(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{journalName, mainName} {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return syncDir(to)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(0o600))
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
