package server

import (
	"encoding/binary"

	"github.com/gorilla/websocket"
)

// Bits and lengths of a frame's header, RFC 6455 section 5.2. A server's frames are not masked, a client's are.
const (
	final      = 1 << 7
	compressed = 1 << 6 // RSV1, RFC 7692 section 6
	opcode     = 1<<4 - 1
	control    = 1 << 3 // set in the opcodes of control frames
	masked     = 1 << 7
	length16   = 126
	length64   = 127
	maskBytes  = 4
	maxHeader  = 2 + 8 + maskBytes

	continuation = 0
	finalText    = final | websocket.TextMessage
	finalPing    = final | websocket.PingMessage
)

// appendHeader appends the header of a server's frame. first is its first byte.
func appendHeader(b []byte, first byte, size int) []byte {
	switch {
	case size < length16:
		return append(b, first, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, first, length16), uint16(size))
	}
	return binary.BigEndian.AppendUint64(append(b, first, length64), uint64(size))
}

// appendMaskedHeader appends the header of a client's frame, with a mask that changes nothing.
func appendMaskedHeader(b []byte, first byte, size int) []byte {
	begin := len(b)
	b = appendHeader(b, first, size)
	b[begin+1] |= masked
	return append(b, make([]byte, maskBytes)...)
}

// headerSize says how long the header of a client's frame is that begins with these two bytes.
func headerSize(second byte) int {
	size := 2
	switch second &^ masked {
	case length16:
		size += 2
	case length64:
		size += 8
	}
	if second&masked != 0 {
		size += maskBytes
	}
	return size
}

// payloadSize reads the length that a whole header of a client's frame announces.
func payloadSize(header []byte) uint64 {
	switch size := header[1] &^ masked; size {
	case length16:
		return uint64(binary.BigEndian.Uint16(header[2:]))
	case length64:
		return binary.BigEndian.Uint64(header[2:])
	default:
		return uint64(size)
	}
}
