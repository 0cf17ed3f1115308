package ot

import (
	"encoding/binary"
	"unicode/utf8"
)

// Text is WTF-8: UTF-8 in which half of a surrogate pair may stand on its own,
// written in three bytes (ED A0..BF xx). It is canonical when no high half is
// followed by a low half, for then they are one character in four bytes. Each
// text has one canonical form, so texts are equal when their bytes are.

// Bounds of the surrogate code units.
const (
	highMin, highMax = 0xD800, 0xDBFF
	lowMin, lowMax   = 0xDC00, 0xDFFF
)

// halfLen is the number of bytes of a lone half.
const halfLen = 3

// appendHalf appends the code unit u, half of a pair, in three bytes.
func appendHalf(dst []byte, u uint16) []byte {
	return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
}

// text is a string or its bytes.
type text interface{ ~string | ~[]byte }

// endsInHigh reports whether s ends in a lone high half.
func endsInHigh[T text](s T) bool {
	i := len(s) - halfLen
	return i >= 0 && s[i] == 0xED && s[i+1] >= 0xA0 && s[i+1] < 0xB0
}

// startsInLow reports whether s starts with a lone low half.
func startsInLow[T text](s T) bool {
	return len(s) >= halfLen && s[0] == 0xED && s[1] >= 0xB0
}

// pairOf returns the character whose halves are the last three bytes of high and
// the first three of low.
func pairOf[H, L text](high H, low L) rune {
	i := len(high) - halfLen
	h := rune(high[i+1]&0x0F)<<6 | rune(high[i+2]&0x3F)
	l := rune(low[1]&0x0F)<<6 | rune(low[2]&0x3F)
	return 0x10000 + (h<<10 | l)
}

// appendText appends the canonical form of dst followed by s, both canonical.
func appendText[T text](dst []byte, s T) []byte {
	if startsInLow(s) && endsInHigh(dst) {
		r := pairOf(dst, s)
		dst = utf8.AppendRune(dst[:len(dst)-halfLen], r)
		s = s[halfLen:]
	}
	return append(dst, s...)
}

// unitCount is the number of UTF-16 code units of s.
func unitCount[T text](s T) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x80 || c >= 0xC0 {
			n++
			if c >= 0xF0 {
				n++
			}
		}
	}
	return n
}

// byteOffset returns the byte at which unit at of s begins. If at is in the
// middle of a pair it returns the byte where the pair begins, and true.
func byteOffset[T text](s T, at int) (offset int, inPair bool) {
	units := 0
	for units < at && offset < len(s) {
		switch c := s[offset]; {
		case c < 0x80:
			offset++
		case c < 0xE0:
			offset += 2
		case c < 0xF0:
			offset += 3
		default:
			if units+1 == at {
				return offset, true
			}
			offset += 4
			units++
		}
		units++
	}
	return offset, false
}

// halves returns the two halves of the four-byte character at the start of s.
func halves[T text](s T) (high, low uint16) {
	r := rune(s[0]&0x07)<<18 | rune(s[1]&0x3F)<<12 | rune(s[2]&0x3F)<<6 | rune(s[3]&0x3F)
	r -= 0x10000
	return highMin + uint16(r>>10), lowMin + uint16(r&0x3FF)
}

// splitText cuts s, which is n units long, in two before unit at. A pair that is
// cut becomes two lone halves.
func splitText(s string, n, at int) (head, tail string) {
	if n == len(s) { // one byte per unit
		return s[:at], s[at:]
	}
	i, inPair := byteOffset(s, at)
	if !inPair {
		return s[:i], s[i:]
	}
	high, low := halves(s[i:])
	head = string(appendHalf([]byte(s[:i]), high))
	tail = string(appendHalf(make([]byte, 0, len(s)-i), low)) + s[i+4:]
	return head, tail
}

// canonicalText returns s in canonical form, bytes that are no WTF-8 replaced by
// U+FFFD. It returns s itself if nothing is to be done.
func canonicalText(s string) string {
	if utf8.ValidString(s) || isCanonical(s) {
		return s
	}
	out := make([]byte, 0, len(s)+halfLen)
	for len(s) > 0 {
		n := sequenceLen(s)
		if n == 0 {
			out = utf8.AppendRune(out, utf8.RuneError)
			s = s[1:]
			continue
		}
		out = appendText(out, s[:n])
		s = s[n:]
	}
	return string(out)
}

// isCanonical reports whether s is canonical WTF-8.
func isCanonical[T text](s T) bool {
	afterHigh := false
	for i := 0; i < len(s); {
		n := sequenceLen(s[i:])
		if n == 0 || afterHigh && startsInLow(s[i:]) {
			return false
		}
		i += n
		afterHigh = n == halfLen && endsInHigh(s[:i])
	}
	return true
}

// isCanonicalBytes is isCanonical for what may be a whole document: UTF-8, which
// is canonical, is recognised many bytes at a time.
func isCanonicalBytes(s []byte) bool {
	const long = 64
	return len(s) >= long && utf8.Valid(s) || isCanonical(s)
}

// isASCII reports whether s is ASCII. It looks at eight bytes at a time.
func isASCII(s []byte) bool {
	const high = 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		if binary.LittleEndian.Uint64(s)&high != 0 {
			return false
		}
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// sequenceLen is the length in bytes of the character or lone half at the start
// of s, or 0 if there is neither.
func sequenceLen[T text](s T) int {
	if len(s) == 0 {
		return 0
	}
	if s[0] < utf8.RuneSelf {
		return 1
	}
	head := string(s[:min(len(s), utf8.UTFMax)])
	if r, n := utf8.DecodeRuneInString(head); r != utf8.RuneError || n > 1 {
		return n
	}
	if len(head) >= halfLen && head[0] == 0xED && head[1]&0xE0 == 0xA0 && head[2]&0xC0 == 0x80 {
		return halfLen
	}
	return 0
}
