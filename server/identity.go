package server

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
)

// newID returns a document or client ID: 22 characters, 132 random bits.
func newID() string {
	for {
		var b [17]byte
		_, _ = rand.Read(b[:]) // never fails: it ends the process instead
		id := base64.RawURLEncoding.EncodeToString(b[:])[:22]
		if id[0] != '-' { // commands would take it for an option
			return id
		}
	}
}

const maxID = 128

// validID says whether an ID has 1 to maxID characters of base64url. It is asked for each message, where a regular expression
// would cost a fiftieth of what the message does.
func validID(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

// sourceOf gives the name under which others see a client's records. The client's id is a secret: whoever knows it can
// take its sequence numbers, so it is never shown to anybody else.
func sourceOf(clientID string) string {
	sum := sha256.Sum256([]byte("quire source\x00" + clientID))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

const (
	secretBytes = 32
	// guestPrefix begins the principals of guests.
	guestPrefix = "guest:"
	// guestSeal is the kind of seal on it.
	guestSeal = "guest"
	// guestCookie holds a guest's principal and its seal.
	guestCookie = "quire_guest"
)

// LoadSecret reads the server's secret from a file, or makes one if there is none yet. Guests are recognised by it.
func LoadSecret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, secretBytes)
		_, _ = rand.Read(secret)
		err = os.WriteFile(path, secret, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("the server's secret: %w", err)
	}
	if len(secret) != secretBytes {
		return nil, fmt.Errorf("the server's secret %s is %d bytes long, not %d; remove it to have a new one made", path, len(secret), secretBytes)
	}
	return secret, nil
}

// guests recognises people who have no account by a signed cookie.
type guests struct{ sealer }

// principal returns who makes a request: the guest that its cookie names, or somebody new.
func (g guests) principal(req *http.Request) (principal string, known bool) {
	if value, ok := cookie(req, guestCookie); ok {
		if name, seal, ok := strings.Cut(value, "."); ok && g.isSeal(guestSeal, name, seal) {
			return guestPrefix + name, true
		}
	}
	return guestPrefix + newID(), false
}

// value returns what the cookie of a guest holds.
func (g guests) value(principal string) string {
	name := strings.TrimPrefix(principal, guestPrefix)
	return name + "." + g.seal(guestSeal, name)
}
