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
	if len(payload) == 0 {
		return change{}, errBadPayload
	}
	kind := changeKind(payload[0])
	if kind < changeEdit || kind > changeDelete {
		return change{}, errBadPayload
	}
	delta, err := ot.DecodeBinary(payload[1:])
	if err != nil {
		return change{}, fmt.Errorf("%w: %w", errBadPayload, err)
	}
	return change{kind, delta}, nil
}
