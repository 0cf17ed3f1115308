package access

import "slices"

// Role is what somebody is to a document. Each may do all that the ones before it may.
type Role string

// The roles. A word that is none of them, such as one of a newer server's, stands for None.
const (
	None      Role = ""
	Viewer    Role = "viewer"
	Commenter Role = "commenter"
	Editor    Role = "editor"
	Owner     Role = "owner"
)

// Roles are all roles but None, the least first.
var Roles = []Role{Viewer, Commenter, Editor, Owner}

// rank orders roles: 0 for None and for words that are no role.
func (r Role) rank() int { return slices.Index(Roles, r) + 1 }

// IsKnown says whether r is None or one of Roles.
func (r Role) IsKnown() bool { return r == None || r.rank() > 0 }

// Includes says whether a role may do all that another may.
func (r Role) Includes(other Role) bool { return r.rank() >= other.rank() }

// Higher returns the one of two roles that may do more.
func Higher(a, b Role) Role {
	if a.Includes(b) {
		return a
	}
	return b
}
