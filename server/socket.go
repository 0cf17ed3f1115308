package server

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
	"github.com/prometheus/client_golang/prometheus"
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
// melody drops a message when a session's buffer is full, which for edits is a corrupted document. So all messages wait here,
// in order, and what melody is handed is the request to write them, one at a time (see link). When what waits grows beyond its
// bound the connection is closed, and the client comes back and catches up.
type socket struct {
	session    *melody.Session
	link       *link
	maxBacklog int
	// slow counts the connections whose backlog became too long.
	slow prometheus.Counter

	mu    sync.Mutex
	queue outbox
	// asked says that melody has been asked to write, and has not done it; underWay is about how many bytes it is at.
	asked    bool
	underWay int
	closed   bool
	// ended is made when the connection is being closed, and closed when it is.
	ended chan struct{}
	// ready are called when nothing waits any more.
	ready []func()
	// beat calls ping.
	beat *time.Timer
}

// newSocket makes the socket of a session whose connection comes from Gather.
func newSocket(session *melody.Session, maxBacklog int, compress bool, slow prometheus.Counter) *socket {
	l := linkOf(session)
	s := &socket{session: session, link: l, maxBacklog: maxBacklog, slow: slow}
	l.attach(s, compress)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beat = time.AfterFunc(pingPeriod, s.ping)
	return s
}

func (s *socket) Queue(key string, m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.queue.bytes+s.underWay > s.maxBacklog:
		// Counted without this message: one that is larger than the bound by itself still gets through to a reader that is
		// not behind.
		s.slow.Inc()
		s.end(nil)
	default:
		s.queue.push(key, m)
	}
}

// Flush writes what waits if the peer takes it without waiting, or else has melody write it; with elsewhere in any case.
func (s *socket) Flush(elsewhere bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush(elsewhere)
}

// flush is Flush. Called with mu held.
func (s *socket) flush(elsewhere bool) {
	if s.closed || s.asked || s.queue.empty() {
		return
	}
	if elsewhere || !s.queue.small() || !s.link.tryWriting() {
		s.ask()
		return
	}
	for _, f := range s.takeReady() {
		go f() // it may wait for whoever called Flush
	}
}

// ping asks the peer whether it is there, once in pingPeriod. melody would do so in the goroutine that it has for each
// connection, whose stack grows for that and stays as large.
func (s *socket) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.queue.ping = true
	s.flush(false)
	s.beat.Reset(pingPeriod)
}

// ask has melody write what waits. Called with mu held.
func (s *socket) ask() {
	s.asked = true
	if s.session.WriteWithDeadline([]byte{}, writeWait) != nil {
		s.end(nil) // the session has ended; its reader is about to say so
	}
}

// wrote is called after melody has written what it was asked to.
func (s *socket) wrote() {
	for _, f := range s.goOn() {
		f()
	}
}

// goOn has melody go on, or returns what to call if nothing waits any more.
func (s *socket) goOn() []func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.underWay = false, 0
	switch {
	case s.closed:
		return nil
	case s.queue.empty():
		return s.takeReady()
	}
	s.ask()
	return nil
}

func (s *socket) takeReady() (ready []func()) {
	ready, s.ready = s.ready, nil
	return ready
}

// Ready calls f when no message waits any more.
func (s *socket) Ready(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.asked || !s.queue.empty():
		s.ready = append(s.ready, f)
	default:
		go f()
	}
}

// take takes out what is to be written next: small messages, whose frames it appends to burst, or if none comes first a large
// one.
func (s *socket) take(burst []byte) (small []byte, large message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	burst = s.queue.gather(burst)
	if len(burst) < maxBurst && !s.queue.empty() && !s.queue.small() {
		large = s.queue.pop()
	}
	s.underWay = len(burst) + len(large.text)
	if s.underWay > largeMessage {
		s.allowSilence()
	}
	return burst, large
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
		_ = s.session.WebsocketConnection().SetReadDeadline(time.Now().Add(silence(s.underWay)))
	}
}

// silence is how long a peer may say nothing that is being sent some bytes.
func silence(owed int) time.Duration {
	return pongWait + time.Duration(owed)*time.Second/slowestReader
}

// writeTime is how long some bytes may take to go out.
func writeTime(size int) time.Duration {
	return writeWait + time.Duration(size)*time.Second/slowestReader
}

// Close ends the connection after sending a close frame, past what is still waiting. It does not wait for a peer that does
// not read: a room closes all its connections in one go. What it returns is closed when the connection is.
func (s *socket) Close(code int, reason string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(websocket.FormatCloseMessage(code, reason))
	return s.ended
}

// end closes the connection, after a close frame if there is one. Called with mu held.
func (s *socket) end(frame []byte) {
	if s.closed {
		return
	}
	s.stop()
	go func() {
		defer close(s.ended)
		conn := s.session.WebsocketConnection()
		if frame != nil {
			_ = conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(closeWait))
		}
		_ = conn.Close()
	}()
}

// gone notes that the connection has ended.
func (s *socket) gone() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.stop()
		close(s.ended)
	}
}

// stop has nothing more be sent. Called with mu held.
func (s *socket) stop() {
	s.closed, s.queue, s.ready = true, outbox{}, nil
	s.ended = make(chan struct{})
	s.beat.Stop()
}
