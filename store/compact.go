package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// compactBytes is how many bytes Compact copies in one transaction.
const compactBytes = 1 << 20

// Compact writes main.db anew without its free pages, which bbolt never gives
// back to the disk, and returns its size before and after, in bytes. It needs
// room for a second copy. progress, unless nil, is called with the bytes copied
// and the most there can be.
//
// People write on meanwhile: records stay in the journal until the new file is in
// place. Compact rests as long as it works, so it takes at most half a core, and
// gives up with ErrBusy before writers would have to wait for it. The copy gets the
// name only when it is whole and synced, so Compact may be interrupted anywhere.
//
// Errors: ErrBusy, ErrNoSpace, ErrCorrupt, the context's, and see the package comment.
func (s *Store) Compact(ctx context.Context, progress func(done, total int64)) (before, after int64, err error) {
	end, err := s.beginUpkeep(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer end()
	if err := s.Flush(ctx); err != nil {
		return 0, 0, err
	}
	release, err := s.holdMain()
	defer release()
	if err != nil {
		return 0, 0, err
	}
	path := filepath.Join(s.dir, mainName)
	c := compaction{s: s, ctx: ctx, progress: progress}
	if err := c.copy(path + newSuffix); err != nil {
		return 0, 0, fmt.Errorf("store: compact: %w", errors.Join(noSpace(err), removeIfThere(path+newSuffix)))
	}
	s.step("the copy is whole")
	if before, err = size(path); err == nil {
		err = s.main.replace(s.dir, s.opt.hooks)
	}
	if err != nil {
		return before, 0, s.fail(fmt.Errorf("compact: %w", err))
	}
	s.step("the copy has the name")
	if err := s.noteOpen(); err != nil {
		return before, 0, s.outcome(err)
	}
	after, err = size(path)
	return before, after, err
}

func size(path string) (int64, error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return st.Size(), nil
}

// compaction copies main.db.
type compaction struct {
	s           *Store
	ctx         context.Context
	progress    func(done, total int64)
	done, total int64

	to      *bolt.DB
	tx      *bolt.Tx // nil between transactions
	started time.Time
}

func (c *compaction) copy(path string) error {
	if err := removeIfThere(path); err != nil {
		return err
	}
	to, err := bolt.Open(path, 0o600, &bolt.Options{
		PageSize: pageSize, Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoSync: true,
	})
	if err != nil {
		return err
	}
	to.AllocSize = pageSize
	c.to, c.started = to, time.Now()
	err = c.s.main.view(func(tx *bolt.Tx) error {
		c.total = tx.Size()
		return tx.ForEach(c.bucket)
	})
	if c.tx != nil {
		err = errors.Join(err, c.tx.Rollback())
	}
	return errors.Join(err, to.Sync(), to.Close())
}

// bucket copies a bucket. Keys come in order, so each page is filled.
func (c *compaction) bucket(name []byte, from *bolt.Bucket) error {
	cursor := readCursor(from)
	k, v := cursor.Seek(nil)
	for first := true; first || k != nil; first = false {
		tx, err := c.to.Begin(true)
		if err != nil {
			return err
		}
		c.tx = tx
		to, err := tx.CreateBucketIfNotExists(name)
		if err == nil {
			err = to.SetSequence(from.Sequence())
		}
		if err != nil {
			return err
		}
		to.FillPercent = 1
		for n := 0; k != nil && n < compactBytes; k, v = cursor.Next() {
			if err := to.Put(bytes.Clone(k), bytes.Clone(v)); err != nil {
				return err
			}
			n += len(k) + len(v)
			c.done += int64(len(k) + len(v))
		}
		c.tx = nil
		if err := tx.Commit(); err != nil {
			return err
		}
		if err := c.rest(); err != nil {
			return err
		}
	}
	return nil
}

// rest waits as long as the last transaction took. While one segment waits for
// main.db, writers have another to fill; with the next one they would wait.
func (c *compaction) rest() error {
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
	c.s.mu.Lock()
	waiting := len(c.s.sealed)
	c.s.mu.Unlock()
	if waiting > maxSealed-2 {
		return fmt.Errorf("%w: %d journal segments wait for %s", ErrBusy, waiting, mainName)
	}
	select {
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-c.s.commitEnded:
		return ErrClosed
	case <-time.After(time.Since(c.started)):
		c.started = time.Now()
		return nil
	}
}

// replace gives a file's name to its copy and goes on with that. The caller sees
// to it that nobody writes; readers wait, or are done.
func (f *file) replace(dir string, h hooks) error {
	f.gate.Lock()
	defer f.gate.Unlock()
	if err := f.close(); err != nil {
		return err
	}
	path := filepath.Join(dir, f.name)
	if err := os.Rename(path+newSuffix, path); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	now, err := openWrite(dir, f.name, h)
	if err != nil {
		return err
	}
	f.db, f.raw, f.stat = now.db, now.raw, now.stat
	return nil
}
