package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/quire-editor/quire/store"
)

// SecretFile is where the secret lies in the data folder.
const SecretFile = "secret"

// A backup is the store's (store/FORMAT.md, "Backups"), and behind it the secret by which guests are known again:
//
//	secretMagic | secret (32) | crc32c of both (4, little endian)
const secretMagic = "QUIRESEC"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errNoSecret = errors.New("the backup is damaged or not whole: its end is wrong")

// Backup writes everything that the data folder keeps to w, while people type; Restore reads it. It rests as long as it works.
func (s *Server) Backup(ctx context.Context, w io.Writer) error {
	w = &restingWriter{w: w, ctx: ctx, began: time.Now()}
	if err := s.store.Backup(ctx, w, nil); err != nil {
		return err
	}
	end := append([]byte(secretMagic), s.guests.secret...)
	end = binary.LittleEndian.AppendUint32(end, crc32.Checksum(end, castagnoli))
	_, err := w.Write(end)
	return err
}

// restingWriter rests after each restBytes as long as writing them took, so that people who type have the disk to themselves half of
// the time.
type restingWriter struct {
	w     io.Writer
	ctx   context.Context
	began time.Time
	since int
}

const restBytes = 1 << 20

func (r *restingWriter) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if r.since += n; err != nil || r.since < restBytes {
		return n, err
	}
	select {
	case <-time.After(time.Since(r.began)):
	case <-r.ctx.Done():
		return n, r.ctx.Err()
	}
	r.began, r.since = time.Now(), 0
	return n, nil
}

// Restore makes a data folder from a backup. The folder must not hold one yet.
func Restore(dir string, r io.Reader) error {
	if err := store.Restore(dir, r); err != nil {
		return err
	}
	end := make([]byte, len(secretMagic)+secretBytes+4)
	if _, err := io.ReadFull(r, end); err != nil {
		return fmt.Errorf("%w: %w", errNoSecret, err)
	}
	body, sum := end[:len(end)-4], binary.LittleEndian.Uint32(end[len(end)-4:])
	if string(body[:len(secretMagic)]) != secretMagic || crc32.Checksum(body, castagnoli) != sum {
		return errNoSecret
	}
	return os.WriteFile(filepath.Join(dir, SecretFile), body[len(secretMagic):], 0o600)
}
