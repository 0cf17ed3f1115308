package server

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/olahol/melody"

	"github.com/quire-editor/quire/ot"
)

const (
	pingPeriod = 12 * time.Second
	never      = time.Duration(math.MaxInt64)
	// pongWait is how long a silent peer is kept: one ping may get lost, and a dead path is noticed in less than half a minute.
	pongWait = 28 * time.Second
	// greetAfter is how long a client may be silent before it is taken for one of version 1.0 of the protocol.
	greetAfter = 2 * time.Second
	// readBuffer, in bytes, takes a keystroke; a connection has one for as long as it lasts.
	readBuffer = 256
	// socketBuffer is how many messages of one session may wait inside melody. A socket asks it for one write at a time.
	socketBuffer = 1
)

// hub carries the WebSocket traffic of one address: of one room, or of the clients that speak of several documents.
type hub struct {
	melody *melody.Melody
	// meet makes the session of a new connection.
	meet   func(conn Conn, v *visit) *session
	limits Limits
	// ended is closed when connections that are still being made have to end themselves; the others are found by close.
	ended   <-chan struct{}
	logger  *slog.Logger
	metrics *Metrics
	// sessions numbers the connections, by which they are found in the log.
	sessions atomic.Uint64
}

// arrival is a connection that is being made; it travels in the context of its request.
type arrival struct {
	visit    *visit
	compress bool
	// upgraded is told when the connection is made, or why it is not.
	upgraded chan error
}

type arrivalKey struct{}

// connection is what belongs to one melody session.
type connection struct {
	socket  *socket
	session *session
	number  uint64
	// greeting speaks to a client that says nothing; nil once it has said something.
	greeting *time.Timer
}

func newHub(meet func(Conn, *visit) *session, limits Limits, ended <-chan struct{}, logger *slog.Logger) *hub {
	m := melody.New()
	// Origins are checked before the upgrade, where a refusal can be explained.
	m.Upgrader.CheckOrigin = func(*http.Request) bool { return true }
	m.Upgrader.Subprotocols = []string{subprotocol}
	m.Upgrader.Error = refuseHandshake
	m.Config.MaxMessageSize = 2 * limits.MessageBytes // beyond the limit an answer says so; beyond twice that the socket is closed
	m.Upgrader.ReadBufferSize = readBuffer
	m.Upgrader.WriteBufferPool = &writeBuffers
	m.Config.MessageBufferSize = socketBuffer
	m.Config.PingPeriod, m.Config.PongWait = never, pongWait // a socket has pings of its own
	h := &hub{melody: m, meet: meet, limits: limits, ended: ended, logger: logger, metrics: unmeasured}
	m.HandleConnect(h.connect)
	m.HandleDisconnect(func(s *melody.Session) {
		c := connectionOf(s)
		c.socket.gone()
		c.session.end()
		logger.Debug("session ended", "session", numberOf(s))
	})
	m.HandleMessage(h.receive)
	m.HandleMessageBinary(func(s *melody.Session, _ []byte) {
		connectionOf(s).socket.Close(CloseBinary, "messages are text here")
	})
	m.HandleSentMessage(func(s *melody.Session, _ []byte) { connectionOf(s).socket.wrote() })
	m.HandlePong(func(s *melody.Session) { connectionOf(s).socket.heard() })
	m.HandleError(func(s *melody.Session, err error) {
		logger.Debug("socket", "session", numberOf(s), "error", err)
		_ = s.WebsocketConnection().Close() // it runs inside melody: closing the connection is all that is safe here
	})
	return h
}

// subprotocol is chosen if a client offers it, RFC 6455 section 1.9. Those that offer none get the same.
const subprotocol = "sharedb"

// refuseHandshake refuses a malformed handshake.
func refuseHandshake(w http.ResponseWriter, _ *http.Request, status int, reason error) {
	p := problemDetails{Status: status, Detail: "This is not the handshake of WebSocket: " + reason.Error() + "."}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(status)
	_, _ = w.Write(p.encode()) // whoever does not read it has gone
}

// writeBuffers are buffers of all connections, each of which has one only while it writes.
var writeBuffers sync.Pool

// serve upgrades the request, and returns when that is done or has failed. The connection goes on in a goroutine of its own,
// so that it holds on to nothing that only the request needed: most connections are idle. ended is called in any case, when
// the connection has ended.
func (h *hub) serve(w http.ResponseWriter, req *http.Request, v *visit, ended func()) error {
	a := &arrival{v, offersCompression(req.Header), make(chan error, 1)}
	if a.compress {
		agreeToCompression(w.Header())
	}
	upgraded := a.upgraded
	go func() {
		defer ended()
		defer func() {
			if p := recover(); p != nil {
				h.logger.Error("connection panicked", "panic", p, "stack", string(debug.Stack()))
				a.answer(fmt.Errorf("panic: %v", p))
			}
		}()
		a.answer(h.melody.HandleRequest(w, req.WithContext(context.WithValue(req.Context(), arrivalKey{}, a))))
	}()
	return <-upgraded
}

// answer tells whoever waits for the connection; the first time only.
func (a *arrival) answer(err error) {
	if a.upgraded != nil {
		a.upgraded <- err
		a.upgraded = nil
	}
}

// receive hands a message to its session. A panic ends that connection alone: melody would leave it open, with nobody
// reading.
func (h *hub) receive(ms *melody.Session, message []byte) {
	c := connectionOf(ms)
	defer func() {
		if p := recover(); p != nil {
			h.logger.Error("message panicked", "session", c.number, "panic", p, "stack", string(debug.Stack()))
			c.socket.Close(CloseTryAgain, "something went wrong on the server")
		}
	}()
	if c.greeting != nil {
		c.greeting.Stop()
		c.greeting = nil
	}
	begin := time.Now()
	c.session.receive(message)
	if wait := c.session.visit.who.take(begin, len(message)); wait > 0 {
		time.Sleep(wait)
	}
	if time.Since(begin) > heardEvery {
		c.socket.heard() // it was not listened to
	}
}

// close ends every connection that is still there and waits for that. ended has been closed before, so that a connection
// which is being made meanwhile ends itself (see connect).
func (h *hub) close(code int, reason string) {
	sessions, _ := h.melody.Sessions()
	var closing []<-chan struct{}
	for _, ms := range sessions {
		if c := connectionOf(ms); c != nil {
			closing = append(closing, c.socket.Close(code, reason))
		}
	}
	for _, ended := range closing {
		<-ended
	}
	_ = h.melody.Close()
}

func (h *hub) connect(ms *melody.Session) {
	a := ms.Request.Context().Value(arrivalKey{}).(*arrival)
	a.answer(nil)
	ms.Request = nil
	sock := newSocket(ms, h.limits.BacklogBytes, a.compress, h.metrics.slow)
	a.visit.conn = sock
	sess := h.meet(sock, a.visit)
	sess.metrics = h.metrics
	sock.link.connection.Store(&connection{sock, sess, h.sessions.Add(1), time.AfterFunc(greetAfter, sess.greet)})
	h.logger.Debug("session began", "session", numberOf(ms))
	select {
	case <-h.ended:
		sock.Close(CloseTryAgain, "the document was closed")
	default:
	}
}

// connectionOf returns what belongs to a session; nil while it is being made.
func connectionOf(ms *melody.Session) *connection { return linkOf(ms).connection.Load() }

// numberOf is a session's number; 0 while it is being made.
func numberOf(ms *melody.Session) uint64 {
	if c := connectionOf(ms); c != nil {
		return c.number
	}
	return 0
}

// linkOf returns the connection beneath a session: the server is reached over a listener from Gather.
func linkOf(ms *melody.Session) *link { return ms.WebsocketConnection().NetConn().(*link) }

// delta gives the limits of a delta in one message.
func (l Limits) delta() ot.Limits {
	limits := ot.DefaultLimits
	limits.Bytes = int(l.MessageBytes)
	return limits
}
