package server

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// streamSilence is how long a client over HTTP may ask for nothing and send nothing.
	streamSilence = 30 * time.Second
	// streamReturn is within how long a client comes back whose request to read broke off.
	streamReturn = 8 * time.Second
	// streamMemory is how many bytes of what a client has been given are kept for it until it says that it has them. The
	// newest batch is kept whatever its size.
	streamMemory = 1 << 20
)

// stream is the Conn of a client that comes over HTTP, in one request after the other. What it is told waits here until the
// client asks. From then on it has a number, counted from 1, and is kept until the client says that it has it: an answer that
// gets lost on the way is asked for again.
type stream struct {
	id, document string
	// key is known to whoever opened it alone: its name stands in logs. A cookie would not do: frames on other sites have none.
	key        string
	maxBacklog int
	slow       prometheus.Counter
	// left is called when nobody is there any more.
	left func()

	// receiving is held while something that the client sent is handled. It guards session and received.
	receiving sync.Mutex
	session   *session
	// received is how many messages of the client have been handled.
	received uint64

	mu    sync.Mutex
	queue outbox
	// kept are the newest messages that were given out; given is the number of the last of them.
	kept      [][]byte
	keptBytes int
	given     uint64
	// ready are called when the client has taken everything.
	ready []func()
	// news is poked when something waits, or the stream has ended.
	news chan struct{}
	// reader is closed when another request reads instead of the one that has it.
	reader chan struct{}
	// silence ends a stream of which nobody has heard, and forgets one that has ended.
	silence *time.Timer
	// end says how the stream ended; nil while it lasts. told is closed when the client has been told, and ended when that is
	// not waited for any more.
	end         *closure
	told, ended chan struct{}
}

// closure is what a client is told when its connection ends.
type closure struct {
	Code   int    `json:"code"`
	Reason string `json:"reason"`
}

func (c *closure) Error() string { return c.Reason }

var (
	// errForgotten: what the client asks for anew is not kept any more.
	errForgotten = errors.New("the stream does not remember so far back")
	// errAhead: the client says that it has what it was never given.
	errAhead = errors.New("the stream has not come so far")
	// errGap: messages of the client are missing.
	errGap = errors.New("messages that come before these are missing")
	// errReplaced: another request reads the stream by now.
	errReplaced = errors.New("another request reads this stream by now")
)

func (s *stream) Queue(key string, m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.end != nil:
	case s.queue.bytes > s.maxBacklog: // without this message; see socket.Queue
		s.slow.Inc()
		s.finish(&closure{CloseTryAgain, "more waits than is kept for one client"})
	default:
		s.queue.push(key, m)
	}
}

func (s *stream) Flush(bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.queue.empty() {
		poke(s.news)
	}
}

func (s *stream) Ready(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.ready = append(s.ready, f)
		poke(s.news)
	}
}

// Close ends the stream. Whoever reads it is told next, past what is still waiting; what it returns is closed then, or when
// nobody has come to be told for a while.
func (s *stream) Close(code int, reason string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(&closure{code, reason})
	return s.ended
}

// leave ends the stream as the client asks: nobody is to be told.
func (s *stream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(&closure{CloseTryAgain, "the client went away"})
	s.tell()
}

// finish ends the stream. Called with mu held.
func (s *stream) finish(c *closure) {
	if s.end != nil {
		return
	}
	s.end, s.queue, s.ready, s.kept = c, outbox{}, nil, nil
	s.silence.Reset(streamSilence) // a client that only polls learns of the end until then
	poke(s.news)
	go func() {
		defer close(s.ended)
		s.receiving.Lock()
		s.session.end()
		s.receiving.Unlock()
		s.left()
		select {
		case <-s.told:
		case <-time.After(closeWait):
		}
	}()
}

// heard notes that the client is there.
func (s *stream) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.silence.Reset(streamSilence)
	}
}

// receive handles messages of which the first has a number, counted from 1. Those that were handled before are passed over, so
// that a request can be sent again. It returns how many messages have been handled in all. The error is errGap or a *closure.
func (s *stream) receive(first uint64, messages [][]byte) (received uint64, err error) {
	s.heard()
	s.receiving.Lock()
	defer s.receiving.Unlock()
	if first > s.received+1 {
		return s.received, errGap
	}
	for i, message := range messages {
		if first+uint64(i) <= s.received {
			continue
		}
		if c := s.closure(); c != nil {
			return s.received, c
		}
		s.received++
		begin := time.Now()
		s.session.receive(message)
		if wait := s.session.visit.who.take(begin, len(message)); wait > 0 {
			time.Sleep(wait)
		}
	}
	if c := s.closure(); c != nil {
		return s.received, c
	}
	return s.received, nil
}

func (s *stream) closure() *closure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

// attach makes the caller the one who reads, from the message after number has on. replaced is closed when somebody else does.
// The error is errForgotten, errAhead or a *closure.
func (s *stream) attach(has uint64) (replaced <-chan struct{}, err error) {
	s.heard()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.end != nil:
		return nil, s.tell()
	case has > s.given:
		return nil, errAhead
	case has+uint64(len(s.kept)) < s.given:
		return nil, errForgotten
	}
	if s.reader != nil {
		close(s.reader)
	}
	s.reader = make(chan struct{})
	return s.reader, nil
}

// detach notes that the client who read does not any more. Unless it comes back soon, or another reads, it is gone.
func (s *stream) detach(reader <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil && s.reader == reader {
		s.silence.Reset(streamReturn)
	}
}

// tell returns how the stream ended, which the caller passes on to the client. Called with mu held.
func (s *stream) tell() *closure {
	select {
	case <-s.told:
	default:
		close(s.told)
	}
	return s.end
}

// next gives the messages after number has: those given before, or else the next that wait. There may be none: see news. The
// error is errForgotten or a *closure.
func (s *stream) next(has uint64) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return nil, s.tell()
	}
	if again := s.given - has; again > uint64(len(s.kept)) {
		return nil, errForgotten // the client has confirmed more meanwhile
	} else if again > 0 {
		return s.kept[uint64(len(s.kept))-again:], nil
	}
	s.forget()
	before := len(s.kept)
	for size := 0; size < maxBurst && !s.queue.empty(); {
		text := s.queue.pop().text
		s.kept = append(s.kept, text)
		size += len(text)
		s.keptBytes += len(text)
	}
	s.given += uint64(len(s.kept) - before)
	if len(s.kept) == before {
		for _, f := range s.ready {
			go f() // it may wait for whoever called
		}
		s.ready = nil
	}
	return s.kept[before:], nil
}

// confirm forgets the messages up to number has: the client has them.
func (s *stream) confirm(has uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for first := s.given - uint64(len(s.kept)) + 1; len(s.kept) > 0 && first <= has; first++ {
		s.drop()
	}
}

// forget drops the oldest of what is kept beyond its bound. Called with mu held.
func (s *stream) forget() {
	for s.keptBytes > streamMemory && len(s.kept) > 0 {
		s.drop()
	}
}

func (s *stream) drop() {
	s.keptBytes -= len(s.kept[0])
	if s.kept = s.kept[1:]; len(s.kept) == 0 {
		s.kept = nil
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
