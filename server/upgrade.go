package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/olahol/melody"
)

// socket upgrades a request to the WebSocket of a document's room. Whatever is known to be wrong is said before the upgrade.
func (s *Server) socket(c *gin.Context) {
	document := c.Param("document")
	if !validDocument(document) {
		problem(c, http.StatusNotFound, "This is not the ID of a document: it has 1 to 128 letters, digits, - and _.")
		return
	}
	if !s.admit(c) {
		return
	}
	defer s.admitted()
	p, err := s.rooms.acquire(c.Request.Context(), document)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.upgrade(c, p.hub, func() { s.rooms.release(p) })
}

// anySocket upgrades a request to a WebSocket for several documents.
func (s *Server) anySocket(c *gin.Context) {
	if s.admit(c) {
		defer s.admitted()
		s.upgrade(c, s.lobby, func() {})
	}
}

// admit lets a request become a WebSocket, unless something is against it. When everybody comes back at once, as after a
// restart, those who do not fit are asked to come at different times. Call admitted when the connection has been made.
func (s *Server) admit(c *gin.Context) bool {
	if !s.mayUpgrade(c) {
		return false
	}
	if sessions, _ := s.principals.count(); sessions >= s.limits.Sessions || s.memory.isFull() {
		askToComeLater(c, "As many people are here as this server can serve. Try again in a while.")
		return false
	}
	select {
	case s.arriving <- struct{}{}:
		return true
	default:
		askToComeLater(c, "Too many connections are being made at once. Try again in a few seconds.")
		return false
	}
}

// askToComeLater refuses a connection for a passing reason. Not all come back at the same time.
func askToComeLater(c *gin.Context, why string) {
	c.Header("Retry-After", strconv.Itoa(1+rand.IntN(maxRetryAfter)))
	problem(c, http.StatusServiceUnavailable, why)
}

func (s *Server) admitted() { <-s.arriving }

// maxRetryAfter is the longest time, in seconds, after which a client that did not fit is asked to come back.
const maxRetryAfter = 15

// mayUpgrade refuses a request that is not to become a WebSocket.
func (s *Server) mayUpgrade(c *gin.Context) bool {
	switch {
	case !s.allowedOrigin(c.Request):
		problem(c, http.StatusForbidden, "Pages of "+c.GetHeader("Origin")+" may not connect here. The server's operator can allow them with --origin.")
	case !c.IsWebsocket():
		c.Header("Upgrade", "websocket")
		problem(c, http.StatusUpgradeRequired, "This address speaks WebSocket only.")
	case s.rooms.isClosed():
		s.fail(c, errShuttingDown)
	default:
		return true
	}
	return false
}

// upgrade makes a request a WebSocket. ended is called when that has ended, or has come to nothing.
func (s *Server) upgrade(c *gin.Context, h *hub, ended func()) {
	// A page that the browser kept for offline use may come here before any other request has told it who it is.
	who := s.principals.enter(s.principal(c))
	if who == nil {
		ended()
		problem(c, http.StatusTooManyRequests,
			fmt.Sprintf("You have %d connections already, the most that one person may have. Close some tabs.", s.limits.SessionsPerPrincipal))
		return
	}
	v := &visit{who: who, caller: s.caller(c)}
	err := h.serve(c.Writer, c.Request, v, func() { s.end(v); ended() })
	switch {
	case errors.Is(err, melody.ErrClosed):
		s.fail(c, errRoomEnded)
	case err != nil:
		s.logger.Debug("socket not upgraded", "path", c.Request.URL.Path, "error", err)
	}
}
