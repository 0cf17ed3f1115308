package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/picture"
)

// imageInfo is a picture as the API describes it. Width and height are in pixels, as it is shown.
type imageInfo struct {
	ID     string       `json:"id"`
	URL    string       `json:"url"`
	Type   picture.Type `json:"type"`
	Bytes  int          `json:"bytes"`
	Width  int          `json:"width"`
	Height int          `json:"height"`
}

// addImage takes a picture into a document. It answers once the picture is on disk.
func (s *Server) addImage(c *gin.Context, d described) {
	data, ok := s.readImage(c)
	if !ok {
		return
	}
	p, err := picture.Clean(data)
	if err != nil {
		refuseImage(c, err)
		return
	}
	id, err := s.images.add(c.Request.Context(), d.Document, p.Data)
	if errors.Is(err, errImageQuota) {
		problem(c, http.StatusConflict, fmt.Sprintf("This document has no room for this picture: its pictures may take %s together, and be %d. ",
			megabytes(s.images.limits.DocumentBytes), maxImages)+"Scale it down, or start another document.")
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	// What goes into the document: as if the server were at the root of its host, so that it can be moved.
	url := "/api/v1/documents/" + d.Document + "/images/" + id
	c.Header("Location", s.base+url)
	c.JSON(http.StatusCreated, imageInfo{id, url, p.Type, len(p.Data), p.Width, p.Height})
}

// readImage reads a body within the limit for pictures, or answers why not.
func (s *Server) readImage(c *gin.Context) ([]byte, bool) {
	limit := s.images.limits.Bytes
	tooLarge := fmt.Sprintf("This picture is larger than %s. Scale it down and try again.", megabytes(limit))
	if c.Request.ContentLength > limit {
		// Said before the picture has come: it may take minutes.
		c.Header("Connection", "close")
		problem(c, http.StatusRequestEntityTooLarge, tooLarge)
		return nil, false
	}
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(bodyTime)) // not every test's writer has one
	data, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		problem(c, http.StatusRequestEntityTooLarge, tooLarge)
		return nil, false
	}
	if err != nil {
		problem(c, http.StatusBadRequest, "The picture did not arrive whole. Try again.")
		return nil, false
	}
	return data, true
}

func refuseImage(c *gin.Context, err error) {
	switch {
	case errors.Is(err, picture.ErrUnknown):
		problem(c, http.StatusUnsupportedMediaType, "This is no picture that can be shown here. PNG, JPEG, GIF, WebP and AVIF can.")
	case errors.Is(err, picture.ErrTooManyPixels):
		problem(c, http.StatusUnprocessableEntity, fmt.Sprintf("This picture has more than %d million pixels. Scale it down and try again.", picture.MaxPixels/1_000_000))
	default:
		problem(c, http.StatusUnprocessableEntity, "This picture is damaged, or of a form that is not taken. Open it in another program, save it anew, and try again.")
	}
}

func megabytes(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d kB", bytes>>10)
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}

// readDocumentImage answers a picture of a document. What is under this address never changes; whoever may not read the
// document must not get it from a cache between us.
func (s *Server) readDocumentImage(c *gin.Context, d described) {
	id := c.Param("image")
	data, err := s.images.read(d.Document, id)
	if errors.Is(err, errNoImage) {
		problem(c, http.StatusNotFound, "This document has no such picture.")
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	kind := picture.TypeOf(data)
	h := c.Writer.Header()
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("ETag", `"`+id+`"`)
	// Opened by itself, it is a picture and nothing else, whatever a browser might read into it.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Disposition", `inline; filename="picture.`+path.Base(string(kind))+`"`)
	if matches(c.GetHeader("If-None-Match"), `"`+id+`"`) {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, string(kind), data)
}
