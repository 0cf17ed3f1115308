package store

import (
	"context"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// A copy of the files of a running store, made by anything but Backup, holds
// pages of different moments: it may look whole and lack documents. So main.db
// notes, while it is open, which file it is. Found in another file, the note says
// that this is such a copy, or a folder that was moved after a crash: then
// everything is read before anybody may use it.

// isCopied tells whether the note is there and names another file.
func (s *Store) isCopied() (copied bool, err error) {
	id := fileID(s.main.raw)
	if id == 0 {
		return false, nil // not known on this system
	}
	err = s.main.view(func(tx *bolt.Tx) error {
		v := tx.Bucket(bucketInfo).Get(keyOpen)
		if v == nil {
			return nil
		}
		body, err := unseal(keyOpen, v)
		if err != nil || len(body) != 8 {
			return corrupt(mainName, errChecksum, "info value %q", keyOpen)
		}
		copied = binary.BigEndian.Uint64(body) != id
		return nil
	})
	return copied, err
}

// noteOpen writes the note. The caller holds main.db.
func (s *Store) noteOpen() error {
	now := binary.BigEndian.AppendUint64(nil, fileID(s.main.raw))
	return s.updateMain(func(tx *bolt.Tx) error { return putValue(tx.Bucket(bucketInfo), keyOpen, now) })
}

// forgetOpen takes the note away when the store ends in order. If that fails, a
// copy made later is read through without need.
func (s *Store) forgetOpen() {
	s.mu.Lock()
	failed := s.failed != nil
	s.mu.Unlock()
	if failed {
		return // what is there has not been found whole
	}
	_ = s.main.update(func(tx *bolt.Tx) error { return tx.Bucket(bucketInfo).Delete(keyOpen) })
}

// checkCopy reads everything and fails the store if something is wrong.
func (s *Store) checkCopy() error {
	s.opt.Logger.Warn("store: the data folder was copied or restored from a store in use; reading all of it first", "folder", s.dir)
	if _, err := checkPages(s.dir, mainName, walkLeaves, false); err != nil {
		return s.fail(err)
	}
	v, err := s.Verify(context.Background(), nil)
	if err == nil && len(v.Problems) > 0 {
		err = v.Problems[0].Err
	}
	if err != nil {
		return s.fail(fmt.Errorf("a copy made while the store was in use, which only a backup may: %w", err))
	}
	release, err := s.holdMain()
	defer release()
	if err == nil {
		err = s.outcome(s.noteOpen())
	}
	return err
}
