package ot

import (
	"cmp"
	"slices"
	"strconv"
)

// keyOrder is the order in which the keys of an object are written.
type keyOrder bool

const (
	sortedKeys keyOrder = true  // attributes, where order means nothing
	asWritten  keyOrder = false // embeds, of which editors read the first key
)

// wholeAttributes reads all of the input as the attributes of one op.
func (s *scanner) wholeAttributes() (Attributes, error) {
	a, err := s.attributes()
	if err != nil {
		return Attributes{}, err
	}
	return a, s.end()
}

// attributes reads the value of "attributes": an object, or null for none.
func (s *scanner) attributes() (Attributes, error) {
	switch s.peek() {
	case 'n':
		return Attributes{}, s.literal(nullValue)
	case '{':
		list, err := s.members(sortedKeys, 0, s.limits.Attributes)
		if err != nil {
			return Attributes{}, err
		}
		return attributesOf(list), nil
	}
	return Attributes{}, s.fail("attributes must be an object")
}

// wholeEmbed reads all of the input as an embed.
func (s *scanner) wholeEmbed() (string, error) {
	if s.peek() != '{' {
		return "", s.fail("an embed must be an object")
	}
	text, err := s.embed()
	if err != nil {
		return "", err
	}
	return text, s.end()
}

// embed reads an object with at least one key and returns it as compact JSON.
func (s *scanner) embed() (string, error) {
	list, err := s.members(asWritten, 0, 0)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", s.fail("an embed must have a key")
	}
	return string(appendMembers(nil, list)), nil
}

// value reads any JSON value and appends it to dst, compact: numbers as
// JavaScript writes them, strings as AppendQuoted does. depth is how many lists
// and objects it is in.
func (s *scanner) value(dst []byte, order keyOrder, depth int) ([]byte, error) {
	switch c := s.peek(); c {
	case '"':
		text, err := s.stringBytes()
		if err != nil {
			return nil, err
		}
		return appendQuoted(dst, text), nil
	case '{':
		list, err := s.members(order, depth, 0)
		if err != nil {
			return nil, err
		}
		return appendMembers(dst, list), nil
	case '[':
		return s.list(dst, order, depth)
	case 't':
		return append(dst, "true"...), s.literal("true")
	case 'f':
		return append(dst, "false"...), s.literal("false")
	case 'n':
		return append(dst, nullValue...), s.literal(nullValue)
	}
	f, err := s.number()
	if err != nil {
		return nil, err
	}
	return appendNumber(dst, f), nil
}

// list reads a list and appends it to dst.
func (s *scanner) list(dst []byte, order keyOrder, depth int) ([]byte, error) {
	if err := s.checkDepth(depth); err != nil {
		return nil, err
	}
	s.pos++
	dst = append(dst, '[')
	if s.accept(']') {
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = s.value(dst, order, depth+1); err != nil {
			return nil, err
		}
		if s.accept(']') {
			return append(dst, ']'), nil
		}
		if !s.accept(',') {
			return nil, s.fail("expected , or ] in a list")
		}
		dst = append(dst, ',')
	}
}

// members reads an object of at most limit keys (0: any number), each key once.
func (s *scanner) members(order keyOrder, depth, limit int) ([]attribute, error) {
	if err := s.checkDepth(depth); err != nil {
		return nil, err
	}
	s.pos++
	var list []attribute
	if s.accept('}') {
		return list, nil
	}
	for {
		if limit > 0 && len(list) == limit {
			return nil, &LimitError{Limit: "Attributes", Max: limit}
		}
		kv, err := s.member(order, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, kv)
		if s.accept('}') {
			return s.uniqueKeys(list, order)
		}
		if !s.accept(',') {
			return nil, s.fail("expected , or } in an object")
		}
	}
}

// member reads one key and its value.
func (s *scanner) member(order keyOrder, depth int) (attribute, error) {
	text, err := s.stringBytes()
	if err != nil {
		return attribute{}, err
	}
	key := string(text)
	if key == "__proto__" {
		return attribute{}, s.fail("a key must not be __proto__")
	}
	if !s.accept(':') {
		return attribute{}, s.fail("expected : after a key")
	}
	value, err := s.value(nil, order, depth+1)
	if err != nil {
		return attribute{}, err
	}
	return attribute{key, string(value)}, nil
}

// uniqueKeys checks that no key of list comes twice and returns list in the
// order asked for.
func (s *scanner) uniqueKeys(list []attribute, order keyOrder) ([]attribute, error) {
	byKey := list
	if order == asWritten {
		byKey = slices.Clone(list)
	}
	slices.SortFunc(byKey, func(a, b attribute) int { return cmp.Compare(a.key, b.key) })
	for i := 1; i < len(byKey); i++ {
		if byKey[i].key == byKey[i-1].key {
			return nil, s.fail("key " + strconv.Quote(byKey[i].key) + " comes twice in one object")
		}
	}
	return list, nil
}

func (s *scanner) checkDepth(depth int) error {
	limit := s.limits.Depth
	if limit <= 0 {
		limit = DefaultLimits.Depth
	}
	if depth >= limit {
		return &LimitError{Limit: "Depth", Max: limit}
	}
	return nil
}
