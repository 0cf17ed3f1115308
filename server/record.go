package server

import (
	"errors"
	"fmt"

	"github.com/quire-editor/quire/ot"
)

// change is what a record does to a document: edit it, create it, or delete it. Exactly one version of the document is
// made by each. An edit of nothing is a change too: it was submitted, so it has its place in the log.
type change struct {
	kind changeKind
	// delta is the edit, or the content of a new document.
	delta ot.Delta
}

type changeKind byte

// The first byte of a payload. server/PROTOCOL.md, "What the log holds".
const (
	changeEdit   changeKind = 1
	changeCreate changeKind = 2
	changeDelete changeKind = 3
)

// encode gives the payload of a record.
func (c change) encode() []byte {
	return ot.AppendBinary([]byte{byte(c.kind)}, c.delta)
}

var errBadPayload = errors.New("the payload is damaged or from a newer Quire")

func decodeChange(payload []byte) (change, error) {
	kind, encoded, err := cutKind(payload)
	if err != nil {
		return change{}, err
	}
	delta, err := ot.DecodeBinary(encoded)
	if err != nil {
		return change{}, fmt.Errorf("%w: %w", errBadPayload, err)
	}
	return change{kind, delta}, nil
}

func cutKind(payload []byte) (kind changeKind, delta []byte, err error) {
	if len(payload) == 0 || changeKind(payload[0]) < changeEdit || changeKind(payload[0]) > changeDelete {
		return 0, nil, errBadPayload
	}
	return changeKind(payload[0]), payload[1:], nil
}

// changeReader decodes changes one after another in memory that it uses again: each is valid until the next.
type changeReader struct {
	decoder ot.Decoder
	delta   ot.Delta
}

func (r *changeReader) read(payload []byte) (change, error) {
	kind, encoded, err := cutKind(payload)
	if err != nil {
		return change{}, err
	}
	delta, err := r.decoder.AppendBinary(r.delta[:0], encoded)
	if err != nil {
		return change{}, fmt.Errorf("%w: %w", errBadPayload, err)
	}
	r.delta = delta
	return change{kind, delta}, nil
}
