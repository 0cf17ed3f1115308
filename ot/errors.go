package ot

import (
	"errors"
	"fmt"
)

// Errors of the decoders.
var (
	// ErrMalformed is matched by every error for input that is not a delta at
	// all: a *SyntaxError, or damaged binary data.
	ErrMalformed = errors.New("ot: malformed delta")
)

// Errors of a document.
var (
	// ErrPastEnd is returned by Apply when the delta retains or deletes more than
	// the document holds.
	ErrPastEnd = errors.New("ot: delta reaches past the end of the document")

	// ErrNotDocument is returned when a delta that should be a document retains or
	// deletes.
	ErrNotDocument = errors.New("ot: document holds something other than inserts")
)

// SyntaxError says where JSON stops being a delta, and why. It matches
// ErrMalformed.
type SyntaxError struct {
	Offset int    // in bytes
	Reason string // what is wrong, without the offset
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("ot: malformed delta at byte %d: %s", e.Offset, e.Reason)
}

// Is makes errors.Is(err, ErrMalformed) true.
func (e *SyntaxError) Is(target error) bool { return target == ErrMalformed }

// LimitError says which limit the input exceeds.
type LimitError struct {
	Limit string // the name of the field of Limits, as "Ops"
	Max   int    // its value
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("ot: delta exceeds the limit %s of %d", e.Limit, e.Max)
}

// Limits bound what a decoder accepts. A limit of zero or less means none,
// except for Depth, where it means that of DefaultLimits.
type Limits struct {
	Bytes      int // size of the encoded delta, in bytes
	Ops        int // number of ops
	Length     int // of one retain or delete, in UTF-16 code units
	Attributes int // number of attributes of one op
	Depth      int // nesting of objects and lists inside an embed or attribute
}

// DefaultLimits allow whole documents of several megabytes.
var DefaultLimits = Limits{
	Bytes:      16 << 20,
	Ops:        500_000,
	Length:     1 << 30,
	Attributes: 64,
	Depth:      32,
}
