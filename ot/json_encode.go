package ot

import (
	"math"
	"strconv"
)

// AppendJSON appends d as a JSON list of ops. Equal deltas give equal bytes, and
// DecodeJSON reads back a delta equal to d. Lone halves are written as \uXXXX.
// Ops of length zero, which do nothing, are left out.
func AppendJSON(dst []byte, d Delta) []byte {
	dst = append(dst, '[')
	first := true
	for i := range d {
		if d[i].n == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendOp(dst, &d[i])
	}
	return append(dst, ']')
}

func appendOp(dst []byte, op *Op) []byte {
	switch op.kind {
	case Insert:
		dst = append(dst, `{"insert":`...)
		dst = AppendQuoted(dst, op.text)
	case Embed:
		dst = append(dst, `{"insert":`...)
		dst = append(dst, op.text...)
	case Retain:
		dst = append(dst, `{"retain":`...)
		dst = strconv.AppendInt(dst, int64(op.n), 10)
	case Delete:
		dst = append(dst, `{"delete":`...)
		dst = strconv.AppendInt(dst, int64(op.n), 10)
	}
	if op.attrs.set != nil {
		dst = append(dst, `,"attributes":`...)
		dst = appendAttributes(dst, op.attrs)
	}
	return append(dst, '}')
}

func appendAttributes(dst []byte, a Attributes) []byte {
	return appendMembers(dst, a.list())
}

// appendMembers appends an object.
func appendMembers(dst []byte, list []attribute) []byte {
	dst = append(dst, '{')
	for i, kv := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendQuoted(dst, kv.key)
		dst = append(dst, ':')
		dst = append(dst, kv.value...)
	}
	return append(dst, '}')
}

// AppendQuoted appends s, which is WTF-8, as a JSON string, escaped exactly as
// JSON.stringify does it. The answer is valid UTF-8.
func AppendQuoted(dst []byte, s string) []byte { return appendQuoted(dst, s) }

const hexDigits = "0123456789abcdef"

func appendQuoted[T text](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		if c == 0xED && (len(s)-i < halfLen || s[i+1] < 0xA0) {
			continue // an ordinary character that begins with the same byte
		}
		dst = append(dst, s[start:i]...)
		if c == 0xED {
			unit := uint16(0xD000) | uint16(s[i+1]&0x3F)<<6 | uint16(s[i+2]&0x3F)
			dst = appendUnicodeEscape(dst, unit)
			i += halfLen - 1
		} else {
			dst = appendEscape(dst, c)
		}
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscape appends a quote, a backslash or a control character.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return appendUnicodeEscape(dst, uint16(c))
}

func appendUnicodeEscape(dst []byte, unit uint16) []byte {
	return append(dst, '\\', 'u',
		hexDigits[unit>>12], hexDigits[unit>>8&0xF], hexDigits[unit>>4&0xF], hexDigits[unit&0xF])
}

// appendNumber appends f as JavaScript's JSON.stringify writes it.
func appendNumber(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0') // minus zero as well
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// strconv writes at least two digits of exponent, JavaScript as few as needed.
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
