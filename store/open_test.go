package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

var quietOptions = Options{Logger: slog.New(slog.DiscardHandler), MinGap: -1, LockTimeout: time.Millisecond, SegmentBytes: 256 << 10}

// filledDir returns a closed store with records in both files.
func filledDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, quietOptions)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(60) {
		for _, doc := range []string{"doc1", "doc2"} {
			r := Record{Src: "src " + doc, Seq: i, Payload: crashPayload(doc, i)}
			if err := s.Append(ctx, doc, i, []Record{r}, []byte("meta")); err != nil {
				t.Fatal(err)
			}
		}
		if i == 30 {
			if err := errors.Join(s.PutSnapshot("doc1", Snapshot{30, crashPayload("doc1", 30)}), s.Flush(ctx)); err != nil {
				t.Fatal(err)
			}
		}
	}
	abandon(t, s)
	return dir
}

func changeInfo(t *testing.T, path string, key, value []byte) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketInfo).Put(key, seal(key, value)) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	write := func(t *testing.T, path string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   error
		text   string
	}{
		"another process has the folder": {func(t *testing.T, dir string) {
			s := openTest(t, dir, quietOptions)
			_ = s
		}, ErrInUse, "in use by another quire"},
		"the format is newer": {func(t *testing.T, dir string) {
			changeInfo(t, filepath.Join(dir, mainName), keyVersion, binary.BigEndian.AppendUint32(nil, 99))
		}, ErrNewer, "99"},
		"the files belong to different stores": {func(t *testing.T, dir string) {
			changeInfo(t, filepath.Join(dir, mainName), keyStore, make([]byte, 16))
		}, ErrCorrupt, "different stores"},
		"the files have changed places": {func(t *testing.T, dir string) {
			j, m := filepath.Join(dir, journalName), filepath.Join(dir, mainName)
			if err := errors.Join(os.Rename(j, j+"x"), os.Rename(m, j), os.Rename(j+"x", m)); err != nil {
				t.Fatal(err)
			}
		}, nil, ".db"},
		"a file is another program's text": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, journalName), bytes.Repeat([]byte("hello\n"), 10_000))
		}, ErrForeign, journalName},
		"a file is another program's bbolt file": {func(t *testing.T, dir string) {
			path := filepath.Join(dir, mainName)
			_ = os.Remove(path)
			db, err := bolt.Open(path, 0o600, nil)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "another program"},
		"a file is empty": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, mainName), nil)
		}, ErrForeign, mainName},
		"a file was cut off": {func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, journalName), 5*pageSize); err != nil {
				t.Fatal(err)
			}
		}, ErrCorrupt, journalName},
		"a file is shorter than its pages reach": {func(t *testing.T, dir string) {
			cutLastPage(t, filepath.Join(dir, mainName))
		}, ErrCorrupt, "it was cut off (data folder"},
		"the newest meta page is damaged": {func(t *testing.T, dir string) {
			harmFile(t, filepath.Join(dir, journalName), func(b []byte) { b[pageHeader+50] ^= 1 })
		}, ErrCorrupt, "newest commit may be lost"},
		"a page points to itself": {func(t *testing.T, dir string) {
			harmFile(t, filepath.Join(dir, journalName), circle)
		}, ErrCorrupt, "circle"},
		"a page in use is in the list of free pages": {func(t *testing.T, dir string) {
			harmFile(t, filepath.Join(dir, mainName), freeTheRoot)
		}, ErrCorrupt, "free page"},
		"the journal is missing": {func(t *testing.T, dir string) {
			_ = os.Remove(filepath.Join(dir, journalName))
		}, ErrCorrupt, "no " + journalName},
		"the main file is missing": {func(t *testing.T, dir string) {
			_ = os.Remove(filepath.Join(dir, mainName))
		}, ErrCorrupt, "no " + mainName},
		"the folder is a file": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			write(t, dir, []byte("x"))
		}, nil, "data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filledDir(t)
			c.damage(t, dir)
			s, err := Open(dir, quietOptions)
			if err == nil {
				_ = s.Close()
				t.Fatal("it opened")
			}
			if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("the error is %v", err)
			}
		})
	}
}

// harmFile changes the bytes of a file.
func harmFile(t *testing.T, path string, harm func(b []byte)) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	harm(b)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// newestMeta returns the newest meta page of a file.
func newestMeta(b []byte) pageMeta {
	m, _ := readMeta(bytes.NewReader(b), 0)
	if other, _ := readMeta(bytes.NewReader(b), 1); other.tx > m.tx {
		return other
	}
	return m
}

func cutLastPage(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(newestMeta(b).pages-1)*pageSize); err != nil {
		t.Fatal(err)
	}
}

// circle makes the root page a branch to itself.
func circle(b []byte) {
	root := newestMeta(b).root
	p := b[root*pageSize:]
	u := binary.NativeEndian
	u.PutUint16(p[8:], pageBranch)
	u.PutUint16(p[10:], 1)
	u.PutUint32(p[pageHeader:], elementSize) // where an empty key lies
	u.PutUint32(p[pageHeader+4:], 0)
	u.PutUint64(p[pageHeader+8:], root)
}

// freeTheRoot puts the root page into the list of free pages.
func freeTheRoot(b []byte) {
	m := newestMeta(b)
	p := b[m.freelist*pageSize:]
	binary.NativeEndian.PutUint16(p[10:], 1)
	binary.NativeEndian.PutUint64(p[pageHeader:], m.root)
}

// copyFiles copies a folder the way people do.
func copyFiles(t *testing.T, dir string) string {
	t.Helper()
	return writeFiles(t, readFiles(t, dir))
}

// A copy made beside a running store is read through before it is used: if its
// pages fit together it opens, if not it says what it is.
func TestOpenChecksACopyOfALiveFolder(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, quietOptions)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- writeUntil(s, "doc0", stop) }()
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		image := copyFiles(t, dir)
		c, err := Open(image, quietOptions)
		if err != nil {
			if !isDamage(err) {
				t.Errorf("a torn copy: %v", err)
			}
			continue
		}
		info, err := c.Info("doc0")
		if err == nil {
			err = verifyDocument(c, "doc0", info.Revision)
		}
		if err = errors.Join(err, c.Close()); err != nil && !errors.Is(err, ErrNotFound) {
			t.Errorf("a copy that opened: %v", err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	// Of two moments, each page whole: nothing but reading all of it can tell.
	image := copyFiles(t, dir)
	db, err := bolt.Open(filepath.Join(image, mainName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketDocuments).Delete([]byte("doc0")) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // also when tried again
		if _, err := Open(image, quietOptions); err == nil || !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "a copy made while the store was in use") {
			t.Fatalf("the error is %v", err)
		}
	}
}

// A folder that vanishes under a running store must not go on being written to:
// the writes would succeed and be lost.
func TestAVanishedFolderFailsTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openTest(t, dir, quietOptions)
	if err := s.Append(ctx, "d", 0, []Record{{Payload: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	err := s.Append(ctx, "d", 1, []Record{{Payload: []byte("y")}}, nil)
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "removed or replaced while in use") || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
}

// A row that the disk did not write must not cut its document short.
func TestADocumentIsNotCutShortByALostRow(t *testing.T) {
	s := openTest(t, t.TempDir(), WithoutSync(quietOptions))
	for n := range uint64(2) {
		if err := errors.Join(s.Append(ctx, "d", n, []Record{{Payload: []byte("x")}}, nil), s.Flush(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	err := s.main.update(func(tx *bolt.Tx) error {
		h, err := loadHeader(tx, "d")
		h.revision = 1
		return errors.Join(err, storeHeader(tx, "d", &h, false))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Records("d", 0, 9, func(Record) error { return nil }); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "its row says 1") {
		t.Errorf("%v", err)
	}
}

// Whoever would rather have the state before the newest commit than nothing may
// say so.
func TestOpenGoesOnBeforeADamagedMetaPageIfAllowed(t *testing.T) {
	dir := filledDir(t)
	harmFile(t, filepath.Join(dir, mainName), func(b []byte) {
		m := newestMeta(b)
		for id := range int64(2) {
			if own, _ := readMeta(bytes.NewReader(b), id); own == m {
				b[id*pageSize+pageHeader+50] ^= 1
			}
		}
	})
	if _, err := Open(dir, quietOptions); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "meta page") {
		t.Fatalf("without leave: %v", err)
	}
	o := quietOptions
	o.AcceptOlder = true
	s := openTest(t, dir, o)
	if err := verifyDocument(s, "doc1", 60); err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesAReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := filledDir(t)
	if err := os.Chmod(filepath.Join(dir, mainName), 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, quietOptions); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("the error is %v", err)
	}
}

// A crash between making the two files of a new store leaves the journal alone.
func TestOpenFinishesAnInterruptedCreation(t *testing.T) {
	dir := t.TempDir()
	if err := createFile(dir, journalName, storeID{1}, nil); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, dir, quietOptions)
	if err := s.Append(ctx, "doc", 0, []Record{{Payload: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
}

// A flipped bit in either file is told, or harmless; it never becomes wrong
// text. The values are hit here; damage to bbolt's own pages is a matter for a
// walk in a process of its own.
func TestFlippedBitsNeverBecomeText(t *testing.T) {
	dir := filledDir(t)
	rnd := rand.New(rand.NewPCG(*crashSeed, 2))
	t.Logf("rerun: go test ./store -run %s -crash.seed %d", t.Name(), *crashSeed)
	told := 0
	for _, name := range []string{journalName, mainName} {
		whole, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range valueOffsets(t, filepath.Join(dir, name), whole) {
			damaged := bytes.Clone(whole)
			damaged[at+rnd.IntN(4)] ^= 1 << rnd.IntN(8)
			copyDir := t.TempDir()
			for _, n := range []string{journalName, mainName} {
				b := damaged
				if n != name {
					if b, err = os.ReadFile(filepath.Join(dir, n)); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile(filepath.Join(copyDir, n), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := readDamaged(copyDir); err != nil {
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) && !errors.Is(err, ErrNewer) {
					t.Fatalf("%s, byte %d: %v", name, at, err)
				}
				told++
			}
		}
	}
	if told == 0 {
		t.Fatal("no damage was noticed")
	}
	t.Logf("%d flips told", told)
}

// readDamaged reads everything. A wrong record is not ErrCorrupt.
func readDamaged(dir string) error {
	s, err := Open(dir, WithoutSync(quietOptions))
	if err != nil {
		return err
	}
	defer func() { abandonFailed(s) }()
	for _, doc := range []string{"doc1", "doc2"} {
		if err := verifyDocument(s, doc, 60); err != nil {
			return err
		}
	}
	return nil
}

// valueOffsets returns where values of a file lie, a few of each bucket.
func valueOffsets(t *testing.T, path string, whole []byte) (at []int) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_ = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			n := 0
			return b.ForEach(func(_, v []byte) error {
				if i := bytes.Index(whole, v); len(v) > 4 && i >= 0 && n < 12 {
					at = append(at, i+n%max(1, len(v)-4))
					n++
				}
				return nil
			})
		})
	})
	return at
}
