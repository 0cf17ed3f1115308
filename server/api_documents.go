package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// documentInfo is a document as the API describes it. Times are milliseconds since the epoch.
type documentInfo struct {
	ID       string          `json:"id"`
	Kind     Kind            `json:"kind"`
	Title    string          `json:"title"`
	Language string          `json:"language,omitempty"`
	Revision uint64          `json:"revision"`
	Role     access.Role     `json:"role,omitempty"`
	Created  int64           `json:"created,omitempty"`
	Modified int64           `json:"modified,omitempty"`
	Delta    json.RawMessage `json:"delta,omitempty"`
}

func (d *described) answer() documentInfo {
	return documentInfo{
		ID: d.Document, Kind: d.meta.Kind, Title: d.meta.Title, Language: d.meta.Language,
		Revision: d.Revision, Role: d.rights.Role, Created: d.Created, Modified: d.modified(),
	}
}

type createRequest struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// createDocument makes a document under a new ID. It answers once the document is on disk.
func (s *Server) createDocument(c *gin.Context) {
	var body createRequest
	if !s.mayCreate(c) || !s.readJSON(c, &body) {
		return
	}
	kind, err := parseKind(body.Kind, KindRich)
	if err != nil {
		problem(c, http.StatusBadRequest, "There is no kind of document "+strconv.Quote(body.Kind)+". There are text, markdown, code and rich.")
		return
	}
	if !validTitle(c, body.Title) {
		return
	}
	principal := s.principal(c)
	content := contentOf(kind, lineFeeds(body.Text))
	if content.Len() > s.limits.DocumentUnits {
		problem(c, http.StatusRequestEntityTooLarge, tooLong(s.limits.DocumentUnits))
		return
	}
	meta := metadata{Kind: kind, Title: body.Title, Owner: principal}
	id := newID()
	if err := s.create(c.Request.Context(), id, meta, content, principal); err != nil {
		s.fail(c, fmt.Errorf("create %s: %w", id, err))
		return
	}
	c.Header("Location", s.base+"/api/v1/documents/"+id)
	c.JSON(http.StatusCreated, documentInfo{ID: id, Kind: kind, Title: body.Title, Revision: 1, Role: access.Owner})
}

// create stores a new document. The error is store.ErrConflict if there is one, or was.
func (s *Server) create(ctx context.Context, id string, meta metadata, content ot.Delta, author string) error {
	err := s.store.Append(ctx, id, 0, []store.Record{{
		Src: sourceOf(newID()), Seq: 1, Author: author, Time: nowMillis(),
		Payload: change{changeCreate, content}.encode(),
	}}, meta.encode())
	if err == nil {
		s.holdings.note(id, meta)
	}
	return err
}

// contentOf gives the content of a new document. Rich text always ends in a newline.
func contentOf(kind Kind, text string) ot.Delta {
	if kind == KindRich && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if text == "" {
		return nil
	}
	return ot.Delta{ot.InsertText(text, ot.Attributes{})}
}

// lineFeeds gives text the line ends that documents have.
func lineFeeds(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

func tooLong(units int) string {
	return fmt.Sprintf("A document can hold %d characters; this is more.", units)
}

func validTitle(c *gin.Context, title string) bool {
	if len(title) > maxTitle || strings.ContainsAny(title, "\r\n") {
		problem(c, http.StatusBadRequest, fmt.Sprintf("A title is one line of at most %d bytes.", maxTitle))
		return false
	}
	return true
}

const (
	defaultPage = 50
	maxPage     = 500
)

type documentList struct {
	Documents []documentInfo `json:"documents"`
	// Next continues the list as ?after=; "" at its end.
	Next string `json:"next"`
}

// listDocuments lists documents by ID: all that the caller may read, or those in which they have a role of their own.
func (s *Server) listDocuments(c *gin.Context) {
	limit := defaultPage
	if q := c.Query("limit"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 1 || n > maxPage {
			problem(c, http.StatusBadRequest, fmt.Sprintf("limit is a number from 1 to %d.", maxPage))
			return
		}
		limit = n
	}
	caller := s.caller(c)
	list := s.listOwn
	if caller.Scope != nil || s.mayListAll(c.Request) {
		list = s.listAllOf
	}
	answer, err := list(&caller, c.Query("after"), limit)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, answer)
}

// listOwn lists documents in which a caller has a role of their own.
func (s *Server) listOwn(caller *access.Caller, after string, limit int) (documentList, error) {
	list := documentList{Documents: []documentInfo{}}
	documents, err := s.documentsOf(caller)
	for _, d := range documents {
		if d.Document <= after || d.meta.Trashed != 0 {
			continue
		}
		if len(list.Documents) == limit {
			list.Next = list.Documents[limit-1].ID
			break
		}
		list.Documents = append(list.Documents, d.answer())
	}
	return list, err
}

// listAllOf walks the store for documents that a caller may read.
func (s *Server) listAllOf(caller *access.Caller, after string, limit int) (documentList, error) {
	list := documentList{Documents: []documentInfo{}}
	for {
		page, err := s.store.List(after, maxPage)
		if err != nil {
			return list, fmt.Errorf("list after %q: %w", after, err)
		}
		for _, info := range page {
			after = info.Document
			if !validDocument(info.Document) {
				continue // one of ours, see images
			}
			meta, err := decodeMetadata(info.Meta)
			if err != nil {
				return list, fmt.Errorf("list %s: %w", info.Document, err)
			}
			policy := meta.policy(info.Document)
			if rights := policy.Rights(caller, nowMillis()); !meta.Deleted && rights.Allow(access.Read) {
				list.Documents = append(list.Documents, (&described{info, meta, rights}).answer())
			}
			if len(list.Documents) == limit {
				list.Next = after
				return list, nil
			}
		}
		if len(page) < maxPage {
			return list, nil
		}
	}
}

// readDocument answers a document with its content as a delta.
func (s *Server) readDocument(c *gin.Context, d described) {
	if c.Query("since") != "" {
		s.readNewer(c, d)
		return
	}
	s.answerDocument(c, d)
}

// answerDocument answers a document as it is now.
func (s *Server) answerDocument(c *gin.Context, d described) {
	view, err := s.view(c.Request.Context(), d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("ETag", etag(view.Revision))
	if matches(c.GetHeader("If-None-Match"), etag(view.Revision)) {
		c.Status(http.StatusNotModified)
		return
	}
	answer := d.answer()
	answer.Revision = view.Revision
	answer.Delta = ot.AppendJSON(nil, view.text.Delta())
	body, err := json.Marshal(answer)
	if err != nil {
		s.fail(c, fmt.Errorf("encode %s: %w", d.Document, err))
		return
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
}

// amendRequest changes what is present in it.
type amendRequest struct {
	Title    *string `json:"title"`
	Kind     *string `json:"kind"`
	Language *string `json:"language"`
}

// amendDocument changes what is known of a document beside its text, and tells everyone who has it open.
func (s *Server) amendDocument(c *gin.Context, d described) {
	var body amendRequest
	if !s.readJSON(c, &body) || !body.valid(c, d.meta) {
		return
	}
	d, err := s.amend(c.Request.Context(), d, func(m *metadata) error {
		body.apply(m)
		return nil
	})
	if err != nil {
		s.fail(c, fmt.Errorf("amend %s: %w", d.Document, err))
		return
	}
	c.JSON(http.StatusOK, d.answer())
}

// valid answers what is wrong with a request, if anything is.
func (body amendRequest) valid(c *gin.Context, m metadata) bool {
	if body == (amendRequest{}) {
		problem(c, http.StatusBadRequest, `Say what is to change: {"title": "...", "kind": "...", "language": "..."}.`)
		return false
	}
	if body.Title != nil && !validTitle(c, *body.Title) {
		return false
	}
	if body.Language != nil && !language.MatchString(*body.Language) {
		problem(c, http.StatusBadRequest, "A language is named by up to 32 small letters, digits and + # . - such as python; none by nothing.")
		return false
	}
	if body.Kind == nil {
		return true
	}
	kind, err := parseKind(*body.Kind, "")
	if err != nil || kind == "" {
		problem(c, http.StatusBadRequest, "There is no kind of document "+strconv.Quote(*body.Kind)+". There are text, markdown, code and rich.")
		return false
	}
	if kind != m.Kind && (kind == KindRich || m.Kind == KindRich) {
		problem(c, http.StatusUnprocessableEntity, "Text, Markdown and code can become each other. Rich text stays rich text, since its formats have no place in the others.")
		return false
	}
	return true
}

// amend stores what change makes of the metadata, and tells the room. It tries again when somebody else was faster. With an
// error of change, which it returns, nothing changes.
func (s *Server) amend(ctx context.Context, d described, change func(*metadata) error) (described, error) {
	return s.replaceMeta(ctx, d, func(d *described) error {
		d.meta.Unedited = nil
		return change(&d.meta)
	})
}

// amendUnseen is amend for what leaves the document as it was last modified.
func (s *Server) amendUnseen(ctx context.Context, d described, change func(*metadata) error) (described, error) {
	return s.replaceMeta(ctx, d, func(d *described) error {
		d.meta.Unedited = &unedited{d.Revision, d.modified()}
		return change(&d.meta)
	})
}

func (s *Server) replaceMeta(ctx context.Context, d described, change func(*described) error) (described, error) {
	trashed := d.meta.Trashed
	for {
		if err := change(&d); err != nil {
			return d, err
		}
		err := s.store.SetMeta(ctx, d.Document, d.MetaVersion, d.meta.encode())
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrConflict) {
			return d, err
		}
		rights := d.rights
		if d, err = lookUp(s.store, d.Document); err != nil {
			return d, err
		}
		if d.meta.Trashed != trashed || d.meta.Discarded {
			return d, errTrashed
		}
		d.rights = rights
	}
	d.MetaVersion++
	s.holdings.note(d.Document, d.meta)
	if p := s.rooms.find(d.Document); p != nil {
		p.tell(func(r *Room) { r.Amend(d.meta, d.MetaVersion) })
	}
	return d, nil
}

func (body amendRequest) apply(m *metadata) {
	if body.Title != nil {
		m.Title = *body.Title
	}
	if body.Kind != nil {
		m.Kind = Kind(*body.Kind)
	}
	if body.Language != nil {
		m.Language = *body.Language
	}
}

// readJSON reads the body into a value, or answers why that is not possible.
func (s *Server) readJSON(c *gin.Context, into any) bool {
	body, ok := s.readBody(c)
	if !ok {
		return false
	}
	if err := json.Unmarshal(body, into); err != nil {
		problem(c, http.StatusBadRequest, "The body is not the JSON expected here: "+err.Error()+".")
		return false
	}
	return true
}

// bodyTime is how long a body may take to arrive: eight megabytes over a slow line.
const bodyTime = 2 * time.Minute

// readBody reads a body of valid UTF-8 within the limit, or answers why not.
func (s *Server) readBody(c *gin.Context) ([]byte, bool) {
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(bodyTime)) // not every test's writer has one
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, s.limits.MessageBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		problem(c, http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d bytes.", tooLarge.Limit))
		return nil, false
	}
	if err != nil {
		problem(c, http.StatusBadRequest, "The body could not be read.")
		return nil, false
	}
	if !utf8.Valid(body) {
		problem(c, http.StatusBadRequest, "The body is not valid UTF-8.")
		return nil, false
	}
	return body, true
}
