package server

import (
	"crypto/subtle"
	"maps"
	"slices"
	"sync"
	"time"
)

// streams are the clients that come over HTTP, by the names of their streams.
type streams struct {
	// meet makes the session of a stream.
	meet   func(*stream, *visit) *session
	limits Limits
	// metrics are those of all sessions.
	metrics *Metrics

	mu     sync.Mutex
	here   map[string]*stream
	closed bool
}

// open makes a stream for somebody, for one document or with "" for any. left is called when the client has gone. It answers
// nil while the server ends.
func (ss *streams) open(document string, v *visit, left func()) *stream {
	s := &stream{
		id: newID(), document: document, key: newID(), maxBacklog: ss.limits.BacklogBytes, slow: ss.metrics.slow, left: left,
		news: make(chan struct{}, 1), told: make(chan struct{}), ended: make(chan struct{}),
	}
	s.receiving.Lock() // whatever ends it already waits until it is made
	defer s.receiving.Unlock()
	if !ss.add(s) {
		return nil
	}
	v.conn = s
	s.session = ss.meet(s, v)
	s.session.metrics = ss.metrics
	return s
}

// add makes a stream known; false while the server ends.
func (ss *streams) add(s *stream) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.closed {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silence = time.AfterFunc(streamSilence, func() { ss.silent(s) })
	ss.here[s.id] = s
	return true
}

// find returns a stream for whoever has its key.
func (ss *streams) find(id, key string) *stream {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if s := ss.here[id]; s != nil && subtle.ConstantTimeCompare([]byte(s.key), []byte(key)) == 1 {
		return s
	}
	return nil
}

// silent ends a stream of which nothing has been heard, or forgets one that has ended.
func (ss *streams) silent(s *stream) {
	s.Close(CloseTryAgain, "nothing was heard of this client")
	<-s.ended
	ss.mu.Lock()
	defer ss.mu.Unlock()
	delete(ss.here, s.id)
}

// close ends every stream and waits for that. None can be opened any more.
func (ss *streams) close(code int, reason string) {
	ss.mu.Lock()
	ss.closed = true
	all := slices.Collect(maps.Values(ss.here))
	ss.mu.Unlock()
	for _, s := range all {
		s.Close(code, reason)
	}
	for _, s := range all {
		<-s.ended
		s.silence.Stop()
	}
}
