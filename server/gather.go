package server

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Most of what a server of many people does is writing to sockets, and most of that is the price of the call. Messages come
// in bursts: one commit makes many records durable, and each goes to everybody in the room. So a connection that is about to
// write a message first asks its socket for what else waits, and writes all of it in one call. Nothing is delayed for that:
// what gathers is what came while the call before was running.

// Gather returns a listener like l, over whose connections what waits for one peer is written in one call.
func Gather(l net.Listener) net.Listener { return gatheringListener{l} }

type gatheringListener struct{ net.Listener }

func (l gatheringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &gatheringConn{Conn: conn}, nil
}

// gatheringConn is a connection over which frames are written one at a time, as gorilla/websocket does.
type gatheringConn struct {
	net.Conn
	// more appends the frames of messages that wait. It is nil until the connection has a socket.
	more atomic.Pointer[func(burst []byte) []byte]
	// heard is called while data arrive, but no more often than every heardEvery; nil as well at first.
	heard atomic.Pointer[func()]
	last  time.Time
	// deadline is that of writes. One writes at a time, and sets it before.
	deadline time.Time
}

const (
	// gatherable is the size in bytes up to which a message is written together with others. Copying larger ones costs more
	// than it saves.
	gatherable = 1 << 10
	// maxBurst is about the most that is written in one call.
	maxBurst = 32 << 10
)

// deadlineGrain is by how much later a deadline must be to be set anew: it is there for peers that do not read at all, and
// setting it for every message would cost a part of what writing the message does.
const deadlineGrain = time.Second

// heardEvery is how often a socket is told that its peer is there.
const heardEvery = 5 * time.Second

// Read tells the socket when something has arrived: a message that takes minutes on a slow line lets no pong through, and must
// not pass for silence.
func (c *gatheringConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if heard := c.heard.Load(); n > 0 && heard != nil {
		if now := time.Now(); now.Sub(c.last) >= heardEvery {
			c.last = now
			(*heard)()
		}
	}
	return n, err
}

// SetWriteDeadline has writes fail at t, or up to deadlineGrain earlier.
func (c *gatheringConn) SetWriteDeadline(t time.Time) error {
	if later := t.Sub(c.deadline); later >= 0 && later < deadlineGrain {
		return nil
	}
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

// bursts are buffers, of which a connection has one only while it writes.
var bursts = sync.Pool{New: func() any { return new([]byte) }}

// Write writes b and, if that is a whole message of text, others that wait behind it.
func (c *gatheringConn) Write(b []byte) (int, error) {
	more := c.more.Load()
	if more == nil || !isMessage(b) {
		return c.Conn.Write(b)
	}
	burst := bursts.Get().(*[]byte)
	defer bursts.Put(burst)
	*burst = (*more)(append((*burst)[:0], b...))
	n, err := c.Conn.Write(*burst)
	return min(n, len(b)), err
}

// Bits of a frame's first two bytes, RFC 6455 section 5.2. A server's frames are not masked.
const (
	finalText = 1<<7 | websocket.TextMessage
	length16  = 126
)

// isMessage reports whether b is a whole small message of text in one frame, behind which another may begin.
func isMessage(b []byte) bool {
	switch {
	case len(b) < 2 || b[0] != finalText:
		return false
	case b[1] < length16:
		return len(b) == 2+int(b[1])
	case b[1] == length16 && len(b) >= 4:
		size := int(binary.BigEndian.Uint16(b[2:]))
		return size <= gatherable && len(b) == 4+size
	}
	return false
}

// appendMessage appends the frame of a message of at most gatherable bytes.
func appendMessage(burst, message []byte) []byte {
	if len(message) < length16 {
		burst = append(burst, finalText, byte(len(message)))
	} else {
		burst = binary.BigEndian.AppendUint16(append(burst, finalText, length16), uint16(len(message)))
	}
	return append(burst, message...)
}
