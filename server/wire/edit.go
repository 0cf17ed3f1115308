package wire

import (
	"bytes"

	"github.com/quire-editor/quire/ot"
)

// Nearly all that people send is edits, in the one form that JSON.stringify gives a stock client's. They are read here, in
// one pass; the answer is that of the general way, which everything else goes.

// documents is the collection that all clients name, kept so that naming it makes no string.
const documents = "documents"

// decodeEdit reads a submission of an edit written without white space or escapes and with no member twice. Of anything
// else, and of every edit that is to be refused, it reports false.
func decodeEdit(data []byte, limits ot.Limits) (*Request, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"a":"op"`))
	req := &Request{Size: len(data), Action: Submit}
	var version uint64
	var seen uint // a bit for each member
	for ok && len(rest) > 0 && rest[0] == ',' {
		var name, text []byte
		if name, rest, ok = cutText(rest[1:]); !ok || len(rest) == 0 || rest[0] != ':' {
			return nil, false
		}
		rest = rest[1:]
		member := uint(0)
		switch string(name) {
		case "c":
			member = 1
			if text, rest, ok = cutText(rest); string(text) == documents {
				req.Collection = documents
			} else {
				req.Collection = string(text)
			}
		case "d":
			member = 2
			text, rest, ok = cutText(rest)
			req.Document = string(text)
		case "src":
			member = 4
			text, rest, ok = cutText(rest)
			req.Src = string(text)
		case "v":
			member = 8
			version, rest, ok = cutInteger(rest)
			req.Version = &version
		case "seq":
			member = 16
			req.Seq, rest, ok = cutInteger(rest)
		case "x":
			member = 32
			rest, ok = bytes.CutPrefix(rest, []byte("{}"))
		case "op":
			member = 64
			req.Edit, rest, ok = cutDelta(rest, limits)
		default:
			return nil, false
		}
		ok = ok && seen&member == 0
		seen |= member
	}
	if Inherited(req.Document) || req.Collection != documents && Inherited(req.Collection) {
		return nil, false
	}
	const needed = 16 | 64
	return req, ok && string(rest) == "}" && seen&needed == needed && req.Seq > 0
}

// cutText cuts a string of printable ASCII without escapes from the front of b.
func cutText(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i, c := range b[1:] {
		switch {
		case c == '"':
			return b[1 : 1+i], b[1+i+1:], true
		case c < ' ' || c > '~' || c == '\\':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// cutInteger cuts a whole number of up to 15 digits, less than MaxInteger, from the front of b.
func cutInteger(b []byte) (n uint64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + uint64(b[i]-'0')
	}
	return n, b[i:], i > 0 && i <= 15 && (b[0] != '0' || i == 1)
}

// cutDelta cuts a delta from the front of b, which something follows.
func cutDelta(b []byte, limits ot.Limits) (delta ot.Delta, rest []byte, ok bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth <= 0 {
				delta, err := ot.DecodeJSON(b[:i+1], limits)
				return delta, b[i+1:], err == nil
			}
		}
	}
	return nil, nil, false
}
