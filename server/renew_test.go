package server

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
)

// embeddedSession is a user of another site in a room of its own, in the virtual time of a synctest bubble.
type embeddedSession struct {
	t      *testing.T
	server *Server
	room   *heldRoom
	runner *runner
	conn   *sharedConn
	*session
}

func openEmbedded(t *testing.T) *embeddedSession {
	t.Helper()
	room := openHeld(t, "a")
	rn := newRunner(room.Room, make(chan struct{}))
	p := &place{runner: rn, ready: make(chan struct{})}
	close(p.ready)
	room.now, room.alarm = nowMillis, p.wakeAt
	go rn.run()
	t.Cleanup(func() {
		p.wakeAt(0)
		rn.shutdown()
		<-rn.done
	})
	ts := &Server{
		sessions: sessions{sealer{make([]byte, secretBytes)}}, principals: newPrincipals(DefaultLimits),
		callbacks: newCallbacks(nil), sites: shelf[site.Site]{list: []site.Site{{ID: "wiki"}}, known: true},
	}
	e := &embeddedSession{t: t, server: ts, room: room, runner: rn}
	e.connect()
	return e
}

// connect begins a connection that nothing was said on.
func (e *embeddedSession) connect() {
	e.conn = &sharedConn{}
	ann, err := e.server.principals.enter("guest:ann")
	if err != nil {
		e.t.Fatal(err)
	}
	v := &visit{who: ann, caller: access.Caller{Principal: "guest:ann"}, conn: e.conn}
	e.session = newSession(e.conn, oneRoom{archive{e.server}, e.runner}, "doc", v, &DefaultLimits)
}

// say returns the answers to a message.
func (e *embeddedSession) say(message string, args ...any) string {
	e.t.Helper()
	e.receive(fmt.Appendf(nil, message, args...))
	synctest.Wait()
	e.runner.post(event{kind: eventCall, call: func(*Room) { e.room.sync() }})
	return e.heard()
}

// heard returns what ann was told.
func (e *embeddedSession) heard() string {
	synctest.Wait()
	return e.conn.take()
}

func (e *embeddedSession) expectClosed(when string, code int) {
	e.t.Helper()
	e.conn.mu.Lock()
	defer e.conn.mu.Unlock()
	if e.conn.closed != code {
		e.t.Errorf("%s the connection is closed with %d", when, e.conn.closed)
	}
}

// sharedConn is a connection to which a session and its room speak at the same time.
type sharedConn struct {
	mu sync.Mutex
	notedConn
}

func (c *sharedConn) Queue(key string, m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notedConn.Queue(key, m)
}

func (c *sharedConn) Close(code int, reason string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notedConn.Close(code, reason)
}

func (c *sharedConn) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notedConn.take()
}

// show says who ann is, in a handshake, for a while from now on.
func (e *embeddedSession) show(life time.Duration) string {
	e.t.Helper()
	token := e.server.sessions.token(embeddedAs{
		Site: "wiki", Subject: "ann", Scope: access.Scope{Role: access.Editor}, Expires: time.Now().Add(life).UnixMilli(),
	})
	return e.say(`{"a":"hs","id":"ann","protocol":1,"protocolMinor":2,"token":%q}`, token)
}

func (e *embeddedSession) edit(version, seq int) string {
	e.t.Helper()
	return e.say(`{"a":"op","c":"documents","d":"doc","v":%d,"src":"ann","seq":%d,"op":[{"insert":"x"}]}`, version, seq)
}

// after lets time pass, and returns what ann is told meanwhile.
func (e *embeddedSession) after(d time.Duration) string {
	time.Sleep(d)
	return e.heard()
}

func (e *embeddedSession) expect(when, got string, parts ...string) {
	e.t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			e.t.Errorf("%s ann is told %q, without %s", when, got, part)
		}
	}
	if len(parts) == 0 && got != "" {
		e.t.Errorf("%s ann is told %q", when, got)
	}
}

func TestSessionIsRenewedOnTheConnectionThatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := openEmbedded(t)
		e.show(2 * time.Minute)
		e.expect("at first", e.say(`{"a":"q:hello","c":"documents","d":"doc"}`), `"role":"editor"`)
		e.expect("a minute later", e.after(time.Minute))
		e.expect("with a new token", e.show(5*time.Minute), `"a":"hs"`)
		e.expect("when the first would have ended", e.after(4*time.Minute))
		e.expect("then", e.edit(1, 1), `"seq":1}`)
		e.expect("at the end", e.after(time.Minute), `"a":"q:role"`, `"role":"viewer"`)
		e.expect("in the grace", e.after(59*time.Second))
		e.expect("renewed in the grace", e.show(time.Minute), `"a":"q:role"`, `"role":"editor"`)
		e.expect("again", e.edit(2, 2), `"seq":2}`)
		e.expect("at the next end", e.after(time.Minute), `"role":"viewer"`)
		e.after(59 * time.Second)
		e.expectClosed("in the grace", 0)
		e.after(time.Second)
		e.expectClosed("after the grace", CloseUnauthorized)
	})
}

// What was typed in the last moment of a token arrives after it. A refusal would have the author's browser take it back.
func TestEditThatComesAfterItsTokenHasExpiredIsSentAgainWithAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := openEmbedded(t)
		e.show(time.Minute)
		e.say(`{"a":"q:hello","c":"documents","d":"doc"}`)
		e.after(time.Minute)
		e.edit(1, 1)
		e.expectClosed("by a late edit", CloseUnauthorized)
		e.connect()
		e.show(time.Minute)
		e.expect("with another token", e.edit(1, 1), `"v":1`, `"seq":1}`)
	})
}

func TestTokenOfSomebodyElseDoesNotRenewASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := openEmbedded(t)
		e.show(time.Minute)
		e.say(`{"a":"q:hello","c":"documents","d":"doc"}`)
		token := e.server.sessions.token(embeddedAs{Site: "wiki", Subject: "ben", Scope: access.Scope{Role: access.Owner}, Expires: nowMillis() + 60_000})
		e.say(`{"a":"hs","id":"ann","protocol":1,"protocolMinor":2,"token":%q}`, token)
		e.expectClosed("by ben's token", CloseUnauthorized)
	})
}
