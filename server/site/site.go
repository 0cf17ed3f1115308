// Package site knows other sites that embed documents, and believes what they say of their users: in a token that the site's
// server signs, a JSON Web Token. It tells them what was saved, in messages that it signs.
package site

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Site is another site that embeds documents.
type Site struct {
	// ID is the issuer of its tokens.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Origins are those of its pages, scheme://host[:port].
	Origins []string `json:"origins"`
	// Audience is what its tokens call this server.
	Audience string `json:"audience"`
	// Algorithm is the only one that its tokens may be signed with: HS256 with the secret that it was given, or one of Algorithms with
	// a key that is published at JWKS.
	Algorithm string `json:"algorithm"`
	JWKS      string `json:"jwks,omitempty"`
	// Documents are those that its tokens can be for: IDs, where a "*" at the end stands for any more letters. Without any, it is all
	// documents.
	Documents []string `json:"documents,omitempty"`
	// Callback, if it has one, is the address at which the site is told what was saved of the documents that it embeds.
	Callback string `json:"callback,omitempty"`
	// Sessions is how many connections its users may have together; 0 for as many as the server takes.
	Sessions int `json:"sessions,omitempty"`
	// At is when it was made known, in milliseconds since the epoch.
	At int64 `json:"at"`
}

// Secret is the algorithm of a secret that both sides know.
const Secret = string(jose.HS256)

// Algorithms are those of published keys.
var Algorithms = []string{string(jose.RS256), string(jose.ES256), string(jose.EdDSA)}

// Check says what is wrong with what somebody says of a site.
func (s *Site) Check() error {
	switch {
	case s.Name == "" || len(s.Name) > maxName || strings.ContainsAny(s.Name, "\r\n\t"):
		return fmt.Errorf("the name of a site is one line of 1 to %d bytes", maxName)
	case s.Audience == "":
		return fmt.Errorf("say what the site's tokens call this server, such as https://docs.example.org")
	case s.Sessions < 0:
		return fmt.Errorf("a site's users may have 1 connection or more, or 0 for any number, not %d", s.Sessions)
	case len(s.Origins) == 0:
		return fmt.Errorf("say from which origins the site embeds documents, such as https://example.org")
	case s.Algorithm == Secret && s.JWKS != "", s.Algorithm != Secret && s.JWKS == "":
		return fmt.Errorf("a site that signs with %s needs no address of keys, every other one does", Secret)
	case s.Algorithm != Secret && !slices.Contains(Algorithms, s.Algorithm):
		return fmt.Errorf("tokens can be signed with %s or %s, not %q", Secret, strings.Join(Algorithms, ", "), s.Algorithm)
	}
	for _, origin := range s.Origins {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("%q is not an origin; it looks like https://example.org", origin)
		}
	}
	if u, err := url.Parse(s.JWKS); s.JWKS != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !isLocal(u)) {
		return fmt.Errorf("%q is not the address of keys; it begins with https://", s.JWKS)
	}
	if u, err := url.Parse(s.Callback); s.Callback != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "") {
		return fmt.Errorf("%q is not an address to tell of what is saved; it looks like https://example.org/saved", s.Callback)
	}
	return nil
}

// maxName is in bytes.
const maxName = 100

// isLocal says whether an address is on this machine, where nobody can listen in.
func isLocal(u *url.URL) bool {
	return u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
}
