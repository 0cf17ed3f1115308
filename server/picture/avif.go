package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// An AVIF is a tree of boxes. What a picture consists of are items: the box iinf says what each is, iloc where its bytes
// are, in a box of bytes (mdat or idat). Bytes keep their places here, since every place would have to be written anew: what
// is not part of a picture becomes zeros.

// avifItems are the types of items that pictures are made of.
var avifItems = map[string]bool{"av01": true, "grid": true, "iden": true, "iovl": true, "tmap": true}

// avifMeta are the boxes within meta that are needed.
var avifMeta = map[string]bool{
	"hdlr": true, "pitm": true, "iloc": true, "iinf": true, "iprp": true, "iref": true, "idat": true, "dinf": true, "grpl": true,
}

// isAVIF says whether a file names AVIF among the kinds of file that it is.
func isAVIF(data []byte) bool {
	name, body, _, ok := nextBox(data)
	return ok && name == "ftyp" && len(body) >= 8 && (bytes.HasPrefix(body, []byte("avif")) || bytes.Contains(body[8:], []byte("avif")))
}

// nextBox reads the box that data begins with.
func nextBox(data []byte) (name string, body, rest []byte, ok bool) {
	if len(data) < 8 {
		return "", nil, nil, false
	}
	size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
	switch {
	case size == 0: // to the end of the file
		size = uint64(len(data))
	case size == 1 && len(data) >= 16:
		size, head = binary.BigEndian.Uint64(data[8:]), 16
	}
	if size < head || size > uint64(len(data)) {
		return "", nil, nil, false
	}
	return string(data[4:8]), data[head:size], data[size:], true
}

// extent is where some bytes of an item are: from the beginning of the file, or of idat.
type extent struct {
	begin, end uint64
	inIdat     bool
}

// avifCleaner works on a copy of the file, whose boxes it shares.
type avifCleaner struct {
	file          []byte
	idat          []byte
	data          []extent // the bodies of mdat
	types         map[uint32]string
	places        map[uint32][]extent
	width, height int
	sideways      bool
}

func cleanAVIF(data []byte) (Picture, error) {
	c := avifCleaner{file: bytes.Clone(data), types: map[uint32]string{}, places: map[uint32][]extent{}}
	if !c.boxes() || !c.erase() {
		return Picture{}, ErrDamaged
	}
	if c.sideways {
		c.width, c.height = c.height, c.width
	}
	return Picture{AVIF, c.width, c.height, c.file}, nil
}

// boxes walks the file. Animations (moov) are not taken: they have a second, larger tree.
func (c *avifCleaner) boxes() bool {
	metas := 0
	for rest := c.file; len(rest) > 0; {
		head := rest
		name, body, after, ok := nextBox(rest)
		if !ok || name == "moov" {
			return false
		}
		rest = after
		switch name {
		case "ftyp":
		case "mdat":
			end := uint64(len(c.file) - len(after))
			c.data = append(c.data, extent{begin: end - uint64(len(body)), end: end})
		case "meta":
			if metas++; metas > 1 || len(body) < 4 || !c.meta(body[4:]) {
				return false
			}
		default:
			copy(head[4:8], "free")
			clear(body)
		}
	}
	return metas == 1
}

func (c *avifCleaner) meta(data []byte) bool {
	for len(data) > 0 {
		head := data
		name, body, after, ok := nextBox(data)
		if !ok {
			return false
		}
		data = after
		switch {
		case !avifMeta[name]:
			copy(head[4:8], "free")
			clear(body)
		case name == "iinf":
			ok = c.itemTypes(body)
		case name == "iloc":
			ok = c.itemPlaces(body)
		case name == "idat":
			c.idat = body
		case name == "iprp":
			ok = c.properties(body)
		}
		if !ok {
			return false
		}
	}
	return true
}

// itemTypes reads iinf.
func (c *avifCleaner) itemTypes(body []byte) bool {
	r := bigEndian{body}
	version := r.number(1)
	r.number(3)
	r.number(2 + 2*int(min(version, 1))) // how many; the boxes say so themselves
	for len(r.rest) > 0 {
		name, entry, after, ok := nextBox(r.rest)
		if !ok {
			return false
		}
		r.rest = after
		e := bigEndian{entry}
		version := e.number(1)
		e.number(3)
		if name != "infe" || version != 2 && version != 3 {
			return false
		}
		id := e.number(2 * int(version-1))
		e.number(2)
		if len(e.rest) < 4 {
			return false
		}
		c.types[uint32(id)] = string(e.rest[:4])
	}
	return true
}

// itemPlaces reads iloc.
func (c *avifCleaner) itemPlaces(body []byte) bool {
	r := bigEndian{body}
	version := r.number(1)
	r.number(3)
	sizes := r.number(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version > 2 || lengthSize == 0 || !sane(offsetSize) || !sane(lengthSize) || !sane(baseSize) || version > 0 && !sane(indexSize) {
		return false
	}
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	for range r.number(idSize) {
		id, method := uint32(r.number(idSize)), uint64(0)
		if version > 0 {
			method = r.number(2) & 15
		}
		r.number(2) // data in other files is not reached here
		base := r.number(baseSize)
		for range r.number(2) {
			if version > 0 {
				r.number(indexSize)
			}
			begin := base + r.number(offsetSize)
			length := r.number(lengthSize)
			if r.rest == nil || method > 1 {
				return false
			}
			c.places[id] = append(c.places[id], extent{begin, begin + length, method == 1})
		}
		if r.rest == nil {
			return false
		}
	}
	return r.rest != nil
}

func sane(size int) bool { return size == 0 || size == 4 || size == 8 }

// properties reads from iprp how large the picture is, and whether it is turned sideways. The largest size is that of the
// picture; smaller ones are of previews and tiles.
func (c *avifCleaner) properties(body []byte) bool {
	name, list, _, ok := nextBox(body)
	if !ok || name != "ipco" {
		return false
	}
	for len(list) > 0 {
		name, property, after, ok := nextBox(list)
		if !ok {
			return false
		}
		list = after
		switch {
		case name == "ispe" && len(property) >= 12:
			width, height := binary.BigEndian.Uint32(property[4:]), binary.BigEndian.Uint32(property[8:])
			if width > MaxPixels || height > MaxPixels {
				return false
			}
			if int(width)*int(height) > c.width*c.height {
				c.width, c.height = int(width), int(height)
			}
		case name == "irot" && len(property) >= 1:
			c.sideways = property[0]&1 == 1
		}
	}
	return true
}

// erase makes zeros of all bytes of data that belong to no item which is a part of the picture.
func (c *avifCleaner) erase() bool {
	before, idatBefore := bytes.Clone(c.file), bytes.Clone(c.idat)
	for _, d := range c.data {
		clear(c.file[d.begin:d.end])
	}
	clear(c.idat)
	shown := uint64(0)
	for id, extents := range c.places {
		if !avifItems[c.types[id]] {
			continue
		}
		for _, e := range extents {
			into, from := c.file, before
			if e.inIdat {
				into, from = c.idat, idatBefore
			}
			shown += e.end - e.begin
			if e.begin >= e.end || e.end > uint64(len(into)) || !e.inIdat && !c.isData(e) || shown > uint64(len(c.file)) {
				return false
			}
			copy(into[e.begin:e.end], from[e.begin:e.end])
		}
	}
	return shown > 0
}

// isData says whether an extent lies within a box of bytes.
func (c *avifCleaner) isData(e extent) bool {
	return slices.ContainsFunc(c.data, func(d extent) bool { return e.begin >= d.begin && e.end <= d.end })
}

// bigEndian reads numbers; at the end rest becomes nil and every number 0.
type bigEndian struct{ rest []byte }

func (r *bigEndian) number(size int) uint64 {
	if r.rest == nil || size > len(r.rest) {
		r.rest = nil
		return 0
	}
	n := uint64(0)
	for _, b := range r.rest[:size] {
		n = n<<8 | uint64(b)
	}
	r.rest = r.rest[size:]
	return n
}
