package server

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot/textdiff"
)

func etag(revision uint64) string { return `"` + strconv.FormatUint(revision, 10) + `"` }

// readText answers a document as plain text. Where an embed stands, the text has U+FFFC.
func (s *Server) readText(c *gin.Context, d described) {
	view, err := s.view(c.Request.Context(), d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	tag := etag(view.Revision)
	c.Header("ETag", tag)
	if matches(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	// Half of a surrogate pair has no form in UTF-8: outside the editors it becomes U+FFFD.
	text := strings.ToValidUTF8(view.text.Text(), "\uFFFD")
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// replaceText makes a document's text equal to the body by the smallest edit, which merges with what people are typing.
func (s *Server) replaceText(c *gin.Context, d described) {
	body, ok := s.readBody(c)
	if !ok {
		return
	}
	p, err := s.rooms.acquire(c.Request.Context(), d.Document)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer s.rooms.release(p)
	view, err := p.view(c.Request.Context())
	if err != nil {
		s.fail(c, err)
		return
	}
	if match := c.GetHeader("If-Match"); match != "" && !matches(match, etag(view.Revision)) {
		c.Header("ETag", etag(view.Revision))
		problem(c, http.StatusPreconditionFailed,
			fmt.Sprintf("The document is at revision %d by now. Read it again and repeat your change.", view.Revision))
		return
	}
	revision, err := s.rewrite(c, p, view, lineFeeds(string(body)))
	if err != nil {
		s.fail(c, fmt.Errorf("replace text of %s at revision %d: %w", d.Document, view.Revision, err))
		return
	}
	c.Header("ETag", etag(revision))
	c.JSON(http.StatusOK, gin.H{"id": d.Document, "revision": revision})
}

// rewrite submits the edit that makes a document's text equal to text and returns the revision it led to. The difference is
// computed here, not in the room, so that a large one holds nobody up.
func (s *Server) rewrite(c *gin.Context, p *place, view View, text string) (uint64, error) {
	if view.meta.Kind == KindRich && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	edit := textdiff.Diff(view.text.Text(), text)
	if len(edit) == 0 {
		return view.Revision, nil
	}
	return p.submit(c.Request.Context(), submission{
		src: sourceOf(newID()), seq: 1, base: view.Revision,
		change: change{changeEdit, edit}, principal: s.principal(c),
	})
}

// matches says whether a tag is in the list of an If-Match or If-None-Match.
func matches(list, tag string) bool {
	for candidate := range strings.SplitSeq(list, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

// submit puts a change through the room and returns the revision it led to once that is durable. A copy of one that is in the
// log already leads where that did.
func (p *place) submit(ctx context.Context, s submission) (uint64, error) {
	type outcome struct {
		revision uint64
		err      error
	}
	result := make(chan outcome, 1)
	p.tell(func(r *Room) {
		if last, err := r.lastOf(s.src); err != nil {
			r.fail(err)
			return
		} else if s.seq <= last.seq {
			r.whenDurable(func() { result <- outcome{last.revision + 1, nil} })
			return
		}
		revision := r.head.revision + 1
		s.answer = func(err error) { result <- outcome{revision, err} }
		if err := r.admit(s); err != nil {
			result <- outcome{0, err}
		}
	})
	select {
	case o := <-result:
		return o.revision, o.err
	case <-p.runner.done:
		select {
		case o := <-result:
			return o.revision, o.err
		default:
			return 0, errRoomEnded
		}
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
