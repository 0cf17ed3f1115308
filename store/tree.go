package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// cursor moves over the keys of a bucket in order, as bbolt's does.
type cursor interface {
	Seek(key []byte) (k, v []byte)
	Next() (k, v []byte)
}

// rawFiles has the *rawFile through which the pages of an open *bolt.DB are
// read: bbolt knows no way from a transaction to anything of its user's.
var rawFiles sync.Map

// rawFile is a file's pages. What a write transaction has read of the trees of
// before serves the rest of it, which comes back to the same pages again and again.
type rawFile struct {
	*os.File
	tx    int // the write transaction of trees; only its goroutine touches the two
	trees map[uint64]*treeCursor
}

// readCursor returns a cursor over b that no damaged page can lead in a circle:
// it panics with an error instead, which file.view and file.update return as
// ErrCorrupt. What it returns is valid until its next call.
func readCursor(b *bolt.Bucket) cursor {
	t := committedTree(b)
	switch {
	case t == nil:
		return b.Cursor()
	case b.Writable():
		return &guardedCursor{Cursor: b.Cursor(), tree: t}
	}
	return t
}

// readValue returns the value of a key, nil if there is none.
func readValue(b *bolt.Bucket, key []byte) []byte {
	if b.Writable() {
		guard(b, key)
		return b.Get(key)
	}
	k, v := readCursor(b).Seek(key)
	if !bytes.Equal(k, key) {
		return nil
	}
	return v
}

// guard checks the pages on the way to a key before bbolt changes or reads
// them: it would follow a damaged one in a circle, or give pages away that are
// in use because a page counts them as its own.
func guard(b *bolt.Bucket, key []byte) {
	if t := committedTree(b); t != nil {
		t.Seek(key)
	}
}

// guardedCursor reads what its transaction changed. The tree of before goes the
// same way a step ahead.
type guardedCursor struct {
	*bolt.Cursor
	tree *treeCursor
	at   []byte // the key at the position
}

func (c *guardedCursor) Seek(key []byte) (k, v []byte) {
	c.lead(key)
	k, v = c.Cursor.Seek(key)
	c.at = append(c.at[:0], k...)
	return k, v
}

func (c *guardedCursor) Next() (k, v []byte) {
	if c.tree.leads == c {
		c.tree.Next()
	} else {
		c.lead(c.at)
	}
	k, v = c.Cursor.Next()
	c.at = append(c.at[:0], k...)
	return k, v
}

// lead takes the tree, which others in the transaction use as well, to what
// follows key.
func (c *guardedCursor) lead(key []byte) {
	c.tree.Seek(key)
	c.tree.Next()
	c.tree.leads = c
}

// committedTree returns a cursor over b as it was committed last, or nil if b
// has no page of its own or its file is not read page by page.
func committedTree(b *bolt.Bucket) *treeCursor {
	raw, ok := rawFiles.Load(b.Tx().DB())
	if !ok || b.RootPage() == 0 {
		return nil
	}
	r, root := raw.(*rawFile), uint64(b.RootPage())
	if !b.Writable() {
		return newTreeCursor(r, b.Tx(), root)
	}
	if id := b.Tx().ID(); r.tx != id || r.trees == nil {
		r.tx, r.trees = id, map[uint64]*treeCursor{}
	}
	t := r.trees[root]
	if t == nil {
		t = newTreeCursor(r, b.Tx(), root)
		r.trees[root] = t
	}
	return t
}

func newTreeCursor(r *rawFile, tx *bolt.Tx, root uint64) *treeCursor {
	pages := uint64(tx.Size()) / pageSize
	return &treeCursor{file: pageFile{r: r, meta: pageMeta{pages: pages}}, root: root}
}

// treeCursor is a cursor that reads pages itself and checks each.
type treeCursor struct {
	file pageFile
	root uint64
	path []treeStep // from the root to a leaf

	leads *guardedCursor // whose next position this is
}

// treeStep is a page on the way, and which of its elements the way takes.
type treeStep struct {
	page       page
	index      int
	least, end []byte // bounds of its keys
	buf        []byte
}

// Seek goes on from the lowest page of the present path that has the key's place.
func (c *treeCursor) Seek(key []byte) (k, v []byte) {
	c.leads = nil
	for n := len(c.path); n > 0; n-- {
		s := &c.path[n-1]
		if !between(key, s.least, s.end) {
			continue
		}
		c.path = c.path[:n]
		if s.index = s.page.search(key); s.page.kind == pageBranch {
			c.child(key)
		}
		return c.here()
	}
	c.path = c.path[:0]
	c.descend(c.root, nil, nil, key)
	return c.here()
}

func (c *treeCursor) Next() (k, v []byte) {
	if len(c.path) == 0 {
		return nil, nil
	}
	c.path[len(c.path)-1].index++
	return c.here()
}

// here returns the element at the position, moving on over the ends of pages.
func (c *treeCursor) here() (k, v []byte) {
	for len(c.path) > 0 {
		s := &c.path[len(c.path)-1]
		switch {
		case s.index >= s.page.count:
			if c.path = c.path[:len(c.path)-1]; len(c.path) > 0 {
				c.path[len(c.path)-1].index++
			}
		case s.page.kind == pageBranch:
			c.child(nil)
		default:
			_, k, v, err := s.page.leaf(s.index)
			c.must(err)
			return k, v
		}
	}
	return nil, nil
}

// child goes to the page that the last step points to.
func (c *treeCursor) child(key []byte) {
	s := &c.path[len(c.path)-1]
	least, id, err := s.page.branch(s.index)
	c.must(err)
	end := s.end
	if s.index+1 < s.page.count {
		end, _, err = s.page.branch(s.index + 1)
		c.must(err)
	}
	c.descend(id, least, end, key)
}

// descend goes to a page and, if it is a branch, on to the leaf where key is or
// would be.
func (c *treeCursor) descend(id uint64, least, end, key []byte) {
	if len(c.path) == maxTreeDepth {
		c.must(fmt.Errorf("page %d: %w", id, errCircle))
	}
	s := c.step()
	var err error
	s.page, err = c.file.read(id, s.buf)
	c.must(err)
	c.must(s.page.check(least, end))
	s.least, s.end = least, end
	s.index = s.page.search(key)
	if s.page.kind == pageBranch {
		c.child(key)
	}
}

// step adds a step, with the memory of an earlier one.
func (c *treeCursor) step() *treeStep {
	n := len(c.path)
	if n < cap(c.path) {
		c.path = c.path[:n+1]
	} else {
		c.path = append(c.path, treeStep{})
	}
	s := &c.path[n]
	if s.buf == nil {
		s.buf = make([]byte, pageSize)
	}
	return s
}

func (c *treeCursor) must(err error) {
	if err != nil {
		panic(err)
	}
}

var errCircle = errors.New("the pages go round in a circle")

// check checks that every element of a branch or leaf page lies within it, that
// the keys ascend from least on and before end (a nil bound is none), and that
// the page takes just the room it needs.
func (p *page) check(least, end []byte) error {
	if p.kind != pageLeaf && (p.kind != pageBranch || p.count == 0) {
		return fmt.Errorf("page %d of kind %#x with %d elements is neither branch nor leaf", p.id, p.kind, p.count)
	}
	var before []byte
	size := pageHeader
	for i := range p.count {
		key, n, err := p.key(i)
		if err != nil {
			return err
		}
		if len(key) == 0 && p.kind == pageLeaf || !between(key, least, end) || i > 0 && bytes.Compare(before, key) >= 0 {
			return fmt.Errorf("page %d: key %d is not in order", p.id, i)
		}
		before = key
		size += elementSize + n
	}
	if room := uint64(size+pageSize-1) / pageSize; p.id != 0 && room != 1+p.overflow {
		return fmt.Errorf("page %d with %d bytes takes %d pages", p.id, size, 1+p.overflow)
	}
	return nil
}

// key returns the key of an element and how many bytes it takes with its value.
func (p *page) key(i int) (key []byte, size int, err error) {
	if p.kind == pageBranch {
		key, _, err = p.branch(i)
		return key, len(key), err
	}
	_, key, value, err := p.leaf(i)
	return key, len(key) + len(value), err
}

// search returns the first element of a leaf that is not before key, or the last
// one of a branch that is not after it. The page was checked.
func (p *page) search(key []byte) int {
	low, high := 0, p.count
	for low < high {
		middle := (low + high) / 2
		k, _, _ := p.key(middle)
		if order := bytes.Compare(k, key); order < 0 || order == 0 && p.kind == pageBranch {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if p.kind == pageBranch {
		return max(low-1, 0)
	}
	return low
}

func between(key, least, end []byte) bool {
	return (least == nil || bytes.Compare(least, key) <= 0) && (end == nil || bytes.Compare(key, end) < 0)
}
