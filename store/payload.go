package store

import (
	"encoding/binary"
	"fmt"
)

// Payloads are opaque, but most are a few small numbers in a row, and the same
// number of two consecutive payloads is often equal or moves by a fixed step: the
// place of a caret does. So the first numbers of all payloads are columns.
//
// A payload is up to maxFields uvarints and a rest of any bytes. A uvarint that is
// not in its shortest form begins the rest, so that each payload has one such form
// and comes back exactly.
const maxFields = 8

const (
	shapeFieldBits = 4 // number of uvarints
	shapeFieldMask = 1<<shapeFieldBits - 1
)

// payloadColumns are the payloads of a chunk.
type payloadColumns struct {
	shapes []uint64            // per payload: length of its rest<<4 | number of its uvarints
	fields [maxFields][]uint64 // the n-th uvarints of those that have one
	rest   []byte
}

func (p *payloadColumns) add(payload []byte) {
	n := 0
	for n < maxFields {
		v, size := binary.Uvarint(payload)
		if size <= 0 || size > 1 && payload[size-1] == 0 {
			break
		}
		if p.fields[n] == nil {
			p.fields[n] = make([]uint64, 0, cap(p.shapes))
		}
		p.fields[n] = append(p.fields[n], v)
		payload = payload[size:]
		n++
	}
	p.shapes = append(p.shapes, uint64(len(payload))<<shapeFieldBits|uint64(n))
	p.rest = append(p.rest, payload...)
}

func (c *codec) appendPayloads(dst []byte, recs []Record) []byte {
	p := payloadColumns{shapes: make([]uint64, 0, len(recs))}
	for i := range recs {
		p.add(recs[i].Payload)
	}
	dst = c.appendNumberColumn(dst, p.shapes)
	for _, f := range p.fields {
		dst = c.appendNumberColumn(dst, f)
	}
	return c.appendColumn(dst, p.rest)
}

// payloadReader reads the columns that appendPayloads wrote.
type payloadReader struct {
	shapes numberReader
	fields [maxFields]numberReader
	rest   byteReader
}

// readPayloads is the inverse of appendPayloads. All payloads share one array.
func (c *codec) readPayloads(r *byteReader, recs []Record) error {
	p, err := c.newPayloadReader(r, len(recs))
	if err != nil {
		return err
	}
	all := make([]byte, 0, len(p.rest.b)+maxFields*len(recs))
	ends := make([]int, len(recs))
	for i := range recs {
		shape := p.shapes.next()
		if shape&shapeFieldMask > maxFields {
			return fmt.Errorf("shape %d: %w", shape, errShort)
		}
		for n := range shape & shapeFieldMask {
			all = binary.AppendUvarint(all, p.fields[n].next())
		}
		all = append(all, p.rest.take(shape>>shapeFieldBits)...)
		ends[i] = len(all)
	}
	if err := p.end(); err != nil {
		return err
	}
	begin := 0
	for i, end := range ends {
		recs[i].Payload = all[begin:end:end]
		begin = end
	}
	return nil
}

func (c *codec) newPayloadReader(r *byteReader, records int) (p payloadReader, err error) {
	if p.shapes, err = c.readNumberColumn(r, records); err != nil {
		return p, fmt.Errorf("shapes: %w", err)
	}
	for n := range p.fields {
		if p.fields[n], err = c.readNumberColumn(r, records); err != nil {
			return p, fmt.Errorf("number %d: %w", n, err)
		}
	}
	p.rest.b, err = c.readColumn(r, maxChunkBytes+MaxPayloadBytes)
	return p, err
}

func (p *payloadReader) end() error {
	if err := p.shapes.end(); err != nil {
		return fmt.Errorf("shapes: %w", err)
	}
	for n := range p.fields {
		if err := p.fields[n].end(); err != nil {
			return fmt.Errorf("number %d: %w", n, err)
		}
	}
	if err := p.rest.end(); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	return nil
}
