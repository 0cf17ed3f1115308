package server

import (
	"bytes"
	"net/http"
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
	to gin.ResponseWriter
	// allow gives the client time to take in so many bytes.
	allow   func(size int)
	waiting []byte
	written time.Time
}

// beginEvents answers with events. The first, which says nothing, goes out at once: by it a client knows that whatever stands
// between lets events through.
func beginEvents(c *gin.Context) *events {
	h := c.Writer.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // has nginx pass them on as they come
	c.Status(http.StatusOK)
	return &events{to: c.Writer, allow: func(size int) { allowWriting(c, size) }}
}

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
		e.waiting = append(e.waiting, ":\n\n"...)
	}
	e.written = time.Now()
	e.allow(len(e.waiting))
	_, err := e.to.Write(e.waiting)
	e.to.Flush()
	if e.waiting = e.waiting[:0]; cap(e.waiting) > maxBurst {
		e.waiting = nil
	}
	return err
}
