package server

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/quire-editor/quire/server/access"
)

// Kind is what a document is edited as. It decides the editor, and for rich text one more rule (see Room.check); the log,
// the protocol and the merging are the same for all.
type Kind string

// The kinds of document.
const (
	KindText     Kind = "text"
	KindMarkdown Kind = "markdown"
	KindCode     Kind = "code"
	KindRich     Kind = "rich"
)

var kinds = []Kind{KindText, KindMarkdown, KindCode, KindRich}

// parseKind reads a kind; "" stands for otherwise.
func parseKind(s string, otherwise Kind) (Kind, error) {
	if s == "" {
		return otherwise, nil
	}
	if k := Kind(s); slices.Contains(kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("there is no kind of document %q; there are text, markdown, code and rich", s)
}

// language is how a language of code is named. The server knows none of them.
var language = regexp.MustCompile(`^[a-z0-9+#.-]{0,32}$`)

// metadata is what is known of a document beside its text. The store keeps it as opaque bytes.
type metadata struct {
	Kind  Kind   `json:"kind"`
	Title string `json:"title,omitempty"`
	// Language is what code is written in; "" where its title says that, or nothing does.
	Language string `json:"language,omitempty"`
	// Owner is the principal who created the document.
	Owner string `json:"owner,omitempty"`
	// Access is nil as long as nobody has changed it.
	Access *access.Access `json:"access,omitempty"`
	// Deleted says that the newest create or delete in the log is a delete.
	Deleted bool `json:"deleted,omitempty"`
	// Importing says that an import has not finished. The document counts as deleted until it has.
	Importing bool `json:"importing,omitempty"`
	// Trashed is when the document was put into the trash, in milliseconds since the epoch; 0 if it is not there.
	Trashed int64 `json:"trashed,omitempty"`
	// Discarded says that it is being removed for good, which cannot be taken back.
	Discarded bool `json:"discarded,omitempty"`
	// Unedited is there if the newest metadata changed nothing that people would call the document.
	Unedited *unedited `json:"unedited,omitempty"`
	// Redactions are those that were done, and at the end perhaps one that was begun.
	Redactions []redaction `json:"redactions,omitempty"`
}

// unedited says when a document was last modified, as long as it has no more revisions.
type unedited struct {
	Revision uint64 `json:"revision"`
	Modified int64  `json:"modified"`
}

func (m metadata) encode() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings always encode
	}
	return b
}

// policy is what decides about rights in the document, but for its links.
func (m metadata) policy(document string) access.Policy {
	p := access.Policy{Document: document, Owner: m.Owner, Access: access.Default(), Closed: m.Trashed != 0}
	if m.Access != nil {
		p.Access = *m.Access
	}
	return p
}

func decodeMetadata(b []byte) (metadata, error) {
	m := metadata{}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("metadata: %w", err)
	}
	return m, nil
}
