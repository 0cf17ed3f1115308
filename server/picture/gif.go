package picture

import (
	"bytes"
	"encoding/binary"
)

const (
	gifHeader      = 13
	gifExtension   = 0x21
	gifImage       = 0x2c
	gifTrailer     = 0x3b
	gifControl     = 0xf9 // how long a frame stays, and what of it is transparent
	gifText        = 0x01 // text that no browser shows
	gifApplication = 0xff
)

// gifLoops are the applications whose word says how often an animation is repeated.
var gifLoops = [][]byte{[]byte("NETSCAPE2.0"), []byte("ANIMEXTS1.0")}

// gifCleaner walks the blocks of a GIF.
type gifCleaner struct {
	data []byte
	out  []byte
	// control is about the frame that follows; it goes with it.
	control []byte
}

func cleanGIF(data []byte) (Picture, error) {
	if len(data) < gifHeader {
		return Picture{}, ErrDamaged
	}
	c := gifCleaner{data: data}
	p := Picture{Type: GIF, Width: int(binary.LittleEndian.Uint16(data[6:])), Height: int(binary.LittleEndian.Uint16(data[8:]))}
	if !c.take(gifHeader + colorTable(data[10])) {
		return p, ErrDamaged
	}
	frames := 0
	for len(c.data) > 0 && c.data[0] != gifTrailer {
		ok := false
		switch c.data[0] {
		case gifImage:
			frames++
			ok = c.image()
		case gifExtension:
			ok = c.extension()
		}
		if !ok {
			return p, ErrDamaged
		}
	}
	if frames == 0 {
		return p, ErrDamaged
	}
	p.Data = append(c.out, gifTrailer)
	return p, nil
}

// colorTable returns the size of the table of colours that flags announce, in bytes.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// take copies n bytes.
func (c *gifCleaner) take(n int) bool {
	if n > len(c.data) {
		return false
	}
	c.out = append(c.out, c.data[:n]...)
	c.data = c.data[n:]
	return true
}

// image copies a frame: its place, its colours, its pixels.
func (c *gifCleaner) image() bool {
	const descriptor = 10
	if len(c.data) < descriptor {
		return false
	}
	head := descriptor + colorTable(c.data[9]) + 1 // and the size of codes
	if head > len(c.data) {
		return false
	}
	pixels, ok := subBlocks(c.data[head:])
	if !ok {
		return false
	}
	c.out = append(c.out, c.control...)
	c.control = nil
	return c.take(head + pixels)
}

// extension keeps what an animation needs, and drops the rest: comments, texts, what programs wrote for themselves.
func (c *gifCleaner) extension() bool {
	if len(c.data) < 3 {
		return false
	}
	kind := c.data[1]
	length, ok := subBlocks(c.data[2:])
	if !ok {
		return false
	}
	block := c.data[:2+length]
	c.data = c.data[2+length:]
	switch {
	case kind == gifControl:
		c.control = block
	case kind == gifText:
		c.control = nil // it was about the text
	case kind == gifApplication && isLoop(block):
		c.out = append(c.out, block...)
	}
	return true
}

// isLoop says whether an application's block is no more than the word on repeating.
func isLoop(block []byte) bool {
	const length = 19 // 21 ff 0b name(11) 03 01 count(2) 00
	for _, name := range gifLoops {
		if len(block) == length && bytes.HasPrefix(block[3:], name) {
			return true
		}
	}
	return false
}

// subBlocks returns the length of a chain of blocks, each of which begins with its length; an empty one ends it.
func subBlocks(data []byte) (int, bool) {
	for at := 0; at < len(data); {
		size := int(data[at])
		at += 1 + size
		if size == 0 {
			return at, true
		}
	}
	return 0, false
}
