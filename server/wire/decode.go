package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/quire-editor/quire/ot"
)

// Decode reads one message. limits bound the delta it may carry. A message that is refused comes back as an *Error,
// beside the request as far as it was understood: enough to route the refusal to whoever waits for it.
func Decode(data []byte, limits ot.Limits) (*Request, error) {
	if req, ok := decodeEdit(data, limits); ok {
		return req, nil
	}
	return decode(data, limits)
}

// decode is Decode for messages of every form.
func decode(data []byte, limits ot.Limits) (*Request, error) {
	req := &Request{Size: len(data)}
	if !json.Valid(data) || !isObject(data) {
		return req, &Error{CodeBadMessage, "the message is not a JSON object"}
	}
	d := decoder{fields: members(data, messageFields), limits: limits}
	d.route(req)
	d.body(req)
	return req, d.err()
}

// decoder reads typed values out of fields and remembers the first refusal.
type decoder struct {
	fields  fields
	limits  ot.Limits
	refusal *Error
}

func (d *decoder) err() error {
	if d.refusal == nil {
		return nil
	}
	return d.refusal
}

func (d *decoder) refuse(code Code, format string, args ...any) {
	if d.refusal == nil {
		d.refusal = &Error{code, fmt.Sprintf(format, args...)}
	}
}

// route reads what a reply has to repeat.
func (d *decoder) route(req *Request) {
	req.Action = Action(d.text("a"))
	req.Collection = d.name("c", "Invalid collection")
	req.Document = d.name("d", "Invalid id")
	req.Channel = d.name("ch", "Invalid presence channel")
	req.Src = d.text("src")
	req.Seq = d.sequence("seq")
	req.Version = d.version("v")
	req.PresenceVersion = d.integer("pv")
	if id := d.fields["id"]; len(id) > 0 && id[0] != '"' {
		if _, ok := d.number("id"); ok {
			req.RequestID = id
		}
	} else {
		req.ID = d.text("id")
	}
}

func (d *decoder) body(req *Request) {
	switch req.Action {
	case Handshake:
		req.Protocol = d.integer("protocol")
		req.Token = d.text("token")
	case Submit:
		d.submission(req)
	case Presence:
		req.Cursor = d.cursor("p")
	case BulkFetch, BulkSubscribe, BulkUnsubscribe:
		d.bulk(req)
	case Hello:
		req.Bundles = string(d.fields["bundles"]) == "true"
	case Chat, Typing:
		req.Chat = d.chat(req.ID)
	case Chats:
		req.Before = d.version("before")
	case FetchTime:
		if _, ok := d.present("ts"); ok {
			ms := d.integer("ts")
			req.Time = &ms
		}
	case "":
		d.refuse(CodeBadMessage, "the message has no action")
	}
}

func (d *decoder) submission(req *Request) {
	if req.Seq == 0 {
		d.refuse(CodeBadMessage, "an op needs a sequence number of 1 or more")
	}
	given := 0
	if op, ok := d.present("op"); ok {
		given++
		req.Edit = d.delta(op)
	}
	if create, ok := d.present("create"); ok {
		given++
		req.Create = d.create(create)
	}
	if del, ok := d.present("del"); ok {
		given++
		req.Delete = string(del) == "true"
		if !req.Delete {
			d.refuse(CodeBadMessage, "del must be true")
		}
	}
	if given != 1 {
		d.refuse(CodeBadMessage, "a submission is exactly one of op, create and del; this one has %d of them", given)
	}
}

func (d *decoder) create(data json.RawMessage) *Create {
	if !isObject(data) {
		d.refuse(CodeBadOp, "create is not an object")
		return &Create{}
	}
	inner := decoder{fields: members(data, createFields), limits: d.limits}
	create := &Create{Type: inner.text("type"), Kind: inner.text("kind")}
	if content, ok := inner.present("data"); ok {
		create.Data = inner.delta(content)
	}
	if inner.refusal != nil && d.refusal == nil {
		d.refusal = inner.refusal
	}
	return create
}

func (d *decoder) delta(data json.RawMessage) ot.Delta {
	delta, err := ot.DecodeJSON(data, d.limits)
	if err != nil {
		d.refuse(CodeBadOp, "%s", err)
	}
	return delta
}

// present returns a field that is there and not null.
func (d *decoder) present(name string) (json.RawMessage, bool) {
	raw, ok := d.fields[name]
	return raw, ok && !isNull(raw)
}

func (d *decoder) text(name string) string {
	raw, ok := d.present(name)
	if !ok {
		return ""
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		d.refuse(CodeBadMessage, "%q is not a string", name)
	}
	return s
}

// name reads the name of something that clients keep in an object, and refuses what it cannot be in ShareDB's words.
func (d *decoder) name(field, refusal string) string {
	raw, ok := d.present(field)
	if !ok {
		return ""
	}
	if raw[0] != '"' {
		d.refuse(CodeBadMessage, "%s", refusal)
		return ""
	}
	name := d.text(field)
	if Inherited(name) {
		d.refuse(CodeBadMessage, "%s", refusal)
	}
	return name
}

// Inherited says whether a name is one that every JavaScript object has: nothing can be kept in an object under it.
func Inherited(name string) bool { return inherited[name] }

var inherited = map[string]bool{
	"constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true,
	"toLocaleString": true, "toString": true, "valueOf": true, "__proto__": true,
	"__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
}

func (d *decoder) version(name string) *uint64 {
	if _, ok := d.present(name); !ok {
		return nil
	}
	v := d.integer(name)
	return &v
}

// integer reads a whole number from 0 to MaxInteger in any notation of JSON; 0 when the field is absent.
func (d *decoder) integer(name string) uint64 {
	f, ok := d.number(name)
	if ok && (f < 0 || f > MaxInteger || f != math.Trunc(f)) {
		d.refuse(CodeBadMessage, "%q is not a whole number from 0 to 2^53-1", name)
		return 0
	}
	return uint64(f)
}

// sequence reads a sequence number. From MaxInteger on JavaScript could not count further.
func (d *decoder) sequence(name string) uint64 {
	if f, ok := d.number(name); ok && f >= MaxInteger {
		d.refuse(CodeSeqOverflow, "the sequence number is too large")
		return MaxInteger
	}
	return d.integer(name)
}

// maxNumber is the longest number read, in bytes: more digits than any version has in any notation.
const maxNumber = 32

// number reads a number; false when the field is absent or no number.
func (d *decoder) number(name string) (float64, bool) {
	raw, ok := d.present(name)
	if !ok {
		return 0, false
	}
	if len(raw) <= maxNumber {
		if f, err := strconv.ParseFloat(string(raw), 64); err == nil {
			return f, true
		}
	}
	d.refuse(CodeBadMessage, "%q is not a number", name)
	return 0, false
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }
