package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// A backup is one stream:
//
//	backupMagic | size (8, big endian) | journal.db | size (8) | main.db | crc32c (4, little endian)
//
// The journal is copied first. A record that leaves it meanwhile is in main.db
// before, so it is in the later copy of main.db: every record that was durable
// when Backup began is in one of the two, and main.db never lags behind what
// the copied journal assumes.
const backupMagic = "QUIREBK1"

const backupTemporary = "backup-*.tmp" // the copy of the journal

// Backup writes a consistent copy of the whole store to w while the store works
// on; Restore reads it. The copy holds everything durable at the call, and may
// hold more. A slow w does not hold back writers. progress, unless nil, is called
// with the bytes written and how many there will be.
func (s *Store) Backup(ctx context.Context, w io.Writer, progress func(done, total int64)) error {
	end, err := s.beginUpkeep(ctx)
	if err != nil {
		return err
	}
	defer end()
	journal, err := s.copyJournal()
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	err = s.writeBackup(&backupWriter{ctx: ctx, w: w, progress: progress}, journal)
	err = errors.Join(err, journal.Close(), os.Remove(journal.Name()))
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}

// copyJournal copies the journal into a temporary file at the speed of the
// disk: a read transaction that lasts as long as a network takes would make the
// journal grow with every commit.
func (s *Store) copyJournal() (*os.File, error) {
	tmp, err := os.CreateTemp(s.dir, backupTemporary)
	if err != nil {
		return nil, err
	}
	err = s.journal.view(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(tmp)
		return err
	})
	if err == nil {
		_, err = tmp.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
	}
	return tmp, nil
}

// backupWriter counts what is written and ends with its context.
type backupWriter struct {
	ctx         context.Context
	w           io.Writer
	progress    func(done, total int64)
	done, total int64
}

func (b *backupWriter) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.w.Write(p)
	b.done += int64(n)
	if b.progress != nil {
		b.progress(b.done, max(b.done, b.total))
	}
	return n, err
}

func (s *Store) writeBackup(w *backupWriter, journal *os.File) error {
	sum := crc32.New(castagnoli)
	out := io.MultiWriter(w, sum)
	main, err := size(filepath.Join(s.dir, mainName))
	if err != nil {
		return err
	}
	st, err := journal.Stat()
	if err != nil {
		return err
	}
	w.total = int64(len(backupMagic)+8+8+4) + st.Size() + main
	if _, err := io.WriteString(out, backupMagic); err != nil {
		return err
	}
	if err := writeSize(out, st.Size()); err != nil {
		return err
	}
	if _, err := io.Copy(out, journal); err != nil {
		return err
	}
	err = s.main.view(func(tx *bolt.Tx) error {
		w.total += tx.Size() - main // the file may be longer than its pages reach
		if err := writeSize(out, tx.Size()); err != nil {
			return err
		}
		_, err := tx.WriteTo(out)
		return err
	})
	if err != nil {
		return err
	}
	_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return err
}

func writeSize(w io.Writer, n int64) error {
	_, err := w.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return err
}

// Restore makes a data folder from a backup. dir must not hold a store yet.
// Nothing appears under the real names unless the whole stream was read and its
// checksum is right.
//
// Errors: ErrForeign if the stream is no backup, ErrCorrupt if it is damaged or
// ends early.
func Restore(dir string, r io.Reader) (err error) {
	if err := makeDir(dir); err != nil {
		return err
	}
	for _, name := range []string{journalName, mainName} {
		there, err := exists(dir, name)
		if err != nil {
			return err
		}
		if there {
			return fmt.Errorf("%w: %s already holds a store", ErrInvalid, dir)
		}
	}
	names := []string{journalName, mainName}
	defer func() {
		for _, name := range names {
			_ = os.Remove(restoring(dir, name)) // renamed already, or of no use
		}
	}()
	if err := readBackup(dir, names, r); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Rename(restoring(dir, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("store: restore: %w", err)
		}
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("store: restore: %w", err)
	}
	return nil
}

func restoring(dir, name string) string { return filepath.Join(dir, name+".restore") }

func readBackup(dir string, names []string, r io.Reader) error {
	sum := crc32.New(castagnoli)
	in := io.TeeReader(r, sum)
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != backupMagic {
		return fmt.Errorf("%w: not a backup", ErrForeign)
	}
	for _, name := range names {
		if err := readBackupFile(restoring(dir, name), in); err != nil {
			return corrupt("backup", err, "%s", name)
		}
	}
	return checkSum(r, sum)
}

func readBackupFile(path string, in io.Reader) error {
	var size [8]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, in, int64(binary.BigEndian.Uint64(size[:])))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func checkSum(r io.Reader, sum hash.Hash32) error {
	var want [4]byte
	if _, err := io.ReadFull(r, want[:]); err != nil {
		return corrupt("backup", err, "checksum")
	}
	if binary.LittleEndian.Uint32(want[:]) != sum.Sum32() {
		return corrupt("backup", errChecksum, "whole stream")
	}
	return nil
}
