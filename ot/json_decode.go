package ot

import (
	"strings"
	"unicode/utf8"
)

// DecodeJSON reads a delta: a list of ops, or an object whose only key "ops" is
// such a list. It is strict, because what JavaScript makes of a malformed op is
// a damaged document:
//
//   - each op is an object with exactly one of insert, retain and delete, and
//     perhaps attributes; no other key, no key twice;
//   - a length is a whole number of at least one;
//   - an insert is a text that is not empty, or an object with at least one key;
//   - attributes are an object or null; empty ones, and those of a delete, mean
//     nothing and are not kept.
//
// Errors: a *LimitError that names the limit exceeded, or a *SyntaxError.
func DecodeJSON(data []byte, lim Limits) (Delta, error) {
	dec := Decoder{Limits: lim}
	dec.texts.chunk = min(len(data), arenaChunk)
	return dec.AppendJSON(make(Delta, 0, keystrokeOps), data)
}

// keystrokeOps is how many ops most deltas have at most.
const keystrokeOps = 2

// Decoder reads deltas like DecodeJSON, and keeps buffers from one to the next so
// that reading a keystroke allocates next to nothing. Texts of several deltas
// share memory: keeping one alive may keep a few kilobytes of others. The zero
// value has no limits except on depth. It is not safe for concurrent use.
type Decoder struct {
	Limits Limits

	scan  scanner
	texts arena
	seen  attributeCache
}

// AppendJSON appends the ops of the delta in data to dst. After an error the
// answer is nil; what was in dst is not changed.
func (dec *Decoder) AppendJSON(dst Delta, data []byte) (Delta, error) {
	if lim := dec.Limits.Bytes; lim > 0 && len(data) > lim {
		return nil, &LimitError{Limit: "Bytes", Max: lim}
	}
	if out, ok := dec.plainDelta(dst, data); ok {
		return out, nil
	}
	dec.scan.data, dec.scan.pos = data, 0
	out, err := dec.delta(dst)
	dec.scan.data = nil
	if err != nil {
		return nil, err
	}
	return out, nil
}

// delta reads the outermost value.
func (dec *Decoder) delta(dst Delta) (Delta, error) {
	s := &dec.scan
	if !s.accept('{') {
		dst, err := dec.ops(dst)
		if err != nil {
			return nil, err
		}
		return dst, s.end()
	}
	key, err := s.stringBytes()
	if err != nil {
		return nil, err
	}
	if string(key) != "ops" {
		return nil, s.fail("a delta has no key but ops")
	}
	if !s.accept(':') {
		return nil, s.fail("expected : after a key")
	}
	if dst, err = dec.ops(dst); err != nil {
		return nil, err
	}
	if !s.accept('}') {
		return nil, s.fail("a delta has no key but ops")
	}
	return dst, s.end()
}

// ops reads the list of ops.
func (dec *Decoder) ops(dst Delta) (Delta, error) {
	s := &dec.scan
	if !s.accept('[') {
		return nil, s.fail("a delta is a list of ops")
	}
	if s.accept(']') {
		return dst, nil
	}
	for count := 1; ; count++ {
		if lim := dec.Limits.Ops; lim > 0 && count > lim {
			return nil, &LimitError{Limit: "Ops", Max: lim}
		}
		dst = extend(dst)
		op := &dst[len(dst)-1]
		if size := dec.plainOp(op, s.data[s.pos:]); size > 0 {
			s.pos += size
		} else {
			var err error
			if *op, err = dec.op(); err != nil {
				return nil, err
			}
		}
		switch s.peek() {
		case ']':
			s.pos++
			return dst, nil
		case ',':
			s.pos++
		default:
			return nil, s.fail("expected , or ] after an op")
		}
	}
}

// plainBytes bounds the size of what plainDelta tries to read, because what it
// cannot read is read again.
const plainBytes = 128

// plainDelta is a short form of what the method delta does, for the list of a few
// plain ops that a keystroke is. Of anything else it reports false.
func (dec *Decoder) plainDelta(dst Delta, data []byte) (_ Delta, ok bool) {
	if len(data) == 0 || len(data) > plainBytes || data[0] != '[' || dec.Limits.Ops > 0 && dec.Limits.Ops < plainBytes {
		return nil, false
	}
	for at := 1; ; at++ {
		dst = extend(dst)
		size := dec.plainOp(&dst[len(dst)-1], data[at:])
		at += size
		if size == 0 || at == len(data) {
			return nil, false
		}
		if data[at] != ',' {
			return dst, data[at] == ']' && at+1 == len(data)
		}
	}
}

// plainOp reads one op without attributes from the front of data into op, written as
// JSON.stringify writes it, and returns its size in bytes: a short form of what the
// method op does. Of anything else it reads nothing and returns zero. Something
// follows the op, for it is in a list.
func (dec *Decoder) plainOp(op *Op, data []byte) (size int) {
	const keyLen = len(`{"insert":`) // as long as that of the other two
	if len(data) <= keyLen {
		return 0
	}
	value := data[keyLen:]
	var kind Kind
	var n int // units
	switch string(data[:keyLen]) {
	case `{"retain":`:
		kind = Retain
		n, size = plainLength(value, dec.Limits.Length)
	case `{"delete":`:
		kind = Delete
		n, size = plainLength(value, dec.Limits.Length)
	case `{"insert":`:
		kind = Insert
		n = plainText(value)
		size = n + len(`""`)
	}
	if n == 0 || size >= len(value) || value[size] != '}' {
		return 0
	}
	op.text, op.attrs, op.n, op.kind = "", Attributes{}, n, kind
	if kind == Insert {
		op.text = dec.texts.keep(value[1 : 1+n])
	}
	return keyLen + size + len("}")
}

// plainLength reads a length of a few digits and returns it with their number, or
// zero if there is something else or it exceeds the limit, if there is one.
func plainLength(value []byte, limit int) (n, size int) {
	const digits = 9
	for size < len(value) && size < digits {
		digit := value[size] - '0'
		if digit > 9 || digit == 0 && size == 0 {
			break
		}
		n = n*10 + int(digit)
		size++
	}
	if limit > 0 && n > limit {
		return 0, 0
	}
	return n, size
}

// plainText returns the number of units, which are bytes, of a string of ASCII
// without escapes, or zero if there is something else.
func plainText(value []byte) int {
	if value[0] != '"' {
		return 0
	}
	for i, c := range value[1:] {
		if c == '"' {
			return i
		}
		if c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
	}
	return 0
}

// op reads one op.
func (dec *Decoder) op() (Op, error) {
	s := &dec.scan
	s.limits = dec.Limits
	var op Op
	var attrs Attributes
	hasAttrs := false
	if !s.accept('{') {
		return Op{}, s.fail("an op is an object")
	}
	for first := true; ; first = false {
		if s.accept('}') {
			break
		}
		if !first && !s.accept(',') {
			return Op{}, s.fail("expected , or } in an op")
		}
		isAttrs, err := dec.field(&op, &attrs)
		if err != nil {
			return Op{}, err
		}
		if isAttrs && hasAttrs {
			return Op{}, s.fail("attributes come twice in one op")
		}
		hasAttrs = hasAttrs || isAttrs
	}
	if op.n == 0 {
		return Op{}, s.fail("an op must insert, retain or delete")
	}
	if op.kind != Delete {
		op.attrs = attrs
	}
	return op, nil
}

// field reads one key of an op with its value into op or attrs, and reports
// whether it was the attributes.
func (dec *Decoder) field(op *Op, attrs *Attributes) (isAttrs bool, err error) {
	s := &dec.scan
	key, err := s.stringBytes()
	if err != nil {
		return false, err
	}
	kind := Kind(0)
	switch string(key) {
	case "insert":
		kind = Insert
	case "retain":
		kind = Retain
	case "delete":
		kind = Delete
	case "attributes":
		isAttrs = true
	default:
		return false, s.fail("an op has no such key")
	}
	if !s.accept(':') {
		return false, s.fail("expected : after a key")
	}
	if isAttrs {
		*attrs, err = dec.attributes()
		return true, err
	}
	if op.n > 0 {
		return false, s.fail("an op does one thing only")
	}
	if kind == Insert {
		*op, err = dec.insert()
	} else {
		*op, err = dec.length(kind)
	}
	return false, err
}

// insert reads the value of "insert".
func (dec *Decoder) insert() (Op, error) {
	s := &dec.scan
	switch s.peek() {
	case '"':
		text, err := s.stringBytes()
		if err != nil {
			return Op{}, err
		}
		if len(text) == 0 {
			return Op{}, s.fail("an insert must not be empty")
		}
		return Op{kind: Insert, text: dec.texts.keep(text), n: unitCount(text)}, nil
	case '{':
		text, err := s.embed()
		if err != nil {
			return Op{}, err
		}
		return Op{kind: Embed, text: text, n: 1}, nil
	}
	return Op{}, s.fail("an insert is a text or an object")
}

// length reads the value of "retain" or "delete".
func (dec *Decoder) length(kind Kind) (Op, error) {
	s := &dec.scan
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return Op{}, s.fail("a length is a number")
	}
	f, err := s.number()
	if err != nil {
		return Op{}, err
	}
	lim := dec.Limits.Length
	if lim <= 0 {
		lim = maxLength
	}
	if f > float64(lim) {
		return Op{}, &LimitError{Limit: "Length", Max: lim}
	}
	n := int(f)
	if f < 1 || float64(n) != f {
		return Op{}, s.fail("a length is a whole number of at least 1")
	}
	return Op{kind: kind, n: n}, nil
}

// maxLength bounds one op where no limit is given, so that sums of lengths
// cannot overflow.
const maxLength = 1 << 40

// attributes reads attributes, giving sets read lately the same address.
func (dec *Decoder) attributes() (Attributes, error) {
	s := &dec.scan
	s.peek()
	start := s.pos
	if a, size := dec.seen.find(s.data[start:]); size > 0 {
		s.pos += size
		return a, nil
	}
	a, err := s.attributes()
	if err == nil {
		dec.seen.add(s.data[start:s.pos], a)
	}
	return a, err
}

// arenaChunk is the size in bytes of the pieces of memory that texts share.
const arenaChunk = 4096

// arena keeps small texts together in few pieces of memory.
type arena struct {
	buf   strings.Builder
	chunk int // size of the next piece; 0 means arenaChunk
}

// ascii is every text of one byte.
var ascii = func() string {
	var all [utf8.RuneSelf]byte
	for c := range all {
		all[c] = byte(c)
	}
	return string(all[:])
}()

// keep returns text as a string.
func (a *arena) keep(text []byte) string {
	if a.chunk == 0 {
		a.chunk = arenaChunk
	}
	if len(text) == 1 && text[0] < utf8.RuneSelf {
		return ascii[text[0]:][:1]
	}
	if len(text) > a.chunk/4 {
		return string(text) // large ones stand alone
	}
	if a.buf.Cap()-a.buf.Len() < len(text) {
		a.buf.Reset()
		a.buf.Grow(a.chunk)
	}
	start := a.buf.Len()
	a.buf.Write(text)
	return a.buf.String()[start:]
}

// attributeCache remembers a few attribute sets by how they were written.
type attributeCache struct {
	entries [8]struct {
		json  string
		attrs Attributes
	}
	next int
}

// maxCachedAttributes bounds, in bytes, what one entry of the cache holds.
const maxCachedAttributes = 256

// find returns the set that data begins with, if it is remembered, and the
// number of bytes it takes. No object's text is the beginning of another's.
func (c *attributeCache) find(data []byte) (Attributes, int) {
	for i := range c.entries {
		e := &c.entries[i]
		if n := len(e.json); n > 0 && n <= len(data) && string(data[:n]) == e.json {
			return e.attrs, n
		}
	}
	return Attributes{}, 0
}

// add remembers a in place of the oldest entry. Null is not an object and is not
// remembered.
func (c *attributeCache) add(json []byte, a Attributes) {
	if len(json) > maxCachedAttributes || json[0] != '{' {
		return
	}
	e := &c.entries[c.next]
	e.json, e.attrs = string(json), a
	c.next = (c.next + 1) % len(c.entries)
}
