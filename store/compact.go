package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// compactTx is how many bytes Compact copies in one transaction.
const compactTx = 8 << 20

// Compact writes main.db of the data folder dir anew without its free pages,
// which bbolt never gives back to the disk, and answers its size before and
// after. No process may have the folder open. It needs room for a second copy.
//
// The copy appears under the real name only when it is whole and synced, so that
// Compact may be interrupted at any point.
//
// Errors: ErrInUse, ErrReadOnly, ErrForeign, ErrNewer, ErrCorrupt.
func Compact(dir string, opt Options) (before, after int64, err error) {
	lock, err := lockDir(dir, opt.withDefaults().LockTimeout)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	from, _, err := openRead(dir, mainName, walkLeaves, opt.AcceptOlder)
	if err != nil {
		return 0, 0, err
	}
	path := filepath.Join(dir, mainName)
	before, after, err = compactInto(from, path, path+newSuffix)
	if err = errors.Join(err, from.db.Close()); err != nil {
		return before, after, err
	}
	if err := os.Rename(path+newSuffix, path); err != nil {
		return before, after, fmt.Errorf("store: compact: %w", err)
	}
	return before, after, syncDir(dir)
}

// compactInto copies from, whose path is given, into a new file.
func compactInto(from *file, path, into string) (before, after int64, err error) {
	if err := os.RemoveAll(into); err != nil {
		return 0, 0, fmt.Errorf("store: compact: %w", err)
	}
	to, err := bolt.Open(into, 0o600, &bolt.Options{
		PageSize: pageSize, Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoSync: true,
	})
	if err != nil {
		return 0, 0, fmt.Errorf("store: compact: %w", err)
	}
	err = copyPages(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return 0, 0, errors.Join(fmt.Errorf("store: compact: %w", err), os.Remove(into))
	}
	for _, f := range []struct {
		path string
		size *int64
	}{{path, &before}, {into, &after}} {
		st, err := os.Stat(f.path)
		if err != nil {
			return 0, 0, fmt.Errorf("store: compact: %w", err)
		}
		*f.size = st.Size()
	}
	return before, after, nil
}

// copyPages is bolt.Compact, on whose source a panic is ErrCorrupt.
func copyPages(to *bolt.DB, from *file) (err error) {
	defer from.rescue(&err)()
	to.AllocSize = pageSize
	return bolt.Compact(to, from.db, compactTx)
}
