package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// mineInfo is a document in the caller's own list.
type mineInfo struct {
	documentInfo
	Tags []string `json:"tags"`
}

// tagInfo is a tag that the caller uses, and for how many documents.
type tagInfo struct {
	Tag       string `json:"tag"`
	Documents int    `json:"documents"`
}

type mineList struct {
	Documents []mineInfo `json:"documents"`
	// Next continues the list as ?after=; "" at its end.
	Next string `json:"next"`
	// Tags are all that the caller uses, by name.
	Tags []tagInfo `json:"tags"`
}

// maxSearch is the longest text that is searched for, in bytes.
const maxSearch = 200

// listMine lists the documents that the caller has a role of their own in, and that are not in the trash.
func (s *Server) listMine(c *gin.Context) {
	sorting, known := sortings[c.DefaultQuery("sort", "modified")]
	if !known {
		problem(c, http.StatusBadRequest, "A list is sorted by modified, created or title.")
		return
	}
	if len(c.Query("search")) > maxSearch {
		problem(c, http.StatusBadRequest, fmt.Sprintf("What is searched for has at most %d bytes.", maxSearch))
		return
	}
	all, err := s.withTags(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	answer := mineList{Documents: []mineInfo{}, Tags: countTags(all)}
	words, tag := strings.Fields(strings.ToLower(c.Query("search"))), c.Query("tag")
	all = slices.DeleteFunc(all, func(l listed) bool { return !l.matches(words) || tag != "" && !l.hasTag(tag) })
	page, next, ok := pageAsked(c, all, sorting)
	if !ok {
		return
	}
	answer.Next = next
	for i := range page {
		own := page[i].tags
		if own == nil {
			own = []string{}
		}
		answer.Documents = append(answer.Documents, mineInfo{page[i].answer(), own})
	}
	c.JSON(http.StatusOK, answer)
}

// pageAsked returns the page of a list that a request asks for, or answers why there is none.
func pageAsked(c *gin.Context, all []listed, sorting func(*described) string) (page []listed, next string, ok bool) {
	limit, ok := queryNumber(c, "limit", defaultPage, 1, maxPage)
	if !ok {
		return nil, "", false
	}
	page, next, err := pageOf(all, sorting, c.Query("after"), int(limit))
	if err != nil {
		problem(c, http.StatusBadRequest, "after is what an earlier page of the same list had as next.")
	}
	return page, next, err == nil
}

// withTags returns the caller's documents that are not in the trash, with their tags.
func (s *Server) withTags(c *gin.Context) ([]listed, error) {
	caller := s.caller(c)
	documents, err := s.documentsOf(&caller)
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, d := range documents {
		if d.meta.Trashed != 0 {
			continue
		}
		own, err := s.tags.of(caller.Person, d.Document)
		if err != nil {
			return nil, err
		}
		all = append(all, listed{described: d, tags: own})
	}
	return all, nil
}

// countTags returns the tags of some documents, by name.
func countTags(all []listed) []tagInfo {
	counted := []tagInfo{}
	at := map[string]int{} // by the tag in small letters
	for _, l := range all {
		for _, tag := range l.tags {
			small := strings.ToLower(tag)
			if _, known := at[small]; !known {
				at[small] = len(counted)
				counted = append(counted, tagInfo{Tag: tag})
			}
			counted[at[small]].Documents++
		}
	}
	slices.SortFunc(counted, func(a, b tagInfo) int { return strings.Compare(strings.ToLower(a.Tag), strings.ToLower(b.Tag)) })
	return counted
}

type tagsRequest struct {
	Tags []string `json:"tags"`
}

// tagDocument replaces the tags that the caller gave a document.
func (s *Server) tagDocument(c *gin.Context, d described) {
	var body tagsRequest
	if !s.readJSON(c, &body) {
		return
	}
	wanted, err := cleanTags(body.Tags)
	if err == nil {
		err = s.tags.set(c.Request.Context(), personOf(s.principal(c)), d.Document, wanted)
	}
	switch {
	case errors.Is(err, errBadTags):
		problem(c, http.StatusBadRequest, fmt.Sprintf("A document has up to %d tags of 1 to %d characters, without commas and line breaks.", maxTags, maxTag))
	case err != nil:
		s.fail(c, err)
	default:
		c.JSON(http.StatusOK, tagsRequest{wanted})
	}
}
