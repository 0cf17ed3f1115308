package server

import (
	"encoding/json"
	"fmt"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

// One document by itself is a file of lines, each a JSON object: a portableHead, states, records, messages and pictures in
// this order, and a portableEnd. server/EXPORT.md describes it for others.

// portableFormat is the version of that form. Whoever adds a kind of line raises it.
const portableFormat = 1

// portableHead is the first line. Its numbers say how many lines of each kind follow.
type portableHead struct {
	Quire    string          `json:"quire"` // portableName
	Format   int             `json:"format"`
	ID       string          `json:"id"`
	Revision uint64          `json:"revision"`
	First    uint64          `json:"first"` // of the oldest record that is kept
	Created  int64           `json:"created"`
	Messages uint64          `json:"messages"`
	Pictures int             `json:"pictures"`
	Meta     json.RawMessage `json:"meta"`

	Versions []version             `json:"versions,omitempty"`
	People   map[string]personInfo `json:"people,omitempty"`
}

const portableName = "document"

// portableLine is any other line: the fields of its kind are set.
type portableLine struct {
	// A state: what replaces the records before the first that is kept.
	State  *uint64 `json:"state,omitempty"`
	Exists bool    `json:"exists,omitempty"`

	// A record, or a message.
	Record  *uint64 `json:"record,omitempty"`
	Message *uint64 `json:"message,omitempty"`
	Src     string  `json:"src,omitempty"`
	Seq     uint64  `json:"seq,omitempty"`
	Author  string  `json:"author,omitempty"`
	Time    int64   `json:"time,omitempty"`

	// What a record does, or the content of a state; what a message says.
	Edit    json.RawMessage `json:"edit,omitempty"`
	Create  json.RawMessage `json:"create,omitempty"`
	Delete  bool            `json:"delete,omitempty"`
	Content json.RawMessage `json:"content,omitempty"`
	Said    json.RawMessage `json:"said,omitempty"`

	// A picture, in base64.
	Picture string `json:"picture,omitempty"`
	Data    []byte `json:"data,omitempty"`

	// The end: the SHA-256 of all lines before, in hexadecimal.
	End string `json:"end,omitempty"`
}

func portableRecord(r store.Record) (portableLine, error) {
	line := portableLine{Record: &r.Revision, Src: r.Src, Seq: r.Seq, Author: r.Author, Time: r.Time}
	c, err := decodeChange(r.Payload)
	if err != nil {
		return line, fmt.Errorf("record %d: %w", r.Revision, err)
	}
	switch c.kind {
	case changeEdit:
		line.Edit = ot.AppendJSON(nil, c.delta)
	case changeCreate:
		line.Create = ot.AppendJSON(nil, c.delta)
	case changeDelete:
		line.Delete = true
	}
	return line, nil
}

// change is the inverse of portableRecord, for what the record does.
func (l *portableLine) change() (change, error) {
	c, raw := change{kind: changeDelete}, json.RawMessage("[]")
	switch {
	case l.Edit != nil && l.Create == nil && !l.Delete:
		c.kind, raw = changeEdit, l.Edit
	case l.Create != nil && l.Edit == nil && !l.Delete:
		c.kind, raw = changeCreate, l.Create
	case !l.Delete || l.Edit != nil || l.Create != nil:
		return c, errNoChange
	}
	delta, err := ot.DecodeJSON(raw, portableLimits)
	c.delta = delta
	return c, err
}

var errNoChange = fmt.Errorf("a record needs one of edit, create and delete")

// portableLimits bound a delta in a file: what the log takes, and no more.
var portableLimits = ot.Limits{Bytes: maxPortableLine}

// maxPortableLine bounds a line, in bytes: the largest record, in JSON with every character escaped.
const maxPortableLine = 8 * store.MaxPayloadBytes
