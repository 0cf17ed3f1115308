package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
	"golang.org/x/net/http/httpguts"
)

// socket upgrades a request to the WebSocket of a document's room. Whatever is known to be wrong is said before the upgrade.
func (s *Server) socket(c *gin.Context) {
	document := c.Param("document")
	if !validDocument(document) {
		problem(c, http.StatusNotFound, notDocument)
		return
	}
	if !s.fromAllowedOrigin(c) || !mayUpgrade(c) || !s.admit(c) {
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
	if s.fromAllowedOrigin(c) && mayUpgrade(c) && s.admit(c) {
		defer s.admitted()
		s.upgrade(c, s.lobby, func() {})
	}
}

// admit lets a request become a connection, unless something is against it. When everybody comes back at once, as after a
// restart, those who do not fit are asked to come at different times. Call admitted when the connection has been made.
func (s *Server) admit(c *gin.Context) bool {
	if s.rooms.isClosed() {
		s.fail(c, errShuttingDown)
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

// mayUpgrade refuses a request that is not to become a WebSocket, RFC 6455 section 4.2.
func mayUpgrade(c *gin.Context) bool {
	if !websocket.IsWebSocketUpgrade(c.Request) {
		c.Header("Upgrade", "websocket")
		problem(c, http.StatusUpgradeRequired, "This address speaks WebSocket only.")
		return false
	}
	if !httpguts.HeaderValuesContainsToken(c.Request.Header["Sec-Websocket-Version"], webSocketVersion) {
		c.Header("Upgrade", "websocket")
		c.Header("Sec-WebSocket-Version", webSocketVersion)
		problem(c, http.StatusUpgradeRequired, "This server speaks version "+webSocketVersion+" of WebSocket.")
		return false
	}
	return true
}

// webSocketVersion is the only version of WebSocket that there is.
const webSocketVersion = "13"

// fromAllowedOrigin refuses the pages of other sites.
func (s *Server) fromAllowedOrigin(c *gin.Context) bool {
	if s.allowedOrigin(c.Request) {
		return true
	}
	problem(c, http.StatusForbidden, "Pages of "+c.GetHeader("Origin")+" may not connect here. The server's operator can allow them with --origin.")
	return false
}

// upgrade makes a request a WebSocket. ended is called when that has ended, or has come to nothing.
func (s *Server) upgrade(c *gin.Context, h *hub, ended func()) {
	v := s.enter(c)
	if v == nil {
		ended()
		return
	}
	err := h.serve(c.Writer, c.Request, v, func() { s.end(v); ended() })
	switch {
	case errors.Is(err, melody.ErrClosed):
		s.fail(c, errRoomEnded)
	case err != nil:
		s.logger.Debug("socket not upgraded", "path", c.Request.URL.Path, "error", err)
	}
}

// enter counts one more connection of whoever makes the request, or refuses it and returns nil. A page that the browser kept
// for offline use may come here before any other request has told it who it is.
func (s *Server) enter(c *gin.Context) *visit {
	who, err := s.principals.enter(s.principal(c))
	switch {
	case errors.Is(err, errManyOfSite):
		problem(c, http.StatusTooManyRequests, "The site that embeds this has as many connections as it may. Try again later.")
		return nil
	case err != nil:
		problem(c, http.StatusTooManyRequests,
			fmt.Sprintf("You have %d connections already, the most that one person may have. Close some tabs.", s.limits.SessionsPerPrincipal))
		return nil
	}
	return &visit{who: who, caller: s.caller(c)}
}
