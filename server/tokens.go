package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/quire-editor/quire/server/access"
)

// Token is what a program shows to be let in, without what it shows.
type Token struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Scope is what it allows.
	Scope access.Scope `json:"scope"`
	// At is when it was made, Expires when it ends; 0 for never. In milliseconds since the epoch.
	At      int64 `json:"at"`
	Expires int64 `json:"expires,omitempty"`
}

// keptToken is a token as the store has it: of the token itself only a hash.
type keptToken struct {
	Token
	Hash []byte `json:"hash"`
}

const (
	// tokenPrefix begins a token, so that it is recognised where it should not be, such as in a repository.
	tokenPrefix = "quire_t_"
	// tokenPrincipal begins the principals of tokens.
	tokenPrincipal = "token:"
	// maxTokens is how many there may be, maxTokenName the longest name in bytes.
	maxTokens, maxTokenName = 200, 100
)

// Errors of tokens, for operators.
var (
	errNoToken    = errors.New("there is no such token")
	errManyTokens = fmt.Errorf("there are %d tokens already; revoke one that is no longer needed", maxTokens)
)

// tokens are the tokens of programs. They are kept in one value of the store and, once somebody has shown one, in memory.
type tokens struct {
	kept companion[[]keptToken]

	mu sync.RWMutex
	// byHash is nil until it is needed. Looking a hash up tells nothing about the token that it is of.
	byHash map[[sha256.Size]byte]Token
}

// tokenShelf is under which name the one value is kept.
const tokenShelf = ""

// find returns the token that a text is, if there is one.
func (t *tokens) find(text string) (Token, error) {
	all, err := t.all()
	if err != nil {
		return Token{}, err
	}
	token, ok := all[sha256.Sum256([]byte(text))]
	if !ok || token.Expires != 0 && token.Expires <= nowMillis() {
		return Token{}, errToken
	}
	return token, nil
}

// isRevoked says whether a principal is a token that is there no more.
func (t *tokens) isRevoked(principal string) bool {
	id, ok := strings.CutPrefix(principal, tokenPrincipal)
	if !ok {
		return false
	}
	all, err := t.all()
	for _, token := range all {
		if token.ID == id {
			return false
		}
	}
	return err == nil
}

func (t *tokens) all() (map[[sha256.Size]byte]Token, error) {
	t.mu.RLock()
	all := t.byHash
	t.mu.RUnlock()
	if all != nil {
		return all, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.read()
}

// read reads the tokens. Called with mu held.
func (t *tokens) read() (map[[sha256.Size]byte]Token, error) {
	stored, err := t.kept.read(tokenShelf)
	if err != nil {
		return nil, err
	}
	t.byHash = map[[sha256.Size]byte]Token{}
	for _, k := range stored.Value {
		if len(k.Hash) == sha256.Size {
			t.byHash[[sha256.Size]byte(k.Hash)] = k.Token
		}
	}
	return t.byHash, nil
}

// change changes the tokens, and what is in memory of them.
func (t *tokens) change(ctx context.Context, fn func(*[]keptToken) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.kept.change(ctx, tokenShelf, fn); err != nil {
		return err
	}
	_, err := t.read()
	return err
}

// CreateToken makes a token and returns it with its text, which is nowhere else.
func (s *Server) CreateToken(ctx context.Context, name string, scope access.Scope, expires int64) (Token, string, error) {
	switch {
	case name == "" || len(name) > maxTokenName || strings.ContainsAny(name, "\r\n\t"):
		return Token{}, "", fmt.Errorf("the name of a token is one line of 1 to %d bytes", maxTokenName)
	case !slices.Contains([]access.Role{access.Viewer, access.Editor, access.Owner}, scope.Role):
		return Token{}, "", fmt.Errorf("a token cannot make anybody %q", scope.Role)
	case expires != 0 && expires <= nowMillis():
		return Token{}, "", errors.New("a token cannot expire before now")
	}
	for _, document := range scope.Documents {
		if !validDocument(strings.TrimSuffix(document, "*")) && document != "*" {
			return Token{}, "", fmt.Errorf("%q is not the ID of a document, nor the beginning of some and a *", document)
		}
	}
	text := tokenPrefix + newID()
	token := Token{ID: newID()[:linkIDLength], Name: name, Scope: scope, At: nowMillis(), Expires: expires}
	err := s.tokens.change(ctx, func(all *[]keptToken) error {
		if len(*all) >= maxTokens {
			return errManyTokens
		}
		*all = append(*all, keptToken{token, access.HashKey(text)})
		return nil
	})
	if err != nil {
		return Token{}, "", fmt.Errorf("make a token: %w", err)
	}
	return token, text, nil
}

// Tokens returns all tokens, the oldest first.
func (s *Server) Tokens() ([]Token, error) {
	stored, err := s.tokens.kept.read(tokenShelf)
	list := []Token{}
	for _, k := range stored.Value {
		list = append(list, k.Token)
	}
	return list, err
}

// RevokeToken ends a token, and every connection made with it.
func (s *Server) RevokeToken(ctx context.Context, id string) error {
	err := s.tokens.change(ctx, func(all *[]keptToken) error {
		i := slices.IndexFunc(*all, func(k keptToken) bool { return k.ID == id })
		if i < 0 {
			return errNoToken
		}
		*all = slices.Delete(*all, i, i+1)
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	s.principals.dismiss(tokenPrincipal+id, CloseUnauthorized, "this token was revoked")
	return nil
}

// callerOf returns a token as a caller.
func (s *Server) callerOf(token Token) access.Caller {
	caller := s.callerFor(tokenPrincipal + token.ID)
	caller.Scope = &token.Scope
	caller.MayCreate = len(token.Scope.Documents) == 0 && token.Scope.Role.Includes(access.Editor)
	return caller
}
