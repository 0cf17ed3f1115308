package picture

import (
	"encoding/binary"
	"hash/crc32"
)

var pngSignature = []byte("\x89PNG\r\n\x1a\n")

// pngShown are the chunks that decide what is to be seen: pixels, transparency, colours, size on paper, animation.
var pngShown = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true,
	"cHRM": true, "gAMA": true, "iCCP": true, "sRGB": true, "sBIT": true, "cICP": true, "mDCV": true, "cLLI": true,
	"bKGD": true, "hIST": true, "pHYs": true,
	"acTL": true, "fcTL": true, "fdAT": true,
}

// pngFrame is what a chunk has beside its data: length, name, checksum.
const pngFrame = 12

func cleanPNG(data []byte) (Picture, error) {
	p := Picture{Type: PNG, Data: append([]byte(nil), pngSignature...)}
	orientation := upright
	rest := data[len(pngSignature):]
	for {
		name, body, after, ok := pngChunk(rest)
		if !ok || (p.Width == 0) != (name == "IHDR") {
			return p, ErrDamaged
		}
		chunk := rest[:len(body)+pngFrame]
		rest = after
		switch {
		case name == "IHDR":
			if len(body) != 13 {
				return p, ErrDamaged
			}
			p.Width, p.Height = int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
			if p.Width == 0 {
				return p, ErrDamaged
			}
		case name == "eXIf":
			orientation = orientationIn(body)
			if orientation != upright {
				p.Data = appendPNGChunk(p.Data, "eXIf", orientationOnly(orientation))
			}
			continue
		}
		if pngShown[name] {
			p.Data = append(p.Data, chunk...)
		}
		if name == "IEND" {
			p.Width, p.Height = turned(p.Width, p.Height, orientation)
			return p, nil
		}
	}
}

// pngChunk reads the chunk that data begins with.
func pngChunk(data []byte) (name string, body, rest []byte, ok bool) {
	if len(data) < pngFrame {
		return "", nil, nil, false
	}
	length := binary.BigEndian.Uint32(data)
	if uint64(length) > uint64(len(data)-pngFrame) {
		return "", nil, nil, false
	}
	end := 8 + int(length)
	sum := binary.BigEndian.Uint32(data[end:])
	return string(data[4:8]), data[8:end], data[end+4:], crc32.ChecksumIEEE(data[4:end]) == sum
}

func appendPNGChunk(dst []byte, name string, body []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)))
	begin := len(dst)
	dst = append(append(dst, name...), body...)
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[begin:]))
}
