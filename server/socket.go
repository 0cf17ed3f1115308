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
// only what its buffer takes and keeps the rest here, in order; when that grows beyond its bound the connection is closed,
// and the client comes back and catches up.
type socket struct {
	session    *melody.Session
	maxBacklog int
	// ended is closed when the connection has been.
	ended chan struct{}

	mu    sync.Mutex
	queue outbox
	// handed counts the messages that melody has and has not yet written, handedBytes their sizes.
	handed, handedBytes int
	closed              bool
	// ready are called when nothing waits any more.
	ready []func()
}

func newSocket(session *melody.Session, maxBacklog int) *socket {
	return &socket{session: session, maxBacklog: maxBacklog, ended: make(chan struct{})}
}

func (s *socket) Send(message []byte) { s.SendLatest("", message) }

func (s *socket) SendLatest(key string, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.handed < socketBuffer && s.queue.empty():
		s.hand(message)
	case s.queue.bytes+s.handedBytes > s.maxBacklog:
		// Counted without this message: one that is larger than the bound by itself still gets through to a reader that is
		// not behind.
		s.end(nil)
	default:
		s.queue.push(key, message)
	}
}

// sent is called after melody has written a message.
func (s *socket) sent(message []byte) {
	for _, f := range s.handOn(message) {
		f()
	}
}

// handOn gives melody what it has room for now, and returns what to call if nothing is left waiting.
func (s *socket) handOn(written []byte) (ready []func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handed--
	s.handedBytes -= len(written)
	for !s.closed && s.handed < socketBuffer && !s.queue.empty() {
		s.hand(s.queue.pop())
	}
	if s.handed < socketBuffer {
		ready, s.ready = s.ready, nil
	}
	return ready
}

// Ready calls f, on the goroutine that writes, when no message waits outside of melody.
func (s *socket) Ready(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.handed > 0:
		s.ready = append(s.ready, f)
	default:
		go f()
	}
}

// hand gives melody a message that its buffer has room for. Called with mu held.
func (s *socket) hand(message []byte) {
	s.handed++
	s.handedBytes += len(message)
	if s.session.WriteWithDeadline(message, writeTime(len(message))) != nil {
		s.end(nil) // the session has ended; its reader is about to say so
	}
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
