package store

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a few megabytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// On a file system that is really full, appends end in ErrNoSpace or, where that
// cannot be told, in ErrUnknown. What was acknowledged stays readable, and once
// there is room the store takes writes again, at the latest after reopening.
func TestFullDiskLosesNothingAndHeals(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "data")
	o := Options{Logger: slog.New(slog.DiscardHandler), SegmentBytes: 256 << 10}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	noise := rand.NewChaCha8([32]byte{1})
	payload := make([]byte, 40<<10)
	var n uint64
	for ; n < 2000; n++ {
		_, _ = noise.Read(payload)
		if err = s.Append(ctx, "doc", n, []Record{{Src: "s", Seq: n, Payload: payload}}, nil); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrNoSpace) && !errors.Is(err, ErrUnknown) {
		t.Fatalf("after %d appends of 40 KiB: %v", n, err)
	}
	t.Logf("%d appends, then: %v", n, err)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	abandonFailed(s)
	s = openTest(t, dir, o)
	info, err := s.Info("doc")
	if err != nil || info.Revision < n || info.Revision > n+1 {
		t.Fatalf("%d acknowledged, %+v, %v", n, info, err)
	}
	if got := len(readAll(t, s, "doc", 0, info.Revision)); uint64(got) != info.Revision {
		t.Errorf("%d of %d records", got, info.Revision)
	}
	r := Record{Src: "s", Seq: info.Revision, Payload: []byte("room again")}
	if err := s.Append(ctx, "doc", info.Revision, []Record{r}, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if v, err := s.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
}

func TestOpenOnAFullDiskSaysWhatToDo(t *testing.T) {
	disk := smallDisk(t)
	noise := make([]byte, 16<<20)
	if err := os.WriteFile(filepath.Join(disk, "filler"), noise, 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	_, err := Open(filepath.Join(disk, "data"), quietOptions)
	if err == nil || !strings.Contains(err.Error(), "make room on the disk") {
		t.Errorf("%v", err)
	}
}
