package site

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/quire-editor/quire/server/access"
)

// Claims are what a token says of a user of a site, and for what.
type Claims struct {
	jwt.Claims
	Name  string `json:"name"`
	Color string `json:"color"`
	// Document is the ID of the one that it is for, or the beginning of some and a "*".
	Document string      `json:"doc"`
	Role     access.Role `json:"role"`
	// Origins, if there are any, are the only ones of the site's that may embed with this token.
	Origins []string `json:"origins"`
	// Create has the document made if there is none, of a kind and with a title.
	Create bool   `json:"create"`
	Kind   string `json:"kind"`
	Title  string `json:"title"`
}

const (
	// Leeway is how far clocks may differ.
	Leeway = time.Minute
	// MaxLife is how long a token may be good for.
	MaxLife = 15 * time.Minute
	// maxSubject and maxID are in bytes.
	maxSubject, maxID = 200, 200
	// maxClaimed is the longest of the other texts, in bytes.
	maxClaimed = 500
)

// Why a token is not believed.
var (
	// ErrExpired is returned for a token past its time: another one helps.
	ErrExpired = errors.New("the token has expired")
	// ErrInvalid is in the error of a token that is not believed for any other reason.
	ErrInvalid = errors.New("the token is not valid")
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInvalid, fmt.Errorf(format, args...))
}

var validColor = regexp.MustCompile(`^(#[0-9a-fA-F]{3,8})?$`)

// check says why claims are not believed.
func (c *Claims) check(s *Site, now time.Time) error {
	err := c.ValidateWithLeeway(jwt.Expected{Issuer: s.ID, AnyAudience: jwt.Audience{s.Audience}, Time: now}, Leeway)
	scope := access.Scope{Documents: s.Documents}
	switch {
	case errors.Is(err, jwt.ErrExpired):
		return ErrExpired
	case errors.Is(err, jwt.ErrInvalidAudience):
		return invalid("it is for %v (aud), and this server is %q", []string(c.Audience), s.Audience)
	case err != nil:
		return invalid("%w", err)
	case c.Expiry == nil || c.IssuedAt == nil || c.Expiry.Time().Sub(c.IssuedAt.Time()) > MaxLife:
		return invalid("it needs iat and exp, at most %s apart", MaxLife)
	case c.ID == "" || len(c.ID) > maxID:
		return invalid("it needs a jti of 1 to %d bytes", maxID)
	case c.Subject == "" || len(c.Subject) > maxSubject:
		return invalid("it needs a sub of 1 to %d bytes", maxSubject)
	case c.Role == access.None || !c.Role.IsKnown():
		return invalid("%q is not a role; there are viewer, commenter, editor and owner", c.Role)
	case c.Document == "" || !scope.Covers(c.Document):
		return invalid("the site may not embed the document %q", c.Document)
	case len(c.Name) > maxClaimed || len(c.Title) > maxClaimed || !validColor.MatchString(c.Color):
		return invalid("name or title are too long, or color is not written as #1a2b3c")
	}
	return nil
}
