package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// olderFolder makes a data folder of format 2, as it was released.
func olderFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	unpackFormat(t, "testdata/format2.gz", dir)
	return dir
}

// An upgrade keeps the files as they were, byte for byte; they can be put back.
func TestUpgradeKeepsWhatWasThereBefore(t *testing.T) {
	dir := olderFolder(t)
	before := readFiles(t, dir)
	s := openTest(t, dir, quietOptions)
	if err := s.Append(ctx, "new", 0, []Record{{Payload: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, "before-format-3")
	for name, want := range before {
		if got, err := os.ReadFile(filepath.Join(kept, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s was not kept as it was (%v)", name, err)
		}
	}
	// The next start is no upgrade: the copy stays.
	if s = openTest(t, dir, quietOptions); s.Close() != nil {
		t.Fatal("close")
	}
	if got, err := os.ReadFile(filepath.Join(kept, mainName)); err != nil || !bytes.Equal(got, before[mainName]) {
		t.Errorf("the copy was replaced (%v)", err)
	}
	back := openTest(t, kept, quietOptions)
	if _, err := back.Info("new"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the copy has what came later: %v", err)
	}
	checkFormatFile(t, back)
}

// An upgrade that was interrupted after main.db goes on, and the copy of before stays; one that was interrupted while copying
// copies again.
func TestUpgradeThatWasInterruptedGoesOn(t *testing.T) {
	dir := olderFolder(t)
	before := readFiles(t, dir)
	kept := filepath.Join(dir, "before-format-3")
	if err := os.Mkdir(kept+newSuffix, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kept+newSuffix, mainName), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := openTest(t, dir, quietOptions).Close(); err != nil {
		t.Fatal(err)
	}
	// As if the journal had not been upgraded.
	if err := os.WriteFile(filepath.Join(dir, journalName), before[journalName], 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, dir, quietOptions)
	checkFormatFile(t, s)
	if got, err := os.ReadFile(filepath.Join(kept, mainName)); err != nil || !bytes.Equal(got, before[mainName]) {
		t.Errorf("the copy of before was replaced by one of the middle (%v)", err)
	}
	if _, err := os.Stat(kept + newSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a copy is left: %v", err)
	}
}

// Without room for the copy nothing is upgraded, and the folder is as it was.
func TestUpgradeWithoutRoomForTheCopyChangesNothing(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	unpackFormat(t, "testdata/format2.gz", dir)
	before := readFiles(t, dir)
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 16<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if _, err := Open(dir, quietOptions); err == nil || !strings.Contains(err.Error(), "make room on the disk") {
		t.Errorf("%v", err)
	}
	for name, want := range before {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s was changed (%v)", name, err)
		}
	}
}

// A folder of a newer format is refused with a sentence, and left as it is.
func TestNewerFormatIsRefusedAndLeftAlone(t *testing.T) {
	dir := filledDir(t)
	db, err := bolt.Open(filepath.Join(dir, mainName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketInfo).Put(keyVersion, seal(keyVersion, binary.BigEndian.AppendUint32(nil, formatVersion+1)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before := readFiles(t, dir)
	_, err = Open(dir, quietOptions)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "use the quire that wrote it, or a newer one") {
		t.Errorf("%v", err)
	}
	if after := readFiles(t, dir); !bytes.Equal(after[mainName], before[mainName]) {
		t.Error("main.db was changed")
	}
}
