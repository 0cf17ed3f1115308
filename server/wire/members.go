package wire

import (
	"bytes"
	"encoding/json"
	"slices"
)

// fields are members of a JSON object by name, each still as text and part of the message it came from.
type fields map[string]json.RawMessage

// The members that are read. All others are passed over, however many there are.
var (
	messageFields = []string{
		"a", "c", "d", "v", "id", "ch", "src", "seq", "op", "create", "del", "p", "pv", "protocol", "b", "ts",
		"m", "before", "bundles", "token",
	}
	createFields = []string{"type", "kind", "data"}
)

// members returns those members of a JSON object that are wanted; of several with one name the last. The object must be
// valid JSON. (encoding/json would not do: into a struct it matches names whatever their case, and into a map it keeps
// what nobody wants, at many times its size.)
func members(object []byte, wanted []string) fields {
	found := fields{}
	eachMember(object, func(name string, value json.RawMessage) bool {
		if i := slices.Index(wanted, name); i >= 0 {
			found[wanted[i]] = value
		}
		return true
	})
	return found
}

// eachMember calls fn for the members of a JSON object in the order they stand, until it answers false.
func eachMember(object []byte, fn func(name string, value json.RawMessage) bool) {
	rest := skipSpace(skipSpace(object)[1:])
	for rest[0] != '}' {
		var name, value []byte
		name, rest = cut(rest, stringEnd(rest))
		rest = skipSpace(skipSpace(rest)[1:]) // the colon
		value, rest = cut(rest, valueEnd(rest))
		if !fn(unquote(name), value) {
			return
		}
		if rest = skipSpace(rest); rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
}

func isObject(data []byte) bool {
	data = skipSpace(data)
	return len(data) > 0 && data[0] == '{'
}

func skipSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

func cut(b []byte, n int) (before, after []byte) { return b[:n:n], b[n:] }

// unquote returns the text of a JSON string.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}

// stringEnd returns the length of the string that b begins with.
func stringEnd(b []byte) int {
	for i := 1; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// valueEnd returns the length of the value that b, the rest of an object, begins with.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
}
