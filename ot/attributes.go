package ot

import (
	"iter"
	"sort"
)

// Attributes is an immutable set of named JSON values, such as bold, a link or a
// comment. The zero value is the empty set. It is held in canonical form (keys
// sorted by their bytes, values as canonical JSON), so two sets are equal as
// JSON values exactly when they are equal text for text.
type Attributes struct {
	set *attributeSet // nil if and only if empty
}

// attributeSet is never empty and never changes. It is behind a pointer so that
// an op stays small and the usual comparison is one of addresses.
type attributeSet struct {
	list []attribute
}

// attribute is one key with its value in canonical JSON.
type attribute struct {
	key, value string
}

// nullValue is the value that, composed onto an insert, removes the key.
const nullValue = "null"

// ParseAttributes reads a JSON object as attributes, under DefaultLimits. Its
// errors are those of DecodeJSON.
func ParseAttributes(json string) (Attributes, error) {
	s := scanner{data: []byte(json), limits: DefaultLimits}
	return s.wholeAttributes()
}

// attributesOf returns list as Attributes; list is sorted and not used again.
func attributesOf(list []attribute) Attributes {
	if len(list) == 0 {
		return Attributes{}
	}
	return Attributes{&attributeSet{list}}
}

// list returns the attributes in key order. It must not be changed.
func (a Attributes) list() []attribute {
	if a.set == nil {
		return nil
	}
	return a.set.list
}

// IsZero reports whether there are no attributes.
func (a Attributes) IsZero() bool { return a.set == nil }

// Len is the number of attributes.
func (a Attributes) Len() int { return len(a.list()) }

// Get returns the value of key as canonical JSON, and whether there is one.
func (a Attributes) Get(key string) (json string, ok bool) {
	list := a.list()
	i := sort.Search(len(list), func(i int) bool { return list[i].key >= key })
	if i < len(list) && list[i].key == key {
		return list[i].value, true
	}
	return "", false
}

// All yields every key with its value in canonical JSON, in key order.
func (a Attributes) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, kv := range a.list() {
			if !yield(kv.key, kv.value) {
				return
			}
		}
	}
}

// Equal reports whether both sets are equal as JSON values: the order of keys
// does not matter, numbers are compared as doubles.
func (a Attributes) Equal(b Attributes) bool {
	return a.set == b.set || a.set != nil && b.set != nil && equalLists(a.set.list, b.set.list)
}

func equalLists(a, b []attribute) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// String returns the attributes as a JSON object.
func (a Attributes) String() string { return string(appendAttributes(nil, a)) }

// composeAttributes returns a with b laid over it. A null in b removes the key;
// where that removal must itself be remembered, on a retain, keepNull keeps it.
// A null already in a stays: it came in with an insert, and browsers keep it.
func composeAttributes(a, b Attributes, keepNull bool) Attributes {
	if b.set == nil {
		return a
	}
	if a.set == nil && keepNull {
		return b
	}
	under, over := a.list(), b.list()
	out := make([]attribute, 0, len(under)+len(over))
	for len(under) > 0 || len(over) > 0 {
		if len(over) == 0 || len(under) > 0 && under[0].key < over[0].key {
			out = append(out, under[0])
			under = under[1:]
			continue
		}
		if len(under) > 0 && under[0].key == over[0].key {
			under = under[1:]
		}
		if keepNull || over[0].value != nullValue {
			out = append(out, over[0])
		}
		over = over[1:]
	}
	return canonicalOf(out, a, b)
}

// canonicalOf returns list as Attributes, reusing one of the sets it was made
// from where it came out equal, so that later comparisons are of addresses.
func canonicalOf(list []attribute, a, b Attributes) Attributes {
	if equalLists(list, a.list()) {
		return a
	}
	if equalLists(list, b.list()) {
		return b
	}
	return attributesOf(list)
}

// transformAttributes returns what b still sets once a, concurrent with it, has
// been applied: with aFirst all keys but those that a sets, otherwise all.
func transformAttributes(a, b Attributes, aFirst bool) Attributes {
	if a.set == nil || b.set == nil || !aFirst {
		return b
	}
	kept := 0
	for _, kv := range b.set.list {
		if _, taken := a.Get(kv.key); !taken {
			kept++
		}
	}
	switch kept {
	case 0:
		return Attributes{}
	case len(b.set.list):
		return b
	}
	out := make([]attribute, 0, kept)
	for _, kv := range b.set.list {
		if _, taken := a.Get(kv.key); !taken {
			out = append(out, kv)
		}
	}
	return attributesOf(out)
}

// invertAttributes returns what to compose onto units that were base before
// attrs was composed onto them, to make them base again.
func invertAttributes(attrs, base Attributes) Attributes {
	var out []attribute
	for _, kv := range attrs.list() {
		old, had := base.Get(kv.key)
		switch {
		case !had:
			out = append(out, attribute{kv.key, nullValue})
		case old != kv.value || isNested(old):
			out = append(out, attribute{kv.key, old})
		}
	}
	return attributesOf(out)
}

// isNested reports whether a canonical value is a list or an object. Browsers
// compare such values by identity when they invert and so take them for changed.
func isNested(value string) bool { return value[0] == '{' || value[0] == '[' }

// Diff returns what to retain units that have attributes a with, so that they
// have b: composed onto a it gives b. It reports false if no retain can do that,
// because b holds a null that a does not.
func (a Attributes) Diff(b Attributes) (change Attributes, ok bool) {
	var out []attribute
	before, after := a.list(), b.list()
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].key < after[0].key:
			out = append(out, attribute{before[0].key, nullValue})
			before = before[1:]
		case len(before) == 0 || after[0].key < before[0].key:
			out = append(out, after[0])
			after = after[1:]
		default:
			if before[0] != after[0] {
				out = append(out, after[0])
			}
			before, after = before[1:], after[1:]
		}
	}
	change = attributesOf(out)
	return change, composeAttributes(a, change, false).Equal(b)
}
