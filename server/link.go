package server

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Most of what a server of many people does is writing to sockets, and most of that is the price of the call and of waking
// whoever makes it. melody has a goroutine for each connection that writes one message in one call. A link lies beneath and
// writes what waits for its peer in one call; the room that has something to say makes that call itself, as long as the peer
// takes it without waiting. melody's goroutine is left with those that do not.

// Gather returns a listener like l, over whose connections what waits for one peer is written in one call.
func Gather(l net.Listener) net.Listener { return gatheringListener{l} }

type gatheringListener struct{ net.Listener }

func (l gatheringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &link{Conn: conn}, nil
}

// link is a connection as gorilla/websocket has it beneath itself. A socket lets it write what waits: when gorilla writes an
// empty message, which none of ours is.
type link struct {
	net.Conn
	// socket has what is to be written. It is nil until the connection has become a WebSocket, and does not change then.
	socket *socket
	// connection is nil until it has been made.
	connection atomic.Pointer[connection]
	// inflating reads a peer's compressed messages; nil if it may send none, and then it is not sent any either.
	inflating *inflation
	// heard is told that the peer is there; last is when it was.
	heard func()
	last  time.Time

	// writing guards what follows, and that frames are written whole.
	writing sync.Mutex
	// rest is what the peer did not take of a burst without waiting. Nothing is written before it.
	rest []byte
	// deadline is that of writes, and asked the one that gorilla wants for what it is about to write.
	deadline, asked time.Time
	now             writeNow
}

const (
	// gatherable is the size in bytes up to which a message is written together with others. Copying larger ones costs more
	// than it saves.
	gatherable = 1 << 10
	// maxBurst is about the most that is written in one call.
	maxBurst = 32 << 10
	// deadlineGrain is by how much later a deadline must be to be set anew: it is there for peers that do not read at all, and
	// setting it for every message would cost a part of what writing the message does.
	deadlineGrain = time.Second
	// heardEvery is how often a link tells that its peer is there.
	heardEvery = 5 * time.Second
)

// attach has a link write what waits for a socket, and with compress take compressed messages.
func (l *link) attach(s *socket, compress bool) {
	l.socket, l.heard = s, s.heard
	if compress {
		l.inflating = newInflation(readerFunc(l.receive))
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// Read reads frames, of which none is compressed.
func (l *link) Read(b []byte) (int, error) {
	if l.inflating == nil {
		return l.receive(b)
	}
	n, err := l.inflating.Read(b)
	if errors.Is(err, errMalformed) {
		<-l.socket.Close(CloseMalformed, err.Error()) // the close frame goes before the connection does
	}
	return n, err
}

// receive tells the socket when something has arrived: a message that takes minutes on a slow line lets no pong through, and
// must not pass for silence.
func (l *link) receive(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 && l.heard != nil {
		if now := time.Now(); now.Sub(l.last) >= heardEvery {
			l.last = now
			l.heard()
		}
	}
	return n, err
}

// SetWriteDeadline has what gorilla writes next fail at t, or up to deadlineGrain earlier. Nobody writes at the same time but
// tryWriting, which does not wait.
func (l *link) SetWriteDeadline(t time.Time) error {
	l.asked = t
	return nil
}

// setDeadline has writes fail at t, or up to deadlineGrain earlier. Called with writing held.
func (l *link) setDeadline(t time.Time) {
	if later := t.Sub(l.deadline); later < 0 || later >= deadlineGrain {
		l.deadline = t
		_ = l.Conn.SetWriteDeadline(t) // if the connection has ended, writing says so
	}
}

// request is what gorilla writes to have what waits written: the frame of an empty message.
var request = string(appendHeader(nil, finalText, 0))

// Write writes what waits if b is the request for that, and else b.
func (l *link) Write(b []byte) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.socket != nil && string(b) == request {
		return len(b), l.writeWaiting()
	}
	l.setDeadline(l.asked)
	if err := l.writeRest(); err != nil {
		return 0, err
	}
	return l.Conn.Write(b)
}

func (l *link) writeRest() error {
	if len(l.rest) == 0 {
		return nil
	}
	_, err := l.Conn.Write(l.rest)
	l.rest = nil
	return err
}

// bursts are buffers, of which a connection has one only while it writes.
var bursts = sync.Pool{New: func() any { return new([]byte) }}

// writeWaiting writes one burst of what waits, however long the peer takes for it. Called with writing held.
func (l *link) writeWaiting() error {
	burst := bursts.Get().(*[]byte)
	defer bursts.Put(burst)
	small, large := l.socket.take((*burst)[:0])
	*burst = small
	var payload []byte
	if large.text != nil {
		payload = large.text
		first := byte(finalText)
		if l.inflating != nil {
			if packed := large.pack(); packed != nil {
				payload, first = packed, finalText|compressed
			}
		}
		*burst = appendHeader(*burst, first, len(payload))
	}
	l.setDeadline(time.Now().Add(writeTime(len(l.rest) + len(*burst) + len(payload))))
	if err := l.writeRest(); err != nil {
		return err
	}
	if payload == nil {
		_, err := l.Conn.Write(*burst)
		return err
	}
	_, err := (&net.Buffers{*burst, payload}).WriteTo(l.Conn)
	return err
}

// writeNow is a write that does not wait.
type writeNow struct {
	raw   syscall.RawConn
	write func(fd uintptr)
	b     []byte
	n     int
	err   error
}

// tryWriting writes one burst of what waits for the socket, which is locked, as far as the peer takes it without waiting. It
// says whether nothing is left over for a write that waits.
func (l *link) tryWriting() (done bool) {
	if !l.writing.TryLock() {
		return false
	}
	defer l.writing.Unlock()
	if len(l.rest) > 0 || !l.now.prepare(l.Conn) {
		return false
	}
	burst := bursts.Get().(*[]byte)
	defer bursts.Put(burst)
	*burst = l.socket.queue.gather((*burst)[:0])
	n := l.now.do(*burst)
	if n < len(*burst) {
		l.rest = append(l.rest, (*burst)[n:]...)
	}
	return len(l.rest) == 0 && l.socket.queue.empty()
}

// prepare says whether there is a way to write to a connection without waiting.
func (w *writeNow) prepare(conn net.Conn) bool {
	if w.raw == nil {
		sys, ok := conn.(syscall.Conn)
		if !ok || !canWriteNow {
			return false
		}
		raw, err := sys.SyscallConn()
		if err != nil {
			return false
		}
		w.raw = raw
		w.write = func(fd uintptr) { w.n, w.err = writeSocket(fd, w.b) }
	}
	return true
}

// do writes what the connection takes of b. Whatever goes wrong shows when somebody writes the rest.
func (w *writeNow) do(b []byte) int {
	w.b, w.n, w.err = b, 0, nil
	if len(b) == 0 || w.raw.Control(w.write) != nil || w.err != nil {
		w.n = 0
	}
	w.b = nil
	return w.n
}
