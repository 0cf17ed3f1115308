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
		p.fields[n] = append(p.fields[n], v)
		payload = payload[size:]
		n++
	}
	p.shapes = append(p.shapes, uint64(len(payload))<<shapeFieldBits|uint64(n))
	p.rest = append(p.rest, payload...)
}

func (c *codec) appendPayloads(dst []byte, recs []Record) []byte {
	var p payloadColumns
	for i := range recs {
		p.add(recs[i].Payload)
	}
	dst = c.appendColumn(dst, appendNumbers(nil, p.shapes))
	for _, f := range p.fields {
		dst = c.appendColumn(dst, appendNumbers(nil, f))
	}
	return c.appendColumn(dst, p.rest)
}

// readPayloads is the inverse of appendPayloads. All payloads share one array.
func (c *codec) readPayloads(r *byteReader, recs []Record) error {
	p, err := c.readPayloadColumns(r, len(recs))
	if err != nil {
		return err
	}
	rest := byteReader{b: p.rest}
	var all []byte
	ends := make([]int, len(recs))
	for i, shape := range p.shapes {
		for n := range shape & shapeFieldMask {
			all = binary.AppendUvarint(all, p.fields[n][0])
			p.fields[n] = p.fields[n][1:]
		}
		all = append(all, rest.take(shape>>shapeFieldBits)...)
		ends[i] = len(all)
	}
	if err := rest.end(); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	begin := 0
	for i, end := range ends {
		recs[i].Payload = all[begin:end:end]
		begin = end
	}
	return nil
}

func (c *codec) readPayloadColumns(r *byteReader, records int) (p payloadColumns, err error) {
	p.shapes = make([]uint64, records)
	if err := c.readNumberColumn(r, p.shapes); err != nil {
		return p, fmt.Errorf("shapes: %w", err)
	}
	var counts [maxFields]int
	for _, shape := range p.shapes {
		if shape&shapeFieldMask > maxFields {
			return p, fmt.Errorf("shape %d: %w", shape, errShort)
		}
		for n := range shape & shapeFieldMask {
			counts[n]++
		}
	}
	for n := range p.fields {
		p.fields[n] = make([]uint64, counts[n])
		if err := c.readNumberColumn(r, p.fields[n]); err != nil {
			return p, fmt.Errorf("number %d: %w", n, err)
		}
	}
	p.rest, err = c.readColumn(r)
	return p, err
}

func (c *codec) readNumberColumn(r *byteReader, out []uint64) error {
	column, err := c.readColumn(r)
	if err != nil {
		return err
	}
	return readNumbers(column, out)
}
