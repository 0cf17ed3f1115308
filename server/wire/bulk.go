package wire

import (
	"bytes"
	"encoding/json"

	"github.com/quire-editor/quire/ot"
)

// MaxBulk is how many documents one bulk request may name.
const MaxBulk = 10_000

// bulk reads the documents of a bulk request: a list of IDs, or an object of IDs and versions.
func (d *decoder) bulk(req *Request) {
	raw, _ := d.present("b")
	switch {
	case isObject(raw):
		req.Versioned = true
		d.knownVersions(req, raw)
	case len(raw) > 0 && raw[0] == '[':
		d.names(req, raw)
	default:
		d.refuse(CodeBadMessage, `"b" is neither a list nor an object`)
	}
}

func (d *decoder) names(req *Request, list json.RawMessage) {
	if bytes.Count(list, []byte(",")) >= MaxBulk {
		d.refuse(CodeBadMessage, "a bulk request may name %d documents", MaxBulk)
		return
	}
	var names []string
	if err := json.Unmarshal(list, &names); err != nil {
		d.refuse(CodeBadMessage, `"b" holds something other than strings`)
		return
	}
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			req.Documents = append(req.Documents, Known{Document: name})
		}
	}
}

func (d *decoder) knownVersions(req *Request, object json.RawMessage) {
	places := map[string]int{}
	eachMember(object, func(name string, value json.RawMessage) bool {
		inner := decoder{fields: fields{"v": value}}
		known := Known{name, inner.version("v")}
		if inner.refusal != nil {
			d.refusal = inner.refusal
		}
		if i, again := places[name]; again {
			req.Documents[i] = known // of two members with one name the last counts
			return d.refusal == nil
		}
		if len(req.Documents) == MaxBulk {
			d.refuse(CodeBadMessage, "a bulk request may name %d documents", MaxBulk)
		}
		places[name] = len(req.Documents)
		req.Documents = append(req.Documents, known)
		return d.refusal == nil
	})
}

// Part is the answer to one document of a bulk request.
type Part struct {
	Known
	// Snapshot is the document as EncodeSnapshot gives it; nil if records were sent instead.
	Snapshot []byte
	// Refusal says why there is neither.
	Refusal *Error
}

// BulkReplies answer documents of a bulk request. One message answers all, but for a refusal where versions were told: the
// form has no place for it, so each such document has a message of its own.
func BulkReplies(req *Request, parts []Part) [][]byte {
	if req.Versioned {
		return versionedReplies(req, parts)
	}
	b := appendBulkHead(nil, req)
	if req.Action == BulkUnsubscribe {
		return [][]byte{append(appendNames(b, parts), '}')}
	}
	return [][]byte{append(appendParts(b, parts), '}')}
}

func appendBulkHead(b []byte, req *Request) []byte {
	b = appendText(append(b, `{"a":`...), string(req.Action))
	return appendText(append(b, `,"c":`...), req.Collection)
}

func versionedReplies(req *Request, parts []Part) [][]byte {
	var granted []Part
	var replies [][]byte
	for _, part := range parts {
		if part.Refusal == nil {
			granted = append(granted, part)
			continue
		}
		b := appendVersions(appendBulkHead(nil, req), []Part{part})
		replies = append(replies, append(appendError(append(b, ','), part.Refusal), '}'))
	}
	if len(granted) > 0 || len(replies) == 0 {
		replies = append(replies, append(appendVersions(appendBulkHead(nil, req), granted), '}'))
	}
	return replies
}

func appendVersions(b []byte, parts []Part) []byte {
	b = append(b, `,"b":{`...)
	for i, part := range parts {
		b = append(appendName(b, i, part.Document), ':')
		if part.Version == nil {
			b = append(b, "null"...)
		} else {
			b = appendInt(b, *part.Version)
		}
	}
	return append(b, '}')
}

func appendNames(b []byte, parts []Part) []byte {
	b = append(b, `,"b":[`...)
	for i, part := range parts {
		b = appendName(b, i, part.Document)
	}
	return append(b, ']')
}

func appendName(b []byte, i int, name string) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return ot.AppendQuoted(b, name)
}

func appendParts(b []byte, parts []Part) []byte {
	b = append(b, `,"data":{`...)
	for i, part := range parts {
		b = append(appendName(b, i, part.Document), ':')
		if part.Refusal != nil {
			b = append(appendError(append(b, '{'), part.Refusal), '}')
		} else {
			b = append(b, part.Snapshot...)
		}
	}
	return append(b, '}')
}

// appendAsked repeats the documents of a bulk request that is refused as a whole.
func appendAsked(b []byte, req *Request) []byte {
	parts := make([]Part, len(req.Documents))
	for i, known := range req.Documents {
		parts[i].Known = known
	}
	return appendNames(b, parts)
}
