package access

import (
	"slices"
	"strings"
)

// Access is what is kept of a document's access with the document.
type Access struct {
	// General is the role of anyone who has the address; None where access is restricted.
	General Role `json:"general,omitempty"`
	// People have roles of their own, by the name under which others know them.
	People map[string]Role `json:"people,omitempty"`
	// Version counts the changes.
	Version uint64 `json:"version,omitempty"`
}

// Default is the access of a document of which nothing else was said.
func Default() Access { return Access{General: Editor} }

// Grace is how long, in milliseconds, whoever is here when their token expires may go on reading, to get another one.
const Grace = 60_000

// Caller is who asks, with what they show for it.
type Caller struct {
	// Principal is who they are to the server, and Person who they are to others.
	Principal, Person string
	// Barred is whoever may open nothing, because the server asks for more than they show.
	Barred bool
	// MayCreate says that they may create documents.
	MayCreate bool
	// Grants are the links that they have redeemed.
	Grants []Grant
	// Expires is when their token does, in milliseconds since the epoch; 0 for never.
	Expires int64
	// Scope is what their token is for, nil if they show none: with a token one may do what it says, whatever else the document
	// allows.
	Scope *Scope
}

// HasExpired says whether the caller's token has, at a time in milliseconds since the epoch.
func (c *Caller) HasExpired(now int64) bool { return c.Expires != 0 && now >= c.Expires }

// Grant is that somebody has redeemed a link of a document.
type Grant struct{ Document, Link string }

// Scope is what a token allows: a role in some documents.
type Scope struct {
	Role Role `json:"role"`
	// Documents are their IDs, where a "*" at the end stands for any more letters. Without any, it is all documents.
	Documents []string `json:"documents,omitempty"`
}

// Includes says whether a scope is for a document.
func (s *Scope) Includes(document string) bool {
	return len(s.Documents) == 0 || slices.ContainsFunc(s.Documents, func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "*")
		return pattern == document || open && strings.HasPrefix(document, prefix)
	})
}

// Covers says whether a scope is for all that a pattern, as in Documents, can stand for.
func (s *Scope) Covers(pattern string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	if !open {
		return s.Includes(pattern)
	}
	return len(s.Documents) == 0 || slices.ContainsFunc(s.Documents, func(own string) bool {
		ownPrefix, ownOpen := strings.CutSuffix(own, "*")
		return ownOpen && strings.HasPrefix(prefix, ownPrefix)
	})
}

// Policy is all that decides about the rights in one document.
type Policy struct {
	Document string
	// Owner is the principal who created it; "" for nobody.
	Owner string
	// Closed says that nobody may do anything, whatever else is said: the document is in the trash.
	Closed bool
	Access
	Links []Link
}

// Rights returns what a caller may do at a time, in milliseconds since the epoch. Whoever has several roles may do what any of
// them may.
func (p *Policy) Rights(c *Caller, now int64) Rights {
	switch {
	case c.Barred, p.Closed:
		return Rights{}
	case c.Expires != 0 && now >= c.Expires+Grace:
		return Rights{}
	case c.Scope != nil && !c.Scope.Includes(p.Document):
		return Rights{}
	case c.HasExpired(now):
		return Of(Viewer)
	case c.Scope != nil && !p.owns(c):
		return Of(c.Scope.Role)
	case p.owns(c):
		return Of(Owner)
	}
	rights := Of(Higher(p.General, p.People[c.Person]))
	for _, g := range c.Grants {
		if g.Document != p.Document {
			continue
		}
		for i := range p.Links {
			if p.Links[i].ID == g.Link {
				rights = rights.With(p.Links[i].Rights(now))
			}
		}
	}
	return rights
}

// HasGrant says whether somebody has redeemed a link of a document.
func (c *Caller) HasGrant(document string) bool {
	return slices.ContainsFunc(c.Grants, func(g Grant) bool { return g.Document == document })
}

func (p *Policy) owns(c *Caller) bool { return p.Owner != "" && p.Owner == c.Principal }

// Names says whether a caller has a role of their own, beside what everybody has.
func (p *Policy) Names(c *Caller) bool { return p.owns(c) || p.People[c.Person] != None }

// Changes returns when the rights of a caller change next by themselves, after now; 0 for never.
func (p *Policy) Changes(c *Caller, now int64) (next int64) {
	if c.Expires != 0 {
		next = Sooner(Sooner(0, c.Expires, now), c.Expires+Grace, now)
	}
	if len(c.Grants) > 0 {
		for i := range p.Links {
			next = Sooner(next, p.Links[i].Expires, now)
		}
	}
	return next
}

// Sooner returns the sooner of two times that is after now; 0 for none.
func Sooner(next, at, now int64) int64 {
	if at > now && (next == 0 || at < next) {
		return at
	}
	return next
}
