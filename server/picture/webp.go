package picture

import (
	"bytes"
	"encoding/binary"
)

// What a WebP may hold at its outermost level, and within a frame of an animation.
var (
	webpShown = map[string]bool{
		"VP8X": true, "VP8 ": true, "VP8L": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true,
	}
	webpFrameShown = map[string]bool{"VP8 ": true, "VP8L": true, "ALPH": true}
)

const (
	webpHeader    = 12 // RIFF, length, WEBP
	webpFrameHead = 16 // what an ANMF chunk has before its chunks

	// The flags of VP8X that announce chunks which do not stay.
	webpFlagXMP  = 0x04
	webpFlagExif = 0x08
)

// webpCleaner walks the chunks of a WebP.
type webpCleaner struct {
	out           []byte
	width, height int
	orientation   int
	extended      int // where the flags stand in out; 0 if there are none
}

func cleanWebP(data []byte) (Picture, error) {
	length := int64(binary.LittleEndian.Uint32(data[4:]))
	if length < 4 || length+8 > int64(len(data)) {
		return Picture{}, ErrDamaged
	}
	c := webpCleaner{out: bytes.Clone(data[:webpHeader]), orientation: upright}
	if !c.chunks(data[webpHeader:length+8], c.keep) || c.width == 0 {
		return Picture{}, ErrDamaged
	}
	if c.orientation != upright && c.extended != 0 {
		c.out[c.extended] |= webpFlagExif
		c.out = appendWebPChunk(c.out, "EXIF", orientationOnly(c.orientation))
	}
	binary.LittleEndian.PutUint32(c.out[4:], uint32(len(c.out)-8))
	width, height := turned(c.width, c.height, c.orientation)
	return Picture{WebP, width, height, c.out}, nil
}

// chunks calls keep for each chunk of data.
func (c *webpCleaner) chunks(data []byte, keep func(name string, body []byte) bool) bool {
	for len(data) > 0 {
		if len(data) < 8 {
			return false
		}
		name, size := string(data[:4]), int64(binary.LittleEndian.Uint32(data[4:]))
		if size > int64(len(data)-8) || !keep(name, data[8:8+size]) {
			return false
		}
		data = data[min(int64(len(data)), 8+size+size%2):]
	}
	return true
}

func (c *webpCleaner) keep(name string, body []byte) bool {
	switch {
	case name == "EXIF":
		c.orientation = orientationIn(bytes.TrimPrefix(body, exifName))
	case name == "ANMF":
		return c.frame(body)
	case name == "VP8X":
		if len(body) < 10 || c.width != 0 {
			return false
		}
		c.extended = len(c.out) + 8
		c.width, c.height = 1+uint24(body[4:]), 1+uint24(body[7:])
		c.out = appendWebPChunk(c.out, name, body)
		c.out[c.extended] &^= webpFlagXMP | webpFlagExif
	case webpShown[name]:
		if c.width == 0 {
			c.width, c.height = webpSize(name, body)
		}
		c.out = appendWebPChunk(c.out, name, body)
	}
	return true
}

// frame copies a frame of an animation without what is not to be seen.
func (c *webpCleaner) frame(body []byte) bool {
	if len(body) < webpFrameHead {
		return false
	}
	inner := webpCleaner{out: bytes.Clone(body[:webpFrameHead])}
	ok := inner.chunks(body[webpFrameHead:], func(name string, body []byte) bool {
		if webpFrameShown[name] {
			inner.out = appendWebPChunk(inner.out, name, body)
		}
		return true
	})
	c.out = appendWebPChunk(c.out, "ANMF", inner.out)
	return ok
}

// webpSize reads the size of a picture from its pixels' header; 0 if it has none.
func webpSize(name string, body []byte) (width, height int) {
	switch {
	case name == "VP8 " && len(body) >= 10 && bytes.Equal(body[3:6], []byte{0x9d, 0x01, 0x2a}):
		return int(binary.LittleEndian.Uint16(body[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(body[8:]) & 0x3fff)
	case name == "VP8L" && len(body) >= 5 && body[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(body[1:])
		return 1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff)
	}
	return 0, 0
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func appendWebPChunk(dst []byte, name string, body []byte) []byte {
	dst = append(dst, name...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	dst = append(dst, body...)
	if len(body)%2 == 1 {
		dst = append(dst, 0)
	}
	return dst
}
