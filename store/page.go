package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt trusts its pages: one that is damaged makes it panic, on a goroutine
// where nobody can catch it, or go round in a circle for ever. So the pages are
// read here first, without bbolt and without a map of the file: every number is
// checked before it is used, and what is wrong is an error.
//
// Numbers in pages are in the byte order of the machine that wrote them.
//
//	page    = id (8) | kind (2) | count (2) | pages that follow it (4) | elements
//	branch  = position (4) | length of key (4) | page (8)
//	leaf    = flags (4) | position (4) | length of key (4) | length of value (4)
//	meta    = magic (4) | version (4) | page size (4) | flags (4) | root (8) |
//	          sequence (8) | list of free pages (8) | number of pages (8) | transaction (8) | FNV-1a (8)
const (
	pageHeader  = 16
	elementSize = 16
	metaSize    = 64

	pageBranch   = 0x01
	pageLeaf     = 0x02
	pageFreelist = 0x10

	leafBucket = 0x01 // flag of a leaf element: its value is a bucket

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	noFreelist  = ^uint64(0) // the list of free pages is not written

	// maxOverflow is how many pages may follow a branch or leaf page: no value
	// of this package needs more than one.
	maxOverflow = 64
)

// pageFile is a bbolt file, read page by page.
type pageFile struct {
	r    io.ReaderAt
	size int64 // bytes
	meta pageMeta
}

type pageMeta struct {
	root, freelist, pages, tx uint64
}

// errOlder reports a meta page that cannot be read: it may be the one of the
// newest transaction.
var errOlder = errors.New("a meta page is damaged, the newest commit may be lost")

// openPages reads the meta pages of a file of the given size. bbolt is content
// with one of the two, and goes on with the state of the transaction before if
// the other is damaged: that would take back what was acknowledged without a
// word. A page write never tears a meta page, it lies within one sector. So both
// must be whole, unless older is allowed.
func openPages(r io.ReaderAt, size int64, older bool) (*pageFile, error) {
	m0, err0 := readMeta(r, 0)
	m1, err1 := readMeta(r, 1)
	f := &pageFile{r: r, size: size, meta: m0}
	if m1.tx > m0.tx {
		f.meta = m1
	}
	damage := errors.Join(err0, err1)
	// A copy of a file has both pages of the same two transactions, and then one of the next.
	if damage == nil && max(m0.tx, m1.tx)-min(m0.tx, m1.tx) > 2 {
		damage = fmt.Errorf("transaction %d does not follow %d", max(m0.tx, m1.tx), min(m0.tx, m1.tx))
	}
	switch {
	case err0 != nil && err1 != nil:
		return nil, damage
	case damage != nil && !older:
		return nil, fmt.Errorf("%w: %w", errOlder, damage)
	}
	return f, nil
}

func readMeta(r io.ReaderAt, id int64) (m pageMeta, err error) {
	b := make([]byte, pageHeader+metaSize)
	if _, err := r.ReadAt(b, id*pageSize); err != nil {
		return m, fmt.Errorf("meta page %d: %w", id, err)
	}
	u := binary.NativeEndian
	own := u.Uint64(b)
	b = b[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:metaSize-8])
	switch {
	case u.Uint32(b) != boltMagic:
		return m, errNotBolt
	case u.Uint32(b[4:]) != boltVersion, u.Uint32(b[8:]) != pageSize:
		return m, fmt.Errorf("%w of this version and page size", errNotBolt)
	case u.Uint64(b[metaSize-8:]) != sum.Sum64(), own != uint64(id):
		return m, fmt.Errorf("meta page %d: %w", id, errChecksum)
	}
	m = pageMeta{root: u.Uint64(b[16:]), freelist: u.Uint64(b[32:]), pages: u.Uint64(b[40:]), tx: u.Uint64(b[48:])}
	return m, nil
}

var errNotBolt = errors.New("not a bbolt file")

// page is a page with those that follow it.
type page struct {
	id       uint64
	kind     uint16
	count    int
	overflow uint64
	data     []byte // from the header on
}

// read reads a page into buf or, if that is too small, into new memory.
func (f *pageFile) read(id uint64, buf []byte) (page, error) {
	if id < 2 || id >= f.meta.pages {
		return page{}, fmt.Errorf("page %d is not among the %d pages", id, f.meta.pages)
	}
	buf = buf[:pageSize]
	if _, err := f.r.ReadAt(buf, int64(id)*pageSize); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	p := parsePage(buf)
	if p.id != id {
		return page{}, fmt.Errorf("page %d says it is page %d", id, p.id)
	}
	if p.overflow >= f.meta.pages-id {
		return page{}, fmt.Errorf("page %d reaches beyond the %d pages", id, f.meta.pages)
	}
	if p.kind == pageFreelist || p.overflow == 0 {
		return p, nil
	}
	if p.overflow > maxOverflow {
		return page{}, fmt.Errorf("page %d is followed by %d pages", id, p.overflow)
	}
	p.data = make([]byte, (1+p.overflow)*pageSize)
	if _, err := f.r.ReadAt(p.data, int64(id)*pageSize); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	return p, nil
}

// freelist reads the beginning of the list of free pages, and tells at which byte
// of it the first is named and how many there are.
func (f *pageFile) freelist() (p page, begin, n uint64, err error) {
	p, err = f.read(f.meta.freelist, make([]byte, pageSize))
	if err != nil {
		return p, 0, 0, err
	}
	if p.kind != pageFreelist {
		return p, 0, 0, fmt.Errorf("page %d of kind %#x is no list of free pages", p.id, p.kind)
	}
	begin, n = pageHeader, uint64(p.count)
	if n == 0xFFFF { // the first element is the number of those that follow
		n, begin = binary.NativeEndian.Uint64(p.data[begin:]), begin+8
	}
	if n > f.meta.pages || begin+8*n > (1+p.overflow)*pageSize {
		return p, 0, 0, fmt.Errorf("page %d: a list of %d free pages", p.id, n)
	}
	return p, begin, n, nil
}

func parsePage(b []byte) page {
	u := binary.NativeEndian
	return page{id: u.Uint64(b), kind: u.Uint16(b[8:]), count: int(u.Uint16(b[10:])), overflow: uint64(u.Uint32(b[12:])), data: b}
}

// element returns the part of a page that element i describes: size bytes from
// its position on.
func (p *page) element(i int, position uint32, size uint64) ([]byte, error) {
	begin := uint64(pageHeader+elementSize*i) + uint64(position)
	if begin < uint64(pageHeader+elementSize*p.count) || size > uint64(len(p.data)) || begin > uint64(len(p.data))-size {
		return nil, fmt.Errorf("page %d: element %d lies outside of it", p.id, i)
	}
	return p.data[begin : begin+size : begin+size], nil
}

// header returns the 16 bytes of element i.
func (p *page) header(i int) ([]byte, error) {
	begin := pageHeader + elementSize*i
	if begin+elementSize > len(p.data) {
		return nil, fmt.Errorf("page %d has no room for its %d elements", p.id, p.count)
	}
	return p.data[begin : begin+elementSize], nil
}

func (p *page) branch(i int) (key []byte, child uint64, err error) {
	h, err := p.header(i)
	if err != nil {
		return nil, 0, err
	}
	u := binary.NativeEndian
	key, err = p.element(i, u.Uint32(h), uint64(u.Uint32(h[4:])))
	return key, u.Uint64(h[8:]), err
}

func (p *page) leaf(i int) (flags uint32, key, value []byte, err error) {
	h, err := p.header(i)
	if err != nil {
		return 0, nil, nil, err
	}
	u := binary.NativeEndian
	k, v := uint64(u.Uint32(h[8:])), uint64(u.Uint32(h[12:]))
	both, err := p.element(i, u.Uint32(h[4:]), k+v)
	if err != nil {
		return 0, nil, nil, err
	}
	return u.Uint32(h), both[:k:k], both[k:], nil
}
