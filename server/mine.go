package server

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// listed is a document in somebody's list, with the tags that they gave it.
type listed struct {
	described
	tags []string
	// key is what it is sorted by.
	key string
}

// documentsOf returns the documents that a caller has, by their IDs, with what the caller may do with each, were it not in the trash.
func (s *Server) documentsOf(caller *access.Caller) ([]described, error) {
	candidates, err := s.holdings.documentsOf(caller.Person)
	if err != nil {
		return nil, err
	}
	var all []described
	for _, document := range candidates {
		d, err := lookUp(s.store, document)
		if errors.Is(err, store.ErrNotFound) || err == nil && d.meta.Discarded {
			if err := s.holdings.forget(caller.Person, document); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		policy := d.meta.policy(document)
		policy.Closed = false
		d.rights = policy.Rights(caller, nowMillis())
		switch {
		case !policy.Names(caller):
			if err := s.holdings.forget(caller.Person, document); err != nil {
				return nil, err
			}
		case d.rights.Allow(access.Read):
			all = append(all, d)
		}
	}
	return all, nil
}

// sortings are what a list can be sorted by. Each makes keys whose order as text is that of the list.
var sortings = map[string]func(d *described) string{
	"modified": func(d *described) string { return newestFirst(d.modified()) },
	"created":  func(d *described) string { return newestFirst(d.Created) },
	"title":    titleKey,
}

// trashedLast has what was put into the trash last come first.
func trashedLast(d *described) string { return newestFirst(d.meta.Trashed) }

func newestFirst(at int64) string { return fmt.Sprintf("%016x", uint64(math.MaxInt64-max(at, 0))) }

// titleKey sorts by titles without regard to case; those without one come last.
func titleKey(d *described) string {
	if d.meta.Title == "" {
		return "2"
	}
	return "1" + strings.ToLower(d.meta.Title)
}

func (l *listed) before(key, id string) int {
	return cmp.Or(strings.Compare(l.key, key), strings.Compare(l.Document, id))
}

// pageOf sorts a list and returns up to limit of it, from behind a place in it on; and the place where the page ends, "" for the end
// of the list. A place is where a document was: it stays valid when that has gone.
func pageOf(all []listed, sorting func(*described) string, after string, limit int) (page []listed, next string, err error) {
	for i := range all {
		all[i].key = sorting(&all[i].described)
	}
	slices.SortFunc(all, func(a, b listed) int { return a.before(b.key, b.Document) })
	if after != "" {
		key, id, ok := readPlace(after)
		if !ok {
			return nil, "", errNoPlace
		}
		i, found := slices.BinarySearchFunc(all, id, func(l listed, id string) int { return l.before(key, id) })
		if found {
			i++
		}
		all = all[i:]
	}
	if len(all) <= limit {
		return all, "", nil
	}
	last := &all[limit-1]
	return all[:limit], placeIn(last.key, last.Document), nil
}

// errNoPlace is returned for a place in a list that no page ended at.
var errNoPlace = errors.New("no place in a list")

func placeIn(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + "\x00" + id))
}

func readPlace(place string) (key, id string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(place)
	i := strings.LastIndexByte(string(text), 0) // no ID has one
	if err != nil || i < 0 {
		return "", "", false
	}
	return string(text[:i]), string(text[i+1:]), true
}

// matches says whether every word stands in a document's title or in one of its tags. Words are in small letters.
func (l *listed) matches(words []string) bool {
	text := strings.ToLower(l.meta.Title + "\n" + strings.Join(l.tags, "\n"))
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// hasTag says whether a document has a tag, whatever its case.
func (l *listed) hasTag(tag string) bool {
	return slices.ContainsFunc(l.tags, func(own string) bool { return strings.EqualFold(own, tag) })
}
