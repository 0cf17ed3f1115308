package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// walkDepth is how much of a file a walk reads.
type walkDepth int

const (
	// walkBranches reads the branch pages and the list of free pages, a hundredth
	// of the file. It proves that the pages form trees, without circles, that none
	// belongs to two, and that none of them passes for free.
	walkBranches walkDepth = iota
	// walkLeaves reads every page in use.
	walkLeaves
)

const (
	// maxTreeDepth is far more than a file of any size needs.
	maxTreeDepth = 24
	// maxWalkBranches bounds the time of a walk of branches whatever the size of
	// the file: it reaches all of one of 2 GB. What lies beyond it does not judge.
	maxWalkBranches = 4 << 10
)

// walk visits the pages of one file.
type walk struct {
	*pageFile
	depth    walkDepth
	seen     []byte // one bit per page: in use
	free     []uint64
	branches int
	buffers  [maxTreeDepth + 1][]byte // one per level
	visitor  visitor                  // unless nil, sees what a walk of leaves passes
}

// visitor sees the buckets of a file and what is in them, in order.
type visitor interface {
	bucket(name []byte, sequence uint64) error
	value(key, value []byte) error
}

// checkPages walks a file that nobody writes. Damage is ErrCorrupt, another
// program's file ErrForeign.
func checkPages(dir, name string, depth walkDepth, older bool) (*walk, error) {
	h, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	w, err := walkFile(h, depth, older)
	return w, errors.Join(damaged(name, err), h.Close())
}

// damaged says of which class an error of a walk is.
func damaged(name string, err error) error {
	switch {
	case errors.Is(err, errNotBolt):
		return fmt.Errorf("%w: %s: %w", ErrForeign, name, err)
	case err != nil:
		return corrupt(name, err, "page structure")
	}
	return nil
}

func walkFile(h *os.File, depth walkDepth, older bool) (*walk, error) {
	st, err := h.Stat()
	if err != nil {
		return nil, err
	}
	f, err := openPages(h, st.Size(), older)
	if err != nil {
		return nil, err
	}
	return f.walk(depth, nil)
}

func (f *pageFile) walk(depth walkDepth, v visitor) (*walk, error) {
	if f.meta.pages > uint64(f.size)/pageSize {
		return nil, fmt.Errorf("it has %d bytes and needs %d: it was cut off", f.size, f.meta.pages*pageSize)
	}
	w := &walk{pageFile: f, depth: depth, visitor: v, seen: make([]byte, f.meta.pages/8+1)}
	err := w.buckets()
	if err == nil && w.meta.freelist != noFreelist {
		err = w.markFree()
	}
	return w, err
}

func (w *walk) used(id uint64) bool { return w.seen[id/8]&(1<<(id%8)) != 0 }

// mark notes that n pages from id on are in use, each for the first time.
func (w *walk) mark(id, n uint64) error {
	if id < 2 || id >= w.meta.pages || n > w.meta.pages-id {
		return fmt.Errorf("page %d is not among the %d pages", id, w.meta.pages)
	}
	for ; n > 0; id, n = id+1, n-1 {
		if w.used(id) {
			return fmt.Errorf("page %d is in use twice", id)
		}
		w.seen[id/8] |= 1 << (id % 8)
	}
	return nil
}

// buckets walks the root's tree and then the buckets it names.
func (w *walk) buckets() error {
	type named struct {
		flags      uint32
		key, value []byte
	}
	var all []named
	err := w.tree(w.meta.root, func(flags uint32, key, value []byte) error {
		all = append(all, named{flags, bytes.Clone(key), bytes.Clone(value)})
		return nil
	})
	for i := 0; i < len(all) && err == nil; i++ {
		err = w.bucket(all[i].flags, all[i].key, all[i].value)
	}
	return err
}

// bucket walks the bucket that an element of the root's tree holds: a tree of
// its own, or a page within the value.
func (w *walk) bucket(flags uint32, key, value []byte) error {
	if flags != leafBucket || len(value) < 16 {
		return fmt.Errorf("%q is not a bucket", key)
	}
	if w.visitor != nil {
		if err := w.visitor.bucket(key, binary.NativeEndian.Uint64(value[8:])); err != nil {
			return err
		}
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		if w.depth == walkBranches {
			return w.tree(root, nil)
		}
		return w.tree(root, w.value)
	}
	if len(value) < 16+pageHeader {
		return fmt.Errorf("bucket %q: %w", key, errShort)
	}
	p := parsePage(value[16:])
	if err := p.check(nil, nil); err != nil {
		return fmt.Errorf("bucket %q: %w", key, err)
	}
	return w.leafPage(&p, w.value)
}

func (w *walk) value(flags uint32, key, value []byte) error {
	if flags != 0 {
		return fmt.Errorf("%x is a bucket in a bucket", key)
	}
	if w.visitor != nil {
		return w.visitor.value(key, value)
	}
	return nil
}

// tree walks the tree under a page. All its leaves are equally deep. Without fn
// leaves are not read.
func (w *walk) tree(root uint64, fn func(flags uint32, key, value []byte) error) error {
	depth := 0
	for id := root; ; depth++ {
		p, err := w.read(id, w.buffer(0))
		if err != nil {
			return err
		}
		if p.kind != pageBranch {
			break
		}
		if depth == maxTreeDepth {
			return fmt.Errorf("page %d: %w", id, errCircle)
		}
		if _, id, err = p.branch(0); err != nil {
			return err
		}
	}
	return w.subtree(root, depth, nil, nil, fn)
}

func (w *walk) buffer(level int) []byte {
	if w.buffers[level] == nil {
		w.buffers[level] = make([]byte, pageSize)
	}
	return w.buffers[level]
}

// subtree walks a page and what is below it, whose keys lie from least on and
// before end. A nil bound is none.
func (w *walk) subtree(id uint64, depth int, least, end []byte, fn func(uint32, []byte, []byte) error) error {
	if depth == 0 && fn == nil {
		return w.mark(id, 1)
	}
	p, err := w.read(id, w.buffer(depth))
	if err != nil {
		return err
	}
	if err := w.mark(id, 1+p.overflow); err != nil {
		return err
	}
	if err := p.check(least, end); err != nil {
		return err
	}
	if depth == 0 {
		return w.leafPage(&p, fn)
	}
	if w.branches++; w.branches > maxWalkBranches && w.depth == walkBranches {
		return nil
	}
	return w.branchPage(&p, depth, end, fn)
}

func (w *walk) branchPage(p *page, depth int, end []byte, fn func(uint32, []byte, []byte) error) error {
	if p.kind != pageBranch {
		return fmt.Errorf("page %d of kind %#x is no branch", p.id, p.kind)
	}
	for i := range p.count {
		least, child, err := p.branch(i)
		if err != nil {
			return err
		}
		next := end
		if i+1 < p.count {
			if next, _, err = p.branch(i + 1); err != nil {
				return err
			}
		}
		if err := w.subtree(child, depth-1, least, next, fn); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) leafPage(p *page, fn func(uint32, []byte, []byte) error) error {
	if p.kind != pageLeaf {
		return fmt.Errorf("page %d of kind %#x is no leaf", p.id, p.kind)
	}
	for i := range p.count {
		flags, key, value, err := p.leaf(i)
		if err == nil {
			err = fn(flags, key, value)
		}
		if err != nil {
			return fmt.Errorf("page %d: %w", p.id, err)
		}
	}
	return nil
}

// markFree reads the list of free pages. A page in it that is in use would be
// written over.
func (w *walk) markFree() error {
	p, begin, n, err := w.freelist()
	if err != nil {
		return err
	}
	if err := w.mark(p.id, 1+p.overflow); err != nil {
		return err
	}
	list := make([]byte, 8*n)
	if _, err := w.r.ReadAt(list, int64(p.id*pageSize+begin)); err != nil {
		return fmt.Errorf("page %d: %w", p.id, err)
	}
	w.free = make([]uint64, n)
	before := uint64(1)
	for i := range w.free {
		id := binary.NativeEndian.Uint64(list[8*i:])
		if id <= before || id >= w.meta.pages {
			return fmt.Errorf("page %d: free page %d follows %d", p.id, id, before)
		}
		if w.used(id) {
			return fmt.Errorf("page %d is in use and in the list of free pages", id)
		}
		w.free[i], before = id, id
	}
	return nil
}
