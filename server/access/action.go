package access

// Action is something that one does with a document.
type Action uint8

// The actions. What belongs to each is said in the matrix.
const (
	Read Action = iota
	History
	Messages
	Comment
	Edit
	Restore
	Redact
	Delete
	Share
	actions
)

// row is what the matrix says of an action.
type row struct {
	name string
	// least is the role from which on it is allowed.
	least Role
	// past says that it shows or needs more than the document as it is now: it is not for whoever has "the current version only".
	past bool
	// does says what belongs to the action, and refusal what somebody is told who may not.
	does, refusal string
}

// matrix says who may do what. It is the only place that does: the HTTP API and the rooms ask it for every request, and the
// table in docs/access.md is made of it.
var matrix = [actions]row{
	Read: {
		"read", Viewer, false,
		"read the document and its pictures as they are now, see who is there and be seen, copy it into a document of one's own",
		"You may not open this document. Ask whoever gave you its address.",
	},
	History: {
		"history", Viewer, true,
		"read earlier states, who wrote what, named versions, and what was redacted; copy a document with its history",
		"You may read this document only as it is now, not its history.",
	},
	Messages: {
		"messages", Viewer, true,
		"read what people say beside the document",
		"You may not read the messages beside this document.",
	},
	Comment: {
		"comment", Commenter, true,
		"say something beside the document, and be seen writing it",
		"You may read this document, but not write messages beside it.",
	},
	Edit: {
		"edit", Editor, false,
		"change text, title, kind and language; add pictures",
		"You may not change this document.",
	},
	Restore: {
		"restore", Editor, true,
		"restore an earlier state, undo one person's work, name versions",
		"You may not restore anything in this document.",
	},
	Redact: {
		"redact", Owner, true,
		"take text out of the document and of its history, for ever",
		"Only the document's owner can take text out of its history.",
	},
	Delete: {
		"delete", Owner, false,
		"put the document into the trash, bring it back, remove it for good",
		"Only the document's owner can delete it.",
	},
	Share: {
		"share", Owner, false,
		"see and change who has access, make and revoke links, see what was changed about that",
		"Only the document's owner can change who has access to it.",
	},
}

// Actions are all actions.
func Actions() []Action {
	all := make([]Action, actions)
	for i := range all {
		all[i] = Action(i)
	}
	return all
}

func (a Action) String() string { return matrix[a].name }

// Refusal is the sentence for somebody who may not.
func (a Action) Refusal() string { return matrix[a].refusal }

// Rights are what somebody may do with one document. They are small: asking whether an action is allowed is one operation.
type Rights struct {
	Role Role
	may  uint16
}

// Of returns the rights of a role.
func Of(r Role) Rights {
	if r.rank() == 0 {
		return Rights{}
	}
	rights := Rights{Role: r}
	for a, row := range matrix {
		if r.Includes(row.least) {
			rights.may |= 1 << a
		}
	}
	return rights
}

// Allow says whether an action is allowed.
func (r Rights) Allow(a Action) bool { return r.may&(1<<a) != 0 }

// CurrentOnly returns the rights without what shows more than the document as it is now.
func (r Rights) CurrentOnly() Rights {
	for a, row := range matrix {
		if row.past {
			r.may &^= 1 << a
		}
	}
	return r
}

// With returns the rights of somebody who has these and others.
func (r Rights) With(others Rights) Rights {
	return Rights{Higher(r.Role, others.Role), r.may | others.may}
}

// Names are those of the allowed actions, in the order of the matrix.
func (r Rights) Names() []string {
	names := []string{}
	for a, row := range matrix {
		if r.Allow(Action(a)) {
			names = append(names, row.name)
		}
	}
	return names
}
