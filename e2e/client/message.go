package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// message is what a server says.
type message struct {
	Action  string
	Version uint64
	ID      json.RawMessage
	Src     string
	Seq     uint64
	Op      json.RawMessage
	Create  bool
	Delete  bool
	Data    *snapshot
	Error   *Refusal
}

type snapshot struct {
	Version uint64          `json:"v"`
	Type    *string         `json:"type"`
	Data    json.RawMessage `json:"data"`
}

// Refusal is an error that the server answered.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// parse reads a message. It allocates next to nothing for a record, so that a load of many people measures the server and
// not itself. own is the src that most messages of interest carry. The raw values in the answer are part of data.
func parse(data []byte, own string) (message, error) {
	var m message
	err := members(data, func(key, value []byte) (err error) {
		switch string(key) {
		case `"a"`:
			m.Action = action(value)
		case `"v"`:
			m.Version, err = number(value)
		case `"seq"`:
			m.Seq, err = number(value)
		case `"src"`:
			m.Src, err = source(value, own)
		case `"id"`:
			m.ID = value
		case `"op"`:
			m.Op = value
		case `"create"`:
			m.Create = true
		case `"del"`:
			err = json.Unmarshal(value, &m.Delete)
		case `"data"`:
			err = json.Unmarshal(value, &m.Data)
		case `"error"`:
			err = json.Unmarshal(value, &m.Error)
		}
		return err
	})
	return m, err
}

// source reads a src. One's own is made no string.
func source(value []byte, own string) (src string, err error) {
	plain := len(value) >= 2 && value[0] == '"' && bytes.IndexByte(value, '\\') < 0
	switch {
	case !plain:
		err = json.Unmarshal(value, &src)
	case string(value[1:len(value)-1]) == own:
		src = own
	default:
		src = string(value[1 : len(value)-1])
	}
	return src, err
}

// action names what most messages are without making a string.
func action(value []byte) string {
	switch string(value) {
	case `"op"`:
		return "op"
	case `"p"`:
		return "p"
	case `"s"`:
		return "s"
	case `"hs"`:
		return "hs"
	}
	return ""
}

// number reads a whole number. Null, which some messages have for a version, is zero.
func number(value []byte) (uint64, error) {
	if string(value) == "null" {
		return 0, nil
	}
	n := uint64(0)
	for _, c := range value {
		if c < '0' || c > '9' || len(value) > 18 {
			return strconv.ParseUint(string(value), 10, 64)
		}
		n = n*10 + uint64(c-'0')
	}
	return n, nil
}

// members calls f with each key, quotes included, and raw value of a JSON object. Values are not checked further than needed
// to find their ends; f reads them.
func members(data []byte, f func(key, value []byte) error) error {
	at := space(data, 0)
	if at == len(data) || data[at] != '{' {
		return fmt.Errorf("not an object: %.80s", data)
	}
	for at = space(data, at+1); at < len(data) && data[at] != '}'; at = space(data, at) {
		keyEnd := valueEnd(data, at)
		colon := space(data, keyEnd)
		if data[at] != '"' || colon == len(data) || data[colon] != ':' {
			break
		}
		begin := space(data, colon+1)
		end := valueEnd(data, begin)
		if err := f(data[at:keyEnd], data[begin:end]); err != nil {
			return err
		}
		if at = space(data, end); at < len(data) && data[at] == ',' {
			at++
		}
	}
	if at >= len(data) || data[at] != '}' {
		return fmt.Errorf("not an object: %.80s", data)
	}
	return nil
}

func space(data []byte, at int) int {
	for at < len(data) && data[at] <= ' ' {
		at++
	}
	return at
}

// valueEnd returns where the value that begins at at ends.
func valueEnd(data []byte, at int) int {
	depth := 0
	for ; at < len(data); at++ {
		switch data[at] {
		case '"':
			at = stringEnd(data, at)
			if depth == 0 {
				return min(at+1, len(data))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return at
			}
			if depth == 0 {
				return at + 1
			}
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return at
			}
		}
	}
	return len(data)
}

// stringEnd returns the place of the quote that ends the string that begins at at.
func stringEnd(data []byte, at int) int {
	for at++; at < len(data); at++ {
		switch data[at] {
		case '\\':
			at++
		case '"':
			return at
		}
	}
	return len(data)
}
