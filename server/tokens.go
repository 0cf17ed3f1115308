package server

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// findToken returns the token that a text is, if there is one. How long it takes tells nothing about tokens.
func (s *Server) findToken(text string) (Token, error) {
	all, err := s.tokens.all()
	if err != nil {
		return Token{}, err
	}
	found, hash := errToken, access.HashKey(text)
	var token Token
	for i := range all {
		if subtle.ConstantTimeCompare(all[i].Hash, hash) == 1 {
			found, token = nil, all[i].Token
		}
	}
	if found == nil && token.Expires != 0 && token.Expires <= nowMillis() {
		found = errExpired
	}
	return token, found
}

// isRevoked says whether a principal is a token, or of a site, that is there no more.
func (s *Server) isRevoked(principal string) bool {
	if id, ok := strings.CutPrefix(principal, tokenPrincipal); ok {
		all, err := s.tokens.all()
		return err == nil && !slices.ContainsFunc(all, func(k keptToken) bool { return k.ID == id })
	}
	if id, ok := strings.CutPrefix(principal, embedPrincipal); ok {
		id, _, _ = strings.Cut(id, ":")
		_, _, known := s.findSite(id)
		return !known
	}
	return false
}

// CreateToken makes a token and returns it with its text, which is nowhere else.
func (s *Server) CreateToken(ctx context.Context, name string, scope access.Scope, expires int64) (Token, string, error) {
	if err := checkToken(name, scope, expires); err != nil {
		return Token{}, "", err
	}
	text := tokenPrefix + newID()
	token := Token{ID: newID()[:linkIDLength], Name: name, Scope: scope, At: nowMillis(), Expires: expires}
	if err := s.tokens.add(ctx, keptToken{token, access.HashKey(text)}, maxTokens, errManyTokens); err != nil {
		return Token{}, "", fmt.Errorf("make a token: %w", err)
	}
	return token, text, nil
}

// maxTokenDocuments is for how many documents, or beginnings of some, a token can be.
const maxTokenDocuments = 20

// badToken is why there can be no such token.
type badToken string

func (b badToken) Error() string { return string(b) }

func checkToken(name string, scope access.Scope, expires int64) error {
	switch {
	case name == "" || len(name) > maxTokenName || strings.ContainsAny(name, "\r\n\t"):
		return badToken(fmt.Sprintf("the name of a token is one line of 1 to %d bytes", maxTokenName))
	case !slices.Contains([]access.Role{access.Viewer, access.Editor, access.Owner}, scope.Role):
		return badToken(fmt.Sprintf("a token cannot make anybody %q", scope.Role))
	case expires != 0 && expires <= nowMillis():
		return badToken("a token cannot expire before now")
	case len(scope.Documents) > maxTokenDocuments:
		return badToken(fmt.Sprintf("a token is for all documents, or for at most %d", maxTokenDocuments))
	}
	for _, document := range scope.Documents {
		if !validPattern(document) {
			return badToken(fmt.Sprintf("%q is not the ID of a document, nor the beginning of some and a *", document))
		}
	}
	return nil
}

// Tokens returns all tokens, the oldest first.
func (s *Server) Tokens() ([]Token, error) {
	all, err := s.tokens.all()
	list := []Token{}
	for _, k := range all {
		list = append(list, k.Token)
	}
	return list, err
}

// RevokeToken ends a token, and every connection made with it.
func (s *Server) RevokeToken(ctx context.Context, id string) error {
	err := s.tokens.remove(ctx, func(k keptToken) bool { return k.ID == id }, errNoToken)
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	s.principals.dismiss(func(name string) bool { return name == tokenPrincipal+id }, CloseUnauthorized, "this token was revoked")
	return nil
}

// callerOf returns a token as a caller.
func (s *Server) callerOf(token Token) access.Caller {
	caller := s.callerFor(tokenPrincipal + token.ID)
	caller.Scope = &token.Scope
	caller.MayCreate = len(token.Scope.Documents) == 0 && token.Scope.Role.Includes(access.Editor)
	return caller
}
