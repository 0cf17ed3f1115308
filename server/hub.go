package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

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
	pongWait = 60 * time.Second
	// socketBuffer is how many messages of one session wait inside melody; the rest waits in socket.queue.
	socketBuffer = 32
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
	m.Config.PingPeriod, m.Config.PongWait = pingPeriod, pongWait
	h := &hub{melody: m, document: document, runner: run, limits: limits, logger: logger}
	m.HandleConnect(h.connect)
	m.HandleDisconnect(func(s *melody.Session) { sessionOf(s).leave() })
	m.HandleMessage(h.receive)
	m.HandleMessageBinary(func(s *melody.Session, _ []byte) {
		socketOf(s).Close(CloseBinary, "messages are text here")
	})
	m.HandleSentMessage(func(s *melody.Session, message []byte) { socketOf(s).sent(message) })
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

// receive hands a message to its session. A panic ends that connection alone: melody would leave it open, with nobody
// reading.
func (h *hub) receive(ms *melody.Session, message []byte) {
	defer func() {
		if p := recover(); p != nil {
			h.logger.Error("message panicked", "panic", p, "stack", string(debug.Stack()))
			socketOf(ms).Close(CloseTryAgain, "something went wrong on the server")
		}
	}()
	sessionOf(ms).receive(message)
}

// close ends every connection that is still there and waits for that. The room's goroutine has ended before, so that a
// connection which is being made meanwhile ends itself (see connect).
func (h *hub) close() {
	sessions, _ := h.melody.Sessions()
	var closing []*socket
	for _, ms := range sessions {
		if value, connected := ms.Get(keySocket); connected {
			sock := value.(*socket)
			sock.Close(CloseTryAgain, "the document was closed")
			closing = append(closing, sock)
		}
	}
	for _, sock := range closing {
		<-sock.ended
	}
	_ = h.melody.Close()
}

func (h *hub) connect(ms *melody.Session) {
	sock := newSocket(ms, h.limits.BacklogBytes)
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

// delta gives the limits of a delta in one message.
func (l Limits) delta() ot.Limits {
	limits := ot.DefaultLimits
	limits.Bytes = int(l.MessageBytes)
	return limits
}
