package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"
)

var damageRounds = flag.Int("damage.rounds", 8, "damaged files per kind and file in TestDamageIsToldAndNeverBecomesText")

const damagedDocs = 5

// damagedStore returns the files of a store with trees of several levels and
// free pages, and the files as they were some transactions earlier.
func damagedStore(t *testing.T, rnd *rand.Rand) (now, earlier map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, WithoutSync(quietOptions))
	if err != nil {
		t.Fatal(err)
	}
	fill := func(from, to uint64) {
		for i := from; i < to; i++ {
			for d := range damagedDocs {
				doc := fmt.Sprint("doc", d)
				r := Record{Src: "src " + doc, Seq: i, Author: "ann", Time: int64(i), Payload: crashPayload(doc, i)}
				if err := s.Append(ctx, doc, i, []Record{r}, []byte("meta")); err != nil {
					t.Fatal(err)
				}
			}
			if rnd.IntN(20) == 0 {
				doc := fmt.Sprint("doc", rnd.IntN(damagedDocs))
				if err := errors.Join(s.PutSnapshot(doc, Snapshot{i, crashPayload(doc, i)}), s.Flush(ctx)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	fill(0, 150)
	earlier = readFiles(t, dir)
	fill(150, 180)
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	fill(180, 200)
	abandon(t, s)
	return readFiles(t, dir), earlier
}

func readFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{journalName, mainName} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	return files
}

// A damage changes a file in place and may shorten it. It answers what it did.
type damage struct {
	name string
	harm func(b, earlier []byte, rnd *rand.Rand) (harmed []byte, what string)
}

// written returns the number of a page that is not all zeros.
func written(b []byte, rnd *rand.Rand) int {
	for {
		id := rnd.IntN(len(b) / pageSize)
		if bytes.ContainsFunc(b[id*pageSize:(id+1)*pageSize], func(r rune) bool { return r != 0 }) {
			return id
		}
	}
}

var damages = []damage{
	{"a flipped bit", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		at := written(b, rnd)*pageSize + rnd.IntN(pageSize)
		b[at] ^= 1 << rnd.IntN(8)
		return b, fmt.Sprint("byte ", at)
	}},
	{"a flipped bit in the head of a page", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		at := written(b, rnd)*pageSize + rnd.IntN(96)
		b[at] ^= 1 << rnd.IntN(8)
		return b, fmt.Sprint("byte ", at)
	}},
	{"a page of zeros", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		id := written(b, rnd)
		clear(b[id*pageSize : (id+1)*pageSize])
		return b, fmt.Sprint("page ", id)
	}},
	{"a lost write", func(b, earlier []byte, rnd *rand.Rand) ([]byte, string) {
		id := written(earlier, rnd)
		copy(b[id*pageSize:(id+1)*pageSize], earlier[id*pageSize:])
		return b, fmt.Sprint("page ", id)
	}},
	{"a misdirected write", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		from, to := written(b, rnd), written(b, rnd)
		copy(b[to*pageSize:(to+1)*pageSize], b[from*pageSize:])
		return b, fmt.Sprint("page ", from, " at ", to)
	}},
	{"a page that is a branch to any other", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		id := max(2, written(b, rnd))
		p, u := b[id*pageSize:(id+1)*pageSize], binary.NativeEndian
		u.PutUint16(p[8:], pageBranch)
		u.PutUint16(p[10:], 1)
		to := written(b, rnd)
		if rnd.IntN(3) == 0 {
			to = id
		}
		u.PutUint64(p[24:], uint64(to))
		return b, fmt.Sprint("page ", id, " to ", to)
	}},
	{"a file cut off", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		n := rnd.IntN(len(b))
		return b[:n], fmt.Sprint("to ", n, " bytes")
	}},
	{"a stretch of noise", func(b, _ []byte, rnd *rand.Rand) ([]byte, string) {
		at, n := written(b, rnd)*pageSize+rnd.IntN(pageSize), 1+rnd.IntN(600)
		for i := at; i < min(at+n, len(b)); i++ {
			b[i] = byte(rnd.Uint32())
		}
		return b, fmt.Sprint(n, " bytes at ", at)
	}},
}

// Whatever a disk did to one of the files, the process goes on, and whoever
// opens, reads, verifies, writes or flushes gets what was written or an error
// that says what is damaged.
func TestDamageIsToldAndNeverBecomesText(t *testing.T) {
	t.Logf("rerun: go test ./store -run %s -crash.seed %d -damage.rounds %d", t.Name(), *crashSeed, *damageRounds)
	now, earlier := damagedStore(t, rand.New(rand.NewPCG(*crashSeed, 5)))
	for _, d := range damages {
		for _, name := range []string{journalName, mainName} {
			t.Run(d.name+" in "+name, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(*crashSeed, 6))
				told := 0
				for range *damageRounds {
					files := map[string][]byte{journalName: now[journalName], mainName: now[mainName]}
					var what string
					files[name], what = d.harm(bytes.Clone(now[name]), earlier[name], rnd)
					err := useDamaged(t, files)
					if err == nil {
						continue
					}
					if told++; !isDamage(err) {
						t.Fatalf("%s: %v", what, err)
					}
				}
				t.Logf("%d of %d told", told, *damageRounds)
			})
		}
	}
}

func isDamage(err error) bool {
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer)
}

// useDamaged does all that a store can, and returns the first error that is not
// damage named as such, else the first error.
func useDamaged(t *testing.T, files map[string][]byte) error {
	dir, err := os.MkdirTemp(t.TempDir(), "damaged")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	s, err := Open(dir, WithoutSync(quietOptions))
	if err != nil {
		return err
	}
	defer abandonFailed(s)
	var first error
	keep := func(err error) bool {
		if err != nil && !isDamage(err) && !errors.Is(err, ErrUnknown) {
			first = err
			return false
		}
		if first == nil {
			first = err
		}
		return true
	}
	for d := range damagedDocs {
		if !keep(verifyDocument(s, fmt.Sprint("doc", d), 200)) {
			return first
		}
	}
	if _, err := s.List("", 0); !keep(err) {
		return first
	}
	v, err := s.Verify(ctx, nil)
	if err == nil && len(v.Problems) > 0 {
		err = v.Problems[0].Err
	}
	if !keep(err) {
		return first
	}
	for d := range damagedDocs {
		doc := fmt.Sprint("doc", d)
		r := Record{Src: "src " + doc, Seq: 200, Author: "ann", Time: 200, Payload: crashPayload(doc, 200)}
		err := s.Append(ctx, doc, 200, []Record{r}, []byte("more"))
		if err == nil {
			err = s.Flush(ctx)
		}
		if err == nil {
			err = verifyDocument(s, doc, 201)
		}
		if !keep(err) {
			return first
		}
	}
	return first
}

// bbolt can panic while it holds the lock of its writers, which nobody gives back.
func TestCloseDoesNotWaitForALockThatAPanicLeft(t *testing.T) {
	s := openTest(t, t.TempDir(), quiet())
	if err := s.main.update(func(*bolt.Tx) error { panic("a damaged page") }); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
	if err := s.main.update(func(*bolt.Tx) error { return nil }); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("a write answers %v", err)
	}
	_ = s.Close() // it says what could not be written
}

// Nor does anybody wait where bbolt panicked before it had begun to read, with all the
// others on their way to the lock that it holds then.
func TestNobodyWaitsWhenBothMetaPagesAreGone(t *testing.T) {
	for range 10 {
		s := openTest(t, t.TempDir(), quiet())
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					if _, err := s.Info("doc"); errors.Is(err, ErrCorrupt) {
						return
					}
				}
			})
		}
		if _, err := s.main.raw.WriteAt(make([]byte, 2*pageSize), 0); err != nil {
			t.Fatal(err)
		}
		readers.Wait()
		_ = s.Close() // it says what could not be written
	}
}

// Who grows the file waits for those who read, who begins to read waits for that, and who has read waits for neither.
func TestFileGrowsWhileItIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := createFile(dir, mainName, storeID{}, nil); err != nil {
		t.Fatal(err)
	}
	f := &file{name: mainName} // without the address space that is reserved for it
	if err := f.open(filepath.Join(dir, mainName), &bolt.Options{NoSync: true, NoGrowSync: true}); err != nil {
		t.Fatal(err)
	}
	defer f.close()
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := f.view(func(tx *bolt.Tx) error { runtime.Gosched(); return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 100 {
		err := f.update(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketInfo).Put(fmt.Append(nil, "large ", n), make([]byte, 256<<10))
		})
		if err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}
