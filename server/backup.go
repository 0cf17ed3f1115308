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

// Backup writes everything that the data folder keeps to w, while people type; Restore reads it.
func (s *Server) Backup(ctx context.Context, w io.Writer) error {
	if err := s.store.Backup(ctx, w, nil); err != nil {
		return err
	}
	end := append([]byte(secretMagic), s.guests.secret...)
	end = binary.LittleEndian.AppendUint32(end, crc32.Checksum(end, castagnoli))
	_, err := w.Write(end)
	return err
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
