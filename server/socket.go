package server

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/quire-editor/quire/ot"
)

// Close codes, and what a client does on each. server/PROTOCOL.md has the same table for people.
const (
	// CloseInvalidText: the client sent bytes that are not UTF-8. It has a bug; do not come back with the same message.
	CloseInvalidText = melody.CloseInvalidFramePayloadData
	// CloseRestart: the server is about to restart. Come back with back-off; nothing is lost.
	CloseRestart = melody.CloseServiceRestart
	// CloseTryAgain: this room had to be closed. Come back with back-off; nothing is lost.
	CloseTryAgain = melody.CloseTryAgainLater
	// CloseBinary: binary messages are not spoken here.
	CloseBinary = melody.CloseUnsupportedData
)

const (
	pingPeriod = 25 * time.Second
	// pongWait is how long a silent peer is kept: two pings may get lost.
	pongWait  = 60 * time.Second
	writeWait = 10 * time.Second
	// socketBuffer is how many messages of one session wait inside melody; the rest waits in socket.backlog.
	socketBuffer = 32
	// closeWait bounds the sending of a close frame to a peer that may not be reading.
	closeWait = time.Second
)

// hub carries the WebSocket traffic of one room.
type hub struct {
	melody   *melody.Melody
	document string
	runner   *runner
	limits   Limits
	logger   *slog.Logger
}

// Keys of what hangs on a melody session.
const (
	keyPrincipal = "principal"
	keySession   = "session"
	keySocket    = "socket"
)

func newHub(document string, run *runner, limits Limits, logger *slog.Logger) *hub {
	m := melody.New()
	// Origins are checked before the upgrade, where a refusal can be explained.
	m.Upgrader.CheckOrigin = func(*http.Request) bool { return true }
	m.Config.MaxMessageSize = 2 * limits.MessageBytes // beyond the limit an answer says so; beyond twice that the socket is closed
	m.Config.MessageBufferSize = socketBuffer
	m.Config.PingPeriod, m.Config.PongWait, m.Config.WriteWait = pingPeriod, pongWait, writeWait
	h := &hub{melody: m, document: document, runner: run, limits: limits, logger: logger}
	m.HandleConnect(h.connect)
	m.HandleDisconnect(func(s *melody.Session) { sessionOf(s).leave() })
	m.HandleMessage(func(s *melody.Session, message []byte) { sessionOf(s).receive(message) })
	m.HandleMessageBinary(func(s *melody.Session, _ []byte) {
		socketOf(s).Close(CloseBinary, "messages are text here")
	})
	m.HandleSentMessage(func(s *melody.Session, _ []byte) { socketOf(s).sent() })
	m.HandleError(func(s *melody.Session, err error) {
		logger.Debug("socket", "error", err)
		_ = s.WebsocketConnection().Close() // it runs inside melody: closing the connection is all that is safe here
	})
	return h
}

// serve upgrades the request and returns when the connection has ended.
func (h *hub) serve(w http.ResponseWriter, req *http.Request, principal string) error {
	return h.melody.HandleRequestWithKeys(w, req, map[string]any{keyPrincipal: principal})
}

// close ends every connection that is still there. The room's goroutine has ended before.
func (h *hub) close() {
	_ = h.melody.CloseWithMsg(websocket.FormatCloseMessage(CloseTryAgain, "the document was closed"))
}

func (h *hub) connect(ms *melody.Session) {
	sock := &socket{session: ms, maxBacklog: h.limits.BacklogBytes}
	ms.Set(keySocket, sock)
	ms.Set(keySession, &session{
		conn:      sock,
		room:      h.runner,
		document:  h.document,
		principal: ms.MustGet(keyPrincipal).(string),
		limits:    h.limits.delta(),
	})
	select {
	case <-h.runner.done:
		// The room ended while this connection was being made. (If it ends after this, close finds the connection.)
		sock.Close(CloseTryAgain, "the document was closed")
	default:
	}
}

func sessionOf(ms *melody.Session) *session { return ms.MustGet(keySession).(*session) }
func socketOf(ms *melody.Session) *socket   { return ms.MustGet(keySocket).(*socket) }

// socket is the Conn of a melody session.
//
// melody drops a message when a session's buffer is full, which for edits is a corrupted document. So a socket hands melody
// only what its buffer takes and keeps the rest here, in order; when that grows beyond its bound the connection is closed,
// and the client comes back and catches up.
type socket struct {
	session    *melody.Session
	maxBacklog int

	mu sync.Mutex
	// handed counts the messages that melody has and has not yet written.
	handed  int
	backlog [][]byte
	// bytes is the size of the backlog.
	bytes  int
	closed bool
}

func (s *socket) Send(message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.handed < socketBuffer && len(s.backlog) == 0 {
		s.hand(message)
		return
	}
	s.backlog = append(s.backlog, message)
	s.bytes += len(message)
	if s.bytes > s.maxBacklog {
		s.closed, s.backlog = true, nil
		_ = s.session.WebsocketConnection().Close()
	}
}

// sent is called after melody has written a message.
func (s *socket) sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handed--
	for s.handed < socketBuffer && len(s.backlog) > 0 {
		next := s.backlog[0]
		s.backlog = s.backlog[1:]
		s.bytes -= len(next)
		s.hand(next)
	}
}

// hand gives melody a message that its buffer has room for. Called with mu held.
func (s *socket) hand(message []byte) {
	s.handed++
	if s.session.Write(message) != nil {
		s.closed, s.backlog = true, nil // the session has ended; its reader is about to say so
	}
}

func (s *socket) Close(code int, reason string) {
	s.mu.Lock()
	already := s.closed
	s.closed, s.backlog = true, nil
	s.mu.Unlock()
	if already {
		return
	}
	conn := s.session.WebsocketConnection()
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closeWait))
	_ = conn.Close()
}

// delta gives the limits of a delta in one message.
func (l Limits) delta() ot.Limits {
	limits := ot.DefaultLimits
	limits.Bytes = int(l.MessageBytes)
	return limits
}
