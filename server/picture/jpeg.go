package picture

import (
	"bytes"
	"encoding/binary"
)

// The second byte of a JPEG marker; the first is 0xff.
const (
	markerSOI   = 0xd8 // start of the picture
	markerEOI   = 0xd9 // its end
	markerSOS   = 0xda // start of a scan: pixels follow
	markerTEM   = 0x01
	markerRST0  = 0xd0 // RST0 to RST7 stand among the pixels
	markerRST7  = 0xd7
	markerDHT   = 0xc4 // tables, beside the SOF markers by number
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerSOF0  = 0xc0
	markerSOF15 = 0xcf
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

var (
	exifName  = []byte("Exif\x00\x00")
	jfifName  = []byte("JFIF\x00")
	iccName   = []byte("ICC_PROFILE\x00")
	adobeName = []byte("Adobe")
)

const (
	// jfifBytes is the JFIF segment without its preview, adobeBytes what Adobe says of the colours.
	jfifBytes  = 14
	adobeBytes = 12
)

// jpegCleaner walks the segments of a JPEG and keeps those that are needed to show it.
type jpegCleaner struct {
	data        []byte
	out         []byte
	width       int
	height      int
	orientation int
}

func cleanJPEG(data []byte) (Picture, error) {
	c := jpegCleaner{data: data[2:], orientation: upright}
	scanned := false
	for {
		marker, ok := c.marker()
		if !ok || marker == markerEOI {
			// Some cameras and programs leave the end out; every browser shows such a picture.
			if !scanned {
				return Picture{}, ErrDamaged
			}
			return c.picture(), nil
		}
		if marker == markerTEM || marker >= markerRST0 && marker <= markerRST7 {
			continue
		}
		body, ok := c.segment()
		if !ok || marker == markerSOI {
			return Picture{}, ErrDamaged
		}
		if err := c.keep(marker, body); err != nil {
			return Picture{}, err
		}
		if marker == markerSOS {
			scanned = true
			c.scan()
		}
	}
}

// picture puts the picture together. How to turn it stands before everything else.
func (c *jpegCleaner) picture() Picture {
	width, height := turned(c.width, c.height, c.orientation)
	out := make([]byte, 0, len(c.out)+64)
	out = append(out, 0xff, markerSOI)
	if c.orientation != upright {
		out = appendSegment(out, markerAPP1, append(bytes.Clone(exifName), orientationOnly(c.orientation)...))
	}
	out = append(out, c.out...)
	return Picture{JPEG, width, height, append(out, 0xff, markerEOI)}
}

// marker reads the next marker; false at the end of the data.
func (c *jpegCleaner) marker() (byte, bool) {
	for len(c.data) >= 2 {
		if c.data[0] != 0xff {
			return 0, false
		}
		marker := c.data[1]
		if marker == 0xff { // filling
			c.data = c.data[1:]
			continue
		}
		c.data = c.data[2:]
		return marker, marker != 0
	}
	return 0, false
}

// segment reads what belongs to a marker.
func (c *jpegCleaner) segment() ([]byte, bool) {
	if len(c.data) < 2 {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(c.data))
	if length < 2 || length > len(c.data) {
		return nil, false
	}
	body := c.data[2:length]
	c.data = c.data[length:]
	return body, true
}

// keep copies a segment if it is needed.
func (c *jpegCleaner) keep(marker byte, body []byte) error {
	switch {
	case isSOF(marker):
		if len(body) < 6 || c.width != 0 {
			return ErrDamaged
		}
		c.height, c.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
		if c.width == 0 {
			return ErrDamaged
		}
		c.out = appendSegment(c.out, marker, body)
	case marker == markerSOS && c.width == 0:
		return ErrDamaged
	case marker < markerAPP0 && marker >= markerSOF0:
		c.out = appendSegment(c.out, marker, body)
	case marker == markerAPP0 && bytes.HasPrefix(body, jfifName) && len(body) >= jfifBytes:
		jfif := bytes.Clone(body[:jfifBytes])
		jfif[12], jfif[13] = 0, 0
		c.out = appendSegment(c.out, marker, jfif)
	case marker == markerAPP1 && bytes.HasPrefix(body, exifName):
		if o := orientationIn(body[len(exifName):]); o != upright {
			c.orientation = o
		}
	case marker == markerAPP2 && bytes.HasPrefix(body, iccName):
		c.out = appendSegment(c.out, marker, body)
	case marker == markerAPP14 && bytes.HasPrefix(body, adobeName) && len(body) >= adobeBytes:
		c.out = appendSegment(c.out, marker, body[:adobeBytes])
	}
	return nil
}

// isSOF says whether a marker begins a frame, which has the size of the picture.
func isSOF(marker byte) bool {
	return marker >= markerSOF0 && marker <= markerSOF15 && marker != markerDHT && marker != markerJPG && marker != markerDAC
}

// scan copies pixels, up to the next marker that does not stand among them.
func (c *jpegCleaner) scan() {
	end := 0
	for end < len(c.data) {
		next := bytes.IndexByte(c.data[end:], 0xff)
		if next < 0 || end+next+1 >= len(c.data) {
			end = len(c.data)
			break
		}
		end += next
		second := c.data[end+1]
		if second != 0 && second != 0xff && (second < markerRST0 || second > markerRST7) {
			break
		}
		end++
	}
	c.out = append(c.out, c.data[:end]...)
	c.data = c.data[end:]
}

func appendSegment(dst []byte, marker byte, body []byte) []byte {
	dst = append(dst, 0xff, marker)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(body)+2))
	return append(dst, body...)
}
