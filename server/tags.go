package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tags are words by which a person sorts their documents. They are each person's own: others do not see them. What one person
// gave one document is one value, so that there is no limit to how many documents have some.
type tags struct{ companion[[]string] }

const (
	// maxTag is the longest tag, in characters; maxTags how many one person may give one document.
	maxTag, maxTags = 40, 10
)

// errBadTags is returned for tags that cannot be.
var errBadTags = fmt.Errorf("a document has up to %d tags of 1 to %d characters, none of them a comma or a line break", maxTags, maxTag)

// tagsKey is what the tags of a person are kept beside. No person has a slash in their name.
func tagsKey(person, document string) string { return person + "/" + document }

// areTagged says whether there is the document that tags are for.
func (s *Server) areTagged(key string) (bool, error) {
	_, document, _ := strings.Cut(key, "/")
	return s.exists(document)
}

// of returns the tags that a person gave a document.
func (t tags) of(person, document string) ([]string, error) {
	v, err := t.read(tagsKey(person, document))
	return v.Value, err
}

// set replaces them.
func (t tags) set(ctx context.Context, person, document string, wanted []string) error {
	if len(wanted) == 0 {
		return t.remove(ctx, tagsKey(person, document))
	}
	return t.change(ctx, tagsKey(person, document), func(all *[]string) error {
		*all = wanted
		return nil
	})
}

// cleanTags returns tags without spaces around them and each but once, whatever its case.
func cleanTags(said []string) ([]string, error) {
	clean := []string{}
	for _, tag := range said {
		tag = strings.Join(strings.Fields(tag), " ")
		if tag == "" || utf8.RuneCountInString(tag) > maxTag || strings.ContainsFunc(tag, isNotOfTag) {
			return nil, errBadTags
		}
		if !slices.ContainsFunc(clean, func(other string) bool { return strings.EqualFold(other, tag) }) {
			clean = append(clean, tag)
		}
	}
	if len(clean) > maxTags {
		return nil, errBadTags
	}
	return clean, nil
}

func isNotOfTag(r rune) bool { return r == ',' || unicode.IsControl(r) }

// move gives a person the tags that another gave a document, unless they have given it some.
func (t tags) move(ctx context.Context, document, from, to string) error {
	theirs, err := t.of(from, document)
	if err != nil || len(theirs) == 0 {
		return err
	}
	own, err := t.of(to, document)
	if err == nil && len(own) == 0 {
		err = t.set(ctx, to, document, theirs)
	}
	return errors.Join(err, t.set(ctx, from, document, nil))
}
