package server

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// problemDetails is the body of every refusal over HTTP (RFC 9457).
type problemDetails struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Code names the reason for programs, where a status is not enough.
	Code string `json:"code,omitempty"`
	// CloseCode is the one with which a stream ended.
	CloseCode int `json:"closeCode,omitempty"`
}

const problemType = "application/problem+json"

// problem refuses a request in one sentence.
func problem(c *gin.Context, status int, detail string) { problemCode(c, status, "", detail) }

// problemCode is problem with a name for the reason.
func problemCode(c *gin.Context, status int, code, detail string) {
	problemWith(c, problemDetails{Status: status, Detail: detail, Code: code})
}

func problemWith(c *gin.Context, p problemDetails) {
	c.Abort()
	c.Data(p.Status, problemType, p.encode())
}

func (p problemDetails) encode() []byte {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, _ := json.Marshal(p) // strings and numbers alone
	return body
}

const notDocument = "This is not the ID of a document: it has 1 to 128 letters, digits, - and _."

const notFound = "There is no document at this address. The link may be incomplete, or the document was deleted."

// fail answers a request that an error ended.
func (s *Server) fail(c *gin.Context, err error) {
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		problem(c, http.StatusUnprocessableEntity, "This cannot be done: "+refusal.Message+".")
		return
	}
	switch {
	case errors.Is(err, errShuttingDown):
		c.Header("Retry-After", "5")
		problem(c, http.StatusServiceUnavailable, "The server is restarting. Try again in a few seconds.")
	case errors.Is(err, errRoomEnded):
		c.Header("Retry-After", "1")
		problem(c, http.StatusServiceUnavailable, "The document has to be opened again. Try again.")
	case errors.Is(err, store.ErrNotFound):
		problem(c, http.StatusNotFound, notFound)
	case errors.Is(err, store.ErrConflict):
		problem(c, http.StatusConflict, "Somebody else changed this at the same moment. Try again.")
	case errors.Is(err, store.ErrNoSpace):
		problem(c, http.StatusInsufficientStorage, "The server's disk is full. Nothing that was confirmed is lost; tell whoever runs it.")
	case errors.Is(err, store.ErrReadOnly):
		problem(c, http.StatusInsufficientStorage, "The server's disk cannot be written at the moment. Nothing that was confirmed is lost; tell whoever runs it.")
	case errors.Is(err, store.ErrTooLarge):
		problem(c, http.StatusRequestEntityTooLarge, "This is larger than the store takes.")
	default:
		s.considerFailure(err)
		s.logger.Error("request failed", "request", c.GetString(requestKey), "path", c.Request.URL.Path, "error", err)
		c.Header("Retry-After", "5")
		problem(c, http.StatusServiceUnavailable, "The server could not finish this. Nothing that was confirmed is lost; try again.")
	}
}
