package server

import (
	"bytes"
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// eventStream is the type of server-sent events, WHATWG HTML section 9.2.
	eventStream = "text/event-stream"
	// beat is after how long events that have nothing to say give a sign of life.
	beat = 10 * time.Second
)

// events are server-sent events on their way to a client.
type events struct {
	// write gives the client time to take in some bytes, and sends them.
	write   func([]byte) error
	waiting []byte
	written time.Time
}

// beginEvents answers with events. The first, which says nothing, goes out at once: by it a client knows that whatever stands
// between lets events through.
func beginEvents(c *gin.Context) *events {
	announceEvents(c.Writer.Header())
	c.Status(http.StatusOK)
	return &events{write: func(b []byte) error {
		allowWriting(c, len(b))
		_, err := c.Writer.Write(b)
		c.Writer.Flush()
		return err
	}}
}

func announceEvents(h http.Header) {
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // has nginx pass them on as they come
}

// tellEvents answers with the events that tell gives, until that returns. Where it can it takes the connection over, and tell
// runs after the request's handler: what net/http keeps for a request is several times what a connection takes that mostly waits.
// Then ctx does not end when the client goes, which shows when something is written.
func (s *Server) tellEvents(c *gin.Context, tell func(ctx context.Context, out *events)) {
	if c.Request.ProtoMajor != 1 {
		tell(c.Request.Context(), beginEvents(c))
		return
	}
	header := c.Writer.Header().Clone()
	conn, _, err := c.Writer.Hijack()
	if err != nil {
		tell(c.Request.Context(), beginEvents(c))
		return
	}
	announceEvents(header)
	header.Set("Connection", "close") // the end of the connection is that of the answer
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&b) // into memory: it cannot fail
	b.WriteString("\r\n")
	out := &events{waiting: b.Bytes(), write: func(b []byte) error {
		_ = conn.SetWriteDeadline(time.Now().Add(writeTime(len(b)))) // if the connection has ended, writing says so
		_, err := conn.Write(b)
		return err
	}}
	out.waiting = append(out.waiting, signOfLife...)
	go func() {
		defer conn.Close()
		defer func() { // net/http would do this in a handler
			if p := recover(); p != nil {
				s.logger.Error("events panicked", "panic", p, "stack", string(debug.Stack()))
			}
		}()
		tell(context.Background(), out)
	}()
}

// signOfLife is an event that says nothing.
const signOfLife = ":\n\n"

// allowWriting gives the client time to take in so many bytes.
func allowWriting(c *gin.Context, size int) {
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(writeTime(size))) // not every test's writer has one
}

// add adds an event. Without a name it is of the usual kind; without an ID it cannot be gone on from.
func (e *events) add(id, name string, data []byte) {
	if id != "" {
		e.field("id", []byte(id))
	}
	if name != "" {
		e.field("event", []byte(name))
	}
	for line := range bytes.SplitSeq(data, []byte{'\n'}) {
		e.field("data", line)
	}
	e.waiting = append(e.waiting, '\n')
}

func (e *events) field(name string, value []byte) {
	e.waiting = append(append(append(append(e.waiting, name...), ": "...), value...), '\n')
}

// flush writes what was added, or a sign of life if nothing has been for a while.
func (e *events) flush() error {
	if len(e.waiting) == 0 {
		if time.Since(e.written) < beat {
			return nil
		}
		e.waiting = append(e.waiting, signOfLife...)
	}
	e.written = time.Now()
	err := e.write(e.waiting)
	e.waiting = nil // most of the time nothing waits
	return err
}
