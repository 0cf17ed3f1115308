package ot

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// scanner reads JSON strictly (RFC 8259) from the front of data. It keeps lone
// surrogates, which encoding/json would turn into U+FFFD without an error.
type scanner struct {
	data    []byte
	pos     int
	limits  Limits
	scratch []byte // text of the last string that held an escape
}

// fail returns an error at the present place.
func (s *scanner) fail(reason string) error {
	return &SyntaxError{Offset: s.pos, Reason: reason}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) && s.data[s.pos] > ' ' {
		return s.data[s.pos]
	}
	return s.skipSpace()
}

// skipSpace is peek where there is white space or an end.
func (s *scanner) skipSpace() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\n', '\t', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// accept consumes the next byte if it is c.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// end checks that only white space is left.
func (s *scanner) end() error {
	if s.peek(); s.pos != len(s.data) {
		return s.fail("something follows the value")
	}
	return nil
}

// literal consumes word.
func (s *scanner) literal(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.fail("unknown word")
	}
	s.pos += len(word)
	return nil
}

// stringBytes reads a string and returns it as canonical WTF-8 that is valid
// until the next call.
func (s *scanner) stringBytes() ([]byte, error) {
	if !s.accept('"') {
		return nil, s.fail("expected a string")
	}
	start, ascii := s.pos, true
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case c == '"':
			text := s.data[start:s.pos]
			if !ascii && !utf8.Valid(text) {
				return nil, s.fail("string is not valid UTF-8")
			}
			s.pos++
			return text, nil
		case c == '\\':
			return s.escapedString(start)
		case c < ' ':
			return nil, s.fail("control character in a string")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, s.fail("string has no end")
}

// escapedString goes on with a string that began at start and has its first
// escape at the present place.
func (s *scanner) escapedString(start int) ([]byte, error) {
	out := s.scratch[:0]
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"' || c == '\\':
			if !utf8.Valid(s.data[start:s.pos]) {
				return nil, s.fail("string is not valid UTF-8")
			}
			out = append(out, s.data[start:s.pos]...)
			s.pos++
			if c == '"' {
				s.scratch = out
				return out, nil
			}
			var err error
			if out, err = s.escape(out); err != nil {
				return nil, err
			}
			start = s.pos
		case c < ' ':
			return nil, s.fail("control character in a string")
		default:
			s.pos++
		}
	}
	return nil, s.fail("string has no end")
}

// escape reads what follows a backslash and appends what it stands for. Two
// halves written one after the other become one character.
func (s *scanner) escape(dst []byte) ([]byte, error) {
	if s.pos == len(s.data) {
		return nil, s.fail("string has no end")
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/':
		return append(dst, c), nil
	case 'b':
		return append(dst, '\b'), nil
	case 'f':
		return append(dst, '\f'), nil
	case 'n':
		return append(dst, '\n'), nil
	case 'r':
		return append(dst, '\r'), nil
	case 't':
		return append(dst, '\t'), nil
	case 'u':
		return s.unicodeEscape(dst)
	}
	return nil, s.fail("unknown escape in a string")
}

func (s *scanner) unicodeEscape(dst []byte) ([]byte, error) {
	unit := uint16(0)
	if len(s.data)-s.pos < 4 {
		return nil, s.fail("\\u needs four digits")
	}
	for range 4 {
		digit := hexDigit(s.data[s.pos])
		if digit < 0 {
			return nil, s.fail("\\u needs four digits")
		}
		unit = unit<<4 | uint16(digit)
		s.pos++
	}
	if unit < highMin || unit > lowMax {
		return utf8.AppendRune(dst, rune(unit)), nil
	}
	var half [halfLen]byte
	return appendText(dst, appendHalf(half[:0], unit)), nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// maxExactDigits is how many decimal digits a double always holds exactly.
const maxExactDigits = 15

// number reads a number. One that no double can hold is refused, because
// JavaScript would make it null.
func (s *scanner) number() (float64, error) {
	s.peek()
	start := s.pos
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		s.pos++
	}
	first := s.pos
	whole := s.digits()
	if whole == 0 || whole > 1 && s.data[first] == '0' {
		return 0, s.fail("malformed number")
	}
	simple := whole <= maxExactDigits && first == start
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		simple = false
		if s.digits() == 0 {
			return 0, s.fail("malformed number")
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		simple = false
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return 0, s.fail("malformed number")
		}
	}
	if simple {
		return smallNumber(s.data[start:s.pos]), nil
	}
	f, err := strconv.ParseFloat(string(s.data[start:s.pos]), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, s.fail("number is out of range")
	}
	return f, nil
}

// digits consumes decimal digits and returns how many there were.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

// smallNumber reads at most maxExactDigits digits.
func smallNumber(digits []byte) float64 {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return float64(n)
}
