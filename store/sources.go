package store

// lastOf is the newest record of a source.
type lastOf struct{ seq, revision uint64 }

// sourceLast is the newest record of a source within an entry.
type sourceLast struct {
	src string
	lastOf
}

// noteLast takes l into a list that has each source once. An entry has few.
func noteLast(list []sourceLast, l sourceLast) []sourceLast {
	for i := range list {
		if list[i].src == l.src {
			list[i] = l
			return list
		}
	}
	return append(list, l)
}

// sourceTable is the newest record of each source in a document's tail. The
// source that wrote last is likely to write next: it is kept beside the others.
type sourceTable struct {
	recent sourceLast
	others map[string]lastOf // may still have the recent source, outdated
	any    bool
}

func (t *sourceTable) set(l sourceLast) {
	if t.any && t.recent.src != l.src {
		if t.others == nil {
			t.others = map[string]lastOf{}
		}
		t.others[t.recent.src] = t.recent.lastOf
	}
	t.recent, t.any = l, true
}

func (t *sourceTable) get(src string) (lastOf, bool) {
	if t.any && t.recent.src == src {
		return t.recent.lastOf, true
	}
	l, ok := t.others[src]
	return l, ok
}

// name is the string of src, not made anew if it wrote last.
func (t *sourceTable) name(src []byte) string {
	if t.any && t.recent.src == string(src) {
		return t.recent.src
	}
	return string(src)
}

// forget drops the sources without a record at or after a revision.
func (t *sourceTable) forget(revision uint64) {
	for src, l := range t.others {
		if l.revision < revision {
			delete(t.others, src)
		}
	}
	if t.recent.revision < revision {
		t.recent, t.any = sourceLast{}, false
	}
}
