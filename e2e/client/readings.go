package client

import (
	"bytes"
	"slices"
	"sync"

	"github.com/quire-editor/quire/ot"
)

// Readings remembers what the newest records of a document said, for many clients of it in one process: a server sends all
// of them the same bytes, and a load of many people shall not be busy reading them again. What is remembered holds only for
// the very same bytes. Clients in several goroutines may share it.
type Readings struct {
	mu     sync.Mutex
	newest [256]reading
}

// reading is a record and what it says. It is never changed.
type reading struct {
	bytes   []byte
	message message
	delta   ot.Delta
}

func (r *Readings) slot(version uint64) *reading { return &r.newest[version%uint64(len(r.newest))] }

// of returns what is known of the message that is expected to be the record at version.
func (r *Readings) of(version uint64, data []byte) (message, ot.Delta, bool) {
	if r == nil {
		return message{}, nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.slot(version)
	if !bytes.Equal(known.bytes, data) {
		return message{}, nil, false
	}
	return known.message, known.delta, true
}

// keep remembers a record and its delta, of which it makes copies.
func (r *Readings) keep(m message, data []byte, delta ot.Delta) {
	if r == nil {
		return
	}
	m.Op = nil // a part of data, which the caller uses again
	known := reading{bytes.Clone(data), m, slices.Clone(delta)}
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.slot(m.Version) = known
}
