package textdiff

import "unicode/utf8"

// Characters are compared as runes. A lone surrogate half is no rune that
// go-diff can carry (it works on Go strings in places), so the 2048 halves borrow
// the last 2048 code points, which are private use.
const (
	surrogateMin = 0xD800
	surrogateMax = 0xDFFF
	borrowedMin  = 0x10F800
)

// runesOf returns the characters of WTF-8 text. It reports false if the text
// itself uses a borrowed code point, so that nothing can be told apart.
func runesOf(text string) (runes []rune, ok bool) {
	runes = make([]rune, 0, len(text))
	for len(text) > 0 {
		r, size := decode(text)
		if r >= borrowedMin {
			return nil, false
		}
		if r >= surrogateMin && r <= surrogateMax {
			r = r - surrogateMin + borrowedMin
		}
		runes = append(runes, r)
		text = text[size:]
	}
	return runes, true
}

// decode returns the first character or lone half of WTF-8 text and its size in
// bytes.
func decode(text string) (rune, int) {
	r, size := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && size == 1 && len(text) >= 3 && text[0] == 0xED {
		return 0xD000 | rune(text[1]&0x3F)<<6 | rune(text[2]&0x3F), 3
	}
	return r, size
}

// sizeOf is the number of bytes that runes, from runesOf, took in the text.
func sizeOf(runes []rune) int {
	size := 0
	for _, r := range runes {
		if r >= borrowedMin {
			size += 3
		} else {
			size += utf8.RuneLen(r)
		}
	}
	return size
}
