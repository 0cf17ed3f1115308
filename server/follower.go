package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// follower is the Conn of a request that follows one document. Of edits it keeps only that there are some: they are read from
// the log, which has their authors and times. Of everything else it keeps what is new.
type follower struct {
	session *session
	// news is poked when something has happened.
	news chan struct{}

	mu sync.Mutex
	// edited says that there are new records.
	edited bool
	notes  []note
	// here are those who are in the document, by the names of their cursors.
	here map[string]json.RawMessage
	end  *closure
}

// note is something that happened beside the edits: an event's name and what is told of it.
type note struct {
	name string
	data []byte
}

// maxNotes is how many notes wait for a reader; one that is so far behind is cut.
const maxNotes = 10_000

// newFollower begins to follow a document from a revision on, which exists. Its room tells of what comes after d alone: what there
// is already is read from the log.
func (s *Server) newFollower(d described, v *visit, from uint64) *follower {
	f := &follower{news: make(chan struct{}, 1), edited: from < d.Revision, here: map[string]json.RawMessage{}}
	v.conn = f
	s.begin(v)
	f.session = newSession(f, anyRoom{archive{s}, f}, d.Document, v, &s.limits)
	f.session.metrics = s.metrics
	for _, message := range []string{
		`{"a":"q:hello","c":"documents","d":%q}`,
		`{"a":"ps","ch":"documents.%s","seq":1}`,
		`{"a":"s","c":"documents","d":%q,"v":` + fmt.Sprint(d.Revision) + `}`,
	} {
		f.session.receive(fmt.Appendf(nil, message, d.Document))
	}
	return f
}

// Kinds of messages that a follower looks at, by how they begin.
var (
	opBegins       = []byte(`{"a":"op",`)
	presenceBegins = []byte(`{"a":"p",`)
	aboutBegins    = []byte(`{"a":"q:about",`)
	noticeBegins   = []byte(`{"a":"q:notice",`)
)

func (f *follower) Queue(_ string, m message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.end != nil:
	case bytes.HasPrefix(m.text, opBegins):
		f.edited = true
	case bytes.HasPrefix(m.text, presenceBegins):
		f.presence(m.text)
	case bytes.HasPrefix(m.text, aboutBegins):
		f.about(m.text)
	case bytes.HasPrefix(m.text, noticeBegins):
		f.notice(m.text)
	}
	if len(f.notes) > maxNotes {
		f.finish(&closure{CloseTryAgain, "more waits than is kept for one client"})
	}
}

// visitor is what others say of themselves in their presence.
type visitor struct {
	Person string `json:"person,omitempty"`
	Name   string `json:"name,omitempty"`
}

// presence notes that somebody has come or gone. Called with mu held.
func (f *follower) presence(text []byte) {
	var told struct {
		ID, Src string
		P       json.RawMessage
	}
	_ = json.Unmarshal(text, &told) // it is our own
	var v visitor
	_ = json.Unmarshal(told.P, &v) // a presence without a name is one too
	key := told.Src + "/" + told.ID
	was, known := f.here[key]
	switch gone := string(told.P) == "null"; {
	case gone && known:
		delete(f.here, key)
		f.notes = append(f.notes, note{"leave", was})
	case !gone && !known:
		now, _ := json.Marshal(v) // strings alone
		f.here[key] = now
		f.notes = append(f.notes, note{"join", now})
	}
}

// about notes a new title, kind or language. Called with mu held.
func (f *follower) about(text []byte) {
	var told struct {
		Title    string `json:"title"`
		Kind     string `json:"kind"`
		Language string `json:"language,omitempty"`
	}
	_ = json.Unmarshal(text, &told) // it is our own
	data, _ := json.Marshal(told)   // strings alone
	f.notes = append(f.notes, note{"title", data})
}

// notice notes what whoever runs the server has to say. Called with mu held.
func (f *follower) notice(text []byte) {
	var told struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(text, &told) // it is our own
	data, _ := json.Marshal(told)   // a string alone
	f.notes = append(f.notes, note{"notice", data})
}

func (f *follower) Flush(bool) { poke(f.news) }

// Ready calls fn at once: a follower has taken everything as soon as it is told.
func (f *follower) Ready(fn func()) { go fn() }

func (f *follower) Close(code int, reason string) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finish(&closure{code, reason})
	ended := make(chan struct{})
	close(ended)
	return ended
}

// finish ends it. Called with mu held.
func (f *follower) finish(c *closure) {
	if f.end == nil {
		f.end, f.notes = c, nil
		poke(f.news)
	}
}

// take returns what has happened since it was last asked. The error is a *closure.
func (f *follower) take() (edited bool, notes []note, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end != nil {
		return false, nil, f.end
	}
	edited, notes = f.edited, f.notes
	f.edited, f.notes = false, nil
	return edited, notes, nil
}

// isEnd says whether an error is that a connection has ended.
func isEnd(err error) bool {
	_, ok := errors.AsType[*closure](err)
	return ok
}
