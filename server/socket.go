package server

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
)

const (
	// closeWait bounds the sending of a close frame to a peer that may not be reading.
	closeWait = time.Second
	// writeWait is how long a message may take to go out, beside the time that its size asks for at slowestReader.
	writeWait = 10 * time.Second
	// slowestReader is the pace, in bytes per second, below which a reader is cut.
	slowestReader = 16 << 10
)

// socket is the Conn of a melody session.
//
// melody drops a message when a session's buffer is full, which for edits is a corrupted document. So a socket hands melody
// one message at a time and keeps the rest here, in order. What waits when that one is written goes with it (see Gather).
// When what waits grows beyond its bound the connection is closed, and the client comes back and catches up.
type socket struct {
	session    *melody.Session
	maxBacklog int
	// ended is closed when the connection has been.
	ended chan struct{}

	mu    sync.Mutex
	queue outbox
	// handed says that melody has a message that it has not yet written, handedBytes its size.
	handed      bool
	handedBytes int
	closed      bool
	// ready are called when nothing waits any more.
	ready []func()
}

func newSocket(session *melody.Session, maxBacklog int) *socket {
	s := &socket{session: session, maxBacklog: maxBacklog, ended: make(chan struct{})}
	if conn, ok := session.WebsocketConnection().NetConn().(*gatheringConn); ok {
		more, heard := s.gather, s.heard
		conn.more.Store(&more)
		conn.heard.Store(&heard)
	}
	return s
}

func (s *socket) Send(message []byte) { s.SendLatest("", message) }

func (s *socket) SendLatest(key string, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case !s.handed:
		s.hand(message)
	case s.queue.bytes+s.handedBytes > s.maxBacklog:
		// Counted without this message: one that is larger than the bound by itself still gets through to a reader that is
		// not behind.
		s.end(nil)
	default:
		s.queue.push(key, message)
	}
}

// sent is called after melody has written the message it was handed.
func (s *socket) sent() {
	for _, f := range s.handOn() {
		f()
	}
}

// handOn hands melody the next message, or returns what to call if nothing waits any more.
func (s *socket) handOn() (ready []func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handed, s.handedBytes = false, 0
	switch {
	case s.closed:
	case s.queue.empty():
		ready, s.ready = s.ready, nil
	default:
		s.hand(s.queue.pop())
	}
	return ready
}

// Ready calls f, on the goroutine that writes, when no message waits any more.
func (s *socket) Ready(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.handed:
		s.ready = append(s.ready, f)
	default:
		go f()
	}
}

// gather takes out messages that may be written together with the one that melody is writing, and appends their frames.
func (s *socket) gather(burst []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.queue.empty() && len(s.queue.next()) <= gatherable && len(burst) < maxBurst {
		burst = appendMessage(burst, s.queue.pop())
	}
	return burst
}

// hand gives melody a message; it has none. Called with mu held.
func (s *socket) hand(message []byte) {
	s.handed, s.handedBytes = true, len(message)
	if len(message) > largeMessage {
		s.allowSilence()
	}
	if s.session.WriteWithDeadline(message, writeTime(len(message)+maxBurst)) != nil {
		s.end(nil) // the session has ended; its reader is about to say so
	}
}

// heard notes that the peer is there.
func (s *socket) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowSilence()
}

// allowSilence says how long the peer may say nothing from now on: pongWait, and as long as it may take in what it is being
// sent, since pings come after that. Called with mu held.
func (s *socket) allowSilence() {
	if !s.closed {
		_ = s.session.WebsocketConnection().SetReadDeadline(time.Now().Add(silence(s.handedBytes)))
	}
}

// silence is how long a peer may say nothing that is being sent some bytes.
func silence(owed int) time.Duration {
	return pongWait + time.Duration(owed)*time.Second/slowestReader
}

// writeTime is how long a message of some bytes may take to go out.
func writeTime(size int) time.Duration {
	return writeWait + time.Duration(size)*time.Second/slowestReader
}

// Close ends the connection after sending a close frame, past what is still waiting. It does not wait for a peer that does
// not read: a room closes all its connections in one go.
func (s *socket) Close(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(websocket.FormatCloseMessage(code, reason))
}

// end closes the connection, after a close frame if there is one. Called with mu held.
func (s *socket) end(frame []byte) {
	if s.closed {
		return
	}
	s.closed, s.queue, s.ready = true, outbox{}, nil
	go func() {
		defer close(s.ended)
		conn := s.session.WebsocketConnection()
		if frame != nil {
			_ = conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(closeWait))
		}
		_ = conn.Close()
	}()
}
