package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// ndjson is the type of messages, one in each line.
	ndjson = "application/x-ndjson"
	// streamKey is the header that shows that a stream is the caller's.
	streamKey = "Stream-Key"
	// usualPoll is how long a request for messages is held if it does not say, maxPoll how long at most: whoever says nothing
	// for streamSilence is taken for gone.
	usualPoll = 20 * time.Second
	maxPoll   = streamSilence - 5*time.Second
	// maxWait is how long a request that follows a document is held at most: proxies give up after a minute.
	maxWait = 50 * time.Second
)

// openStream begins the session of a client that comes over HTTP, and hands it what the client has to say already.
func (s *Server) openStream(c *gin.Context) {
	if !s.fromAllowedOrigin(c) {
		return
	}
	document := c.Query("document")
	if document != "" && !validDocument(document) {
		problem(c, http.StatusNotFound, notDocument)
		return
	}
	messages, ok := s.readMessages(c)
	if !ok || !s.admit(c) {
		return
	}
	defer s.admitted()
	v := s.enter(c)
	if v == nil {
		return
	}
	st := s.streams.open(document, v, func() { s.end(v) })
	if st == nil {
		s.end(v)
		s.fail(c, errShuttingDown)
		return
	}
	received, err := s.receive(st, 1, messages)
	if err != nil {
		s.failStream(c, err)
		return
	}
	c.Header("Location", s.base+"/stream/"+st.id)
	c.JSON(http.StatusCreated, gin.H{"stream": st.id, "key": st.key, "received": received})
}

// withStream calls next with the stream that the address names, if it is the caller's.
func (s *Server) withStream(next func(c *gin.Context, st *stream)) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !s.fromAllowedOrigin(c) {
			return
		}
		if st := s.streams.find(c.Param("stream"), c.GetHeader(streamKey)); st != nil {
			next(c, st)
			return
		}
		problem(c, http.StatusNotFound, "There is no such stream any more. Open a new one; nothing that was confirmed is lost.")
	}
}

// writeStream takes messages of a client: in order, each once, however often they are sent.
func (s *Server) writeStream(c *gin.Context, st *stream) {
	first, err := strconv.ParseUint(c.Query("first"), 10, 64)
	if err != nil || first == 0 {
		problem(c, http.StatusBadRequest, "first is the number of the first message, counted from 1.")
		return
	}
	messages, ok := s.readMessages(c)
	if !ok {
		return
	}
	if has, err := strconv.ParseUint(c.Query("has"), 10, 64); err == nil {
		st.confirm(has)
	}
	received, err := s.receive(st, first, messages)
	if errors.Is(err, errGap) {
		problem(c, http.StatusConflict, fmt.Sprintf("Messages are missing before these. Send them again from number %d on.", received+1))
		return
	}
	if err != nil {
		s.failStream(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"received": received})
}

// receive hands messages to a stream. A panic ends that stream alone.
func (s *Server) receive(st *stream, first uint64, messages [][]byte) (received uint64, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.logger.Error("message panicked", "stream", st.id, "panic", p, "stack", string(debug.Stack()))
			st.Close(CloseTryAgain, "something went wrong on the server")
			err = st.closure()
		}
	}()
	return st.receive(first, messages)
}

// readMessages reads a body of one message in a line.
func (s *Server) readMessages(c *gin.Context) ([][]byte, bool) {
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(bodyTime)) // not every test's writer has one
	limit := 2 * s.limits.MessageBytes                                                 // as of a WebSocket
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		problem(c, http.StatusRequestEntityTooLarge, fmt.Sprintf("A request can have %d bytes; this has more.", limit))
		return nil, false
	}
	if err != nil {
		problem(c, http.StatusBadRequest, "The request ended before all of it had arrived. Send it again.")
		return nil, false
	}
	if len(body) > 0 && c.ContentType() != ndjson {
		problem(c, http.StatusUnsupportedMediaType, "Messages come as "+ndjson+": one in each line.")
		return nil, false
	}
	var messages [][]byte
	for line := range bytes.Lines(body) {
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 {
			messages = append(messages, line)
		}
	}
	return messages, true
}

// endStream ends a client's session: it goes away.
func (s *Server) endStream(c *gin.Context, st *stream) {
	st.leave()
	c.Status(http.StatusNoContent)
}

// readStream gives a client what it is told: as server-sent events for as long as it listens, or else one batch of messages as
// soon as there is one.
func (s *Server) readStream(c *gin.Context, st *stream) {
	has, err := hasMessages(c)
	if err != nil {
		problem(c, http.StatusBadRequest, "has, or Last-Event-ID, is the number of the last message that you have.")
		return
	}
	replaced, err := st.attach(has)
	if err != nil {
		s.failStream(c, err)
		return
	}
	st.confirm(has)
	if c.NegotiateFormat(gin.MIMEJSON, eventStream) == eventStream {
		s.pushEvents(c, st, has, replaced)
		return
	}
	s.answerPoll(c, st, has, replaced)
}

// hasMessages reads the number of the last message that the client has.
func hasMessages(c *gin.Context) (uint64, error) {
	has := c.GetHeader("Last-Event-ID")
	if has == "" {
		has = c.DefaultQuery("has", "0")
	}
	return strconv.ParseUint(has, 10, 64)
}

// await waits until a stream has something for the client.
func (st *stream) await(c *gin.Context, replaced <-chan struct{}, atMost time.Duration) error {
	late := time.NewTimer(atMost)
	defer late.Stop()
	select {
	case <-st.news:
		return nil
	case <-late.C:
		return nil
	case <-replaced:
		poke(st.news) // it may have been for the other
		return errReplaced
	case <-c.Request.Context().Done():
		st.detach(replaced)
		return c.Request.Context().Err()
	}
}

// answerPoll answers with what waits, or if nothing does with what comes next.
func (s *Server) answerPoll(c *gin.Context, st *stream, has uint64, replaced <-chan struct{}) {
	atMost, err := waitOf(c, usualPoll, maxPoll)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error()+".")
		return
	}
	messages, err := st.next(has)
	for until := time.Now().Add(atMost); err == nil && len(messages) == 0 && time.Now().Before(until); {
		if err = st.await(c, replaced, time.Until(until)); err == nil {
			messages, err = st.next(has)
		}
	}
	if err != nil {
		s.failStream(c, err)
		return
	}
	st.heard() // it may have waited for long
	body := fmt.Appendf(nil, `{"first":%d,"messages":[`, has+1)
	for i, m := range messages {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, m...)
	}
	allowWriting(c, len(body))
	c.Data(http.StatusOK, gin.MIMEJSON, append(body, "]}"...))
}

// waitOf reads for how long a request may be held: what it says, else otherwise, and no longer than atMost.
func waitOf(c *gin.Context, otherwise, atMost time.Duration) (time.Duration, error) {
	q := c.Query("wait")
	if q == "" {
		return otherwise, nil
	}
	wait, err := time.ParseDuration(q)
	if err != nil || wait < 0 {
		return 0, errors.New("wait is how long to wait for news, such as 20s")
	}
	return min(wait, atMost), nil
}

// pushEvents sends a stream's messages as events until the client, the stream or the server goes.
func (s *Server) pushEvents(c *gin.Context, st *stream, has uint64, replaced <-chan struct{}) {
	out := beginEvents(c)
	for {
		messages, err := st.next(has)
		for _, m := range messages {
			has++
			out.add(strconv.FormatUint(has, 10), "", m)
		}
		if ended, ok := errors.AsType[*closure](err); ok {
			last, _ := json.Marshal(ended)
			out.add("", "close", last)
		}
		if out.flush() != nil {
			st.detach(replaced)
			return
		}
		if err != nil {
			return
		}
		if len(messages) == 0 && st.await(c, replaced, beat) != nil {
			return
		}
	}
}

// failStream answers a request about a stream that cannot go on.
func (s *Server) failStream(c *gin.Context, err error) {
	if ended, ok := errors.AsType[*closure](err); ok {
		problemWith(c, problemDetails{
			Status: http.StatusGone, Detail: "The stream has ended: " + ended.Reason + ". Open a new one; nothing that was confirmed is lost.", CloseCode: ended.Code,
		})
		return
	}
	switch {
	case errors.Is(err, errForgotten):
		problem(c, http.StatusGone, "That is too long ago: not all that came since is kept. Open a new stream and load the document; nothing that was confirmed is lost.")
	case errors.Is(err, errAhead):
		problem(c, http.StatusBadRequest, "This stream has not given out as many messages.")
	case errors.Is(err, errReplaced):
		problem(c, http.StatusConflict, "Another request reads this stream by now.")
	default:
		s.fail(c, err)
	}
}
