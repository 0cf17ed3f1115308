package store

import (
	"bytes"
	"errors"
	"testing"
)

// twoCommits returns the files of a store after its second record, and the pages of
// the journal that the second commit wrote, its meta page left out.
func twoCommits(t *testing.T) (files map[string][]byte, written []int) {
	t.Helper()
	dir := t.TempDir()
	s := openTest(t, dir, WithoutSync(quietOptions))
	add := func(i uint64) {
		if err := s.Append(ctx, "doc", i, []Record{{Src: "s", Seq: i, Payload: crashPayload("doc", i)}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	add(0)
	before := readFiles(t, dir)[journalName]
	add(1)
	abandon(t, s)
	files = readFiles(t, dir)
	after := files[journalName]
	for id := 2; id < len(after)/pageSize; id++ {
		now := after[id*pageSize : (id+1)*pageSize]
		if id >= len(before)/pageSize || !bytes.Equal(now, before[id*pageSize:(id+1)*pageSize]) {
			written = append(written, id)
		}
	}
	return files, written
}

// Each page that a commit wrote may be missing when power fails before its fsync
// returned. A mark says that it did return: then what is missing is damage.
func TestACommitCutShortIsLeftOutAndADamagedOneIsTold(t *testing.T) {
	files, written := twoCommits(t)
	if len(written) == 0 {
		t.Fatalf("the commit wrote pages %v", written)
	}
	for _, id := range written {
		journal := bytes.Clone(files[journalName])
		clear(journal[id*pageSize : (id+1)*pageSize])
		dir := writeFiles(t, map[string][]byte{journalName: journal, mainName: files[mainName]})
		if s, err := Open(dir, WithoutSync(quietOptions)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("page %d of a settled commit is missing, and Open answers %v, %v", id, s, err)
		}
		for page := range 2 {
			clear(journal[page*pageSize+settledAt : (page+1)*pageSize])
		}
		dir = writeFiles(t, map[string][]byte{journalName: journal, mainName: files[mainName]})
		s := openTest(t, dir, WithoutSync(quietOptions))
		if info, err := s.Info("doc"); err != nil || info.Revision != 1 {
			t.Errorf("page %d is missing: the document has %d records, %v", id, info.Revision, err)
		}
		if err := s.Append(ctx, "doc", 1, []Record{{Src: "s", Seq: 1, Payload: []byte("again")}}, nil); err != nil {
			t.Errorf("page %d is missing: %v", id, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s = openTest(t, dir, WithoutSync(quietOptions))
		if info, err := s.Info("doc"); err != nil || info.Revision != 2 {
			t.Errorf("page %d was missing: the document has %d records after another, %v", id, info.Revision, err)
		}
	}
}

// An older version of a page, whole in itself, must not pass for the newest.
func TestACommitWhosePagesAreOlderOnesIsLeftOut(t *testing.T) {
	files, _ := twoCommits(t)
	journal := files[journalName]
	f, err := openPages(bytes.NewReader(journal), int64(len(journal)), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.wholeJournal(); err != nil {
		t.Fatalf("untouched: %v", err)
	}
	older, _, err := f.transactionBefore()
	if err != nil {
		t.Fatal(err)
	}
	if err := older.wholeJournal(); err != nil {
		t.Fatalf("the transaction before: %v", err)
	}
	stale := &pageFile{r: f.r, size: f.size, meta: f.meta}
	stale.meta.root = older.meta.root // as if the root page had been written over the older one's
	if err := stale.wholeJournal(); err == nil {
		t.Error("the tree of the transaction before passes for the newest one's")
	}
}

func TestBatchesChain(t *testing.T) {
	first, sum := chain([]byte("first"), 0)
	second, _ := chain([]byte("second"), sum)
	stranger, _ := chain([]byte("second"), sum+1)
	read := func(batches ...[]byte) error {
		var r batchReader
		for i, b := range batches {
			_, err := putFrames(nil, b, uint64(i+1), func(key, value []byte) error {
				_, err := r.add(bytes.Clone(key), value)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := read(first, second); err != nil {
		t.Error(err)
	}
	if err := read(second); err != nil {
		t.Errorf("where the batches before were dropped: %v", err)
	}
	if read(first, stranger) == nil {
		t.Error("a batch that follows another one is taken")
	}
	torn := bytes.Clone(first)
	torn[0] ^= 1
	if read(torn) == nil {
		t.Error("a batch with the wrong sum is taken")
	}
}
