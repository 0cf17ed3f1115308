package server

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/server/wire"
)

func limited(change func(*Limits)) func(*Options) {
	return func(o *Options) {
		o.Limits = DefaultLimits
		change(&o.Limits)
	}
}

func TestWhoSaysMoreThanIsReadWaitsAndIsNotRefused(t *testing.T) {
	begin := time.Now()
	p := newPrincipal("flood", Limits{MessagesPerSecond: 10, BytesPerSecond: 1 << 20}, begin)
	for message := 1; message <= 10; message++ {
		if wait := p.take(begin, 1); wait != 0 {
			t.Fatalf("message %d waits %s", message, wait)
		}
	}
	for behind := 1; behind <= 3; behind++ {
		if wait, want := p.take(begin, 1), time.Duration(behind)*100*time.Millisecond; wait.Round(time.Millisecond) != want {
			t.Fatalf("it waits %s, want %s", wait, want)
		}
	}
	if wait := p.take(begin.Add(time.Hour), 1); wait != 0 {
		t.Fatalf("after an hour it waits %s", wait)
	}
	if p.messages.left > 9 {
		t.Fatalf("a quiet hour is worth %v messages", p.messages.left)
	}
}

func TestWhoSendsMoreBytesThanAreReadWaitsAndIsNotRefused(t *testing.T) {
	begin := time.Now()
	p := newPrincipal("flood", Limits{MessagesPerSecond: 1000, BytesPerSecond: 1 << 20}, begin)
	if wait := p.take(begin, 1<<20); wait != 0 {
		t.Fatalf("a megabyte waits %s", wait)
	}
	if wait := p.take(begin, 2<<20); wait != 2*time.Second {
		t.Fatalf("two more wait %s", wait)
	}
	if wait := p.take(begin.Add(3*time.Second), 1); wait != 0 {
		t.Fatalf("after that a keystroke waits %s", wait)
	}
}

func TestPersonUsesSoManyDocumentsOverAllConnections(t *testing.T) {
	ts := serveAt(t, t.TempDir(), limited(func(l *Limits) { l.DocumentsPerPrincipal = 2 }))
	cookie := http.Header{"Cookie": {guestCookie + "=" + ts.guests.value("ann")}}
	var docs [3]string
	for i := range docs {
		docs[i] = ts.create("text", "")
	}
	first, second := ts.dialWith(cookie, ""), ts.dialWith(cookie, "")
	first.on(docs[0]).follow()
	second.on(docs[1]).follow()
	second.on(docs[2]).send(subscribe)
	second.expectError("ERR_LIMIT_EXCEEDED")
	ts.joinAny("").on(docs[2]).follow() // others have their own
	first.conn.Close()
	for m := second.receive; ; { // until the server has noticed
		second.on(docs[2]).send(subscribe)
		if m()["error"] == nil {
			break
		}
	}
}

func TestFloodIsReadSlowlyAndAnsweredInFull(t *testing.T) {
	ts := serveAt(t, t.TempDir(), limited(func(l *Limits) { l.MessagesPerSecond = 1000 }))
	p := ts.join(ts.create("text", ""), "")
	for seq := 1; seq <= 1200; seq++ {
		p.send(`{"a":"pp"}`)
	}
	for range 1200 {
		p.expect(`{"a":"pp"}`)
	}
}

func TestPersonHasSoManyConnectionsAndOthersTheirOwn(t *testing.T) {
	ts := serveAt(t, t.TempDir(), limited(func(l *Limits) { l.SessionsPerPrincipal = 2 }))
	doc := ts.create("text", "")
	cookie := guestCookie + "=" + ts.guests.value("ann")
	dial := func(cookie string) (*websocket.Conn, *http.Response) {
		header := http.Header{}
		if cookie != "" {
			header.Set("Cookie", cookie)
		}
		conn, resp, _ := websocket.DefaultDialer.Dial(ts.address(doc), header)
		if conn != nil {
			t.Cleanup(func() { conn.Close() })
		}
		return conn, resp
	}
	first, _ := dial(cookie)
	if second, _ := dial(cookie); first == nil || second == nil {
		t.Fatal("two connections are too many")
	}
	if third, resp := dial(cookie); third != nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("the third connection is answered %v", resp.Status)
	}
	if other, _ := dial(""); other == nil {
		t.Fatal("somebody else is refused")
	}
	first.Close()
	for again, _ := dial(cookie); again == nil; again, _ = dial(cookie) {
		continue // until the server has noticed
	}
}

func TestUsersOfASiteHaveSoManyConnectionsTogetherAndOthersTheirOwn(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	added, secret, err := ts.AddSite(t.Context(), site.Site{
		Name: "small", Origins: []string{"https://small.example"}, Audience: "https://docs.example", Algorithm: site.Secret, Sessions: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	small, large := host{added, ts, secret}, ts.host()
	dial := func(h host, user string) (*websocket.Conn, *http.Response) {
		header := http.Header{"Authorization": {"Bearer " + h.begin(h.claims(user, doc, access.Editor), http.StatusCreated).Session}}
		conn, resp, _ := websocket.DefaultDialer.Dial(ts.address(doc), header)
		if conn != nil {
			t.Cleanup(func() { conn.Close() })
		}
		return conn, resp
	}
	first, _ := dial(small, "ann")
	if second, _ := dial(small, "ben"); first == nil || second == nil {
		t.Fatal("two connections are too many")
	}
	if third, resp := dial(small, "eve"); third != nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("the third connection is answered %v", resp.Status)
	}
	if other, _ := dial(large, "eve"); other == nil {
		t.Fatal("a user of another site is refused")
	}
	first.Close()
	for again, _ := dial(small, "eve"); again == nil; again, _ = dial(small, "eve") {
		continue // until the server has noticed
	}
}

// A whole school sits behind one address.
func TestTwoHundredPeopleBehindOneAddressTypeAndNobodyIsRefused(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	for version := 1; version <= 200; version++ {
		p := ts.join(doc, "")
		p.edit(version, 1, `[{"insert":"x"}]`)
		p.expect(ack(version, 1))
	}
}

// Where the server has no room for more people, those who come are asked to come later, and those who are here go on.
func TestAFullServerAsksOthersToComeLater(t *testing.T) {
	for name, limit := range map[string]func(*Server){
		"connections": func(s *Server) { s.limits.Sessions = 1 },
		"memory":      func(s *Server) { s.memory = memoryWatch{limit: 1} },
	} {
		ts := serveNew(t)
		doc := ts.create("text", "")
		ann := ts.join(doc, "")
		limit(ts.Server)
		status, header, body := ts.do(http.MethodGet, "/ws/"+doc, "", upgrade...)
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("%s: answered %d %s, Retry-After %q", name, status, body, header.Get("Retry-After"))
		}
		ann.edit(1, 1, `[{"insert":"x"}]`)
		ann.expect(ack(1, 1))
	}
}

func TestConnectionsBeyondWhatIsMadeAtATimeAreAskedToComeAtDifferentTimes(t *testing.T) {
	ts := serveAt(t, t.TempDir(), limited(func(l *Limits) { l.Arrivals = 1 }))
	doc := ts.create("text", "")
	ts.arriving <- struct{}{}
	hints := map[string]bool{}
	for range 50 {
		status, header, _ := ts.do(http.MethodGet, "/ws/"+doc, "", upgrade...)
		seconds, err := strconv.Atoi(header.Get("Retry-After"))
		if status != http.StatusServiceUnavailable || err != nil || seconds < 1 || seconds > maxRetryAfter {
			t.Fatalf("answered %d, Retry-After %q", status, header.Get("Retry-After"))
		}
		hints[header.Get("Retry-After")] = true
	}
	if len(hints) < 3 {
		t.Fatalf("everybody is asked to come back at the same time: %v", hints)
	}
	ts.admitted()
	for range 3 { // a connection that has been made does not count any more, as soon as the server has noticed
		conn, _, err := websocket.DefaultDialer.Dial(ts.address(doc), nil)
		for err != nil {
			conn, _, err = websocket.DefaultDialer.Dial(ts.address(doc), nil)
		}
		t.Cleanup(func() { conn.Close() })
	}
}

func TestInboxHoldsFewLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rn := newRunner(openHeld(t, "").Room, make(chan struct{}))
		post := func(size int) {
			rn.post(event{kind: eventRequest, member: &member{conn: &notedConn{}}, request: &wire.Request{Action: "zz", Size: size}})
		}
		for range maxLarge {
			post(largeMessage + 1)
		}
		posted := false
		go func() {
			post(largeMessage + 1)
			posted = true
		}()
		synctest.Wait()
		if posted {
			t.Fatalf("more than %d large messages wait", maxLarge)
		}
		post(largeMessage) // small ones have their own room
		go rn.run()
		synctest.Wait()
		if !posted {
			t.Fatal("it waits though the inbox is empty")
		}
		rn.shutdown()
	})
}

func TestPeerIsHeardWhileAMessageArrivesSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		heard := 0
		conn := &link{Conn: near, heard: func() { heard++ }}
		go func() {
			for range 60 { // a byte in a second
				<-time.After(time.Second)
				_, _ = far.Write([]byte("x"))
			}
			far.Close()
		}()
		var buffer [1]byte
		for {
			if _, err := conn.Read(buffer[:]); err != nil {
				break
			}
		}
		if heard < 10 || heard > 13 {
			t.Fatalf("in a minute it was heard %d times", heard)
		}
	})
}

func TestPeerMayBeSilentWhileItTakesInALargeMessage(t *testing.T) {
	if small, book := silence(100), silence(8<<20); small > pongWait+time.Second || book < pongWait+8*time.Minute {
		t.Fatalf("%s beside 100 bytes, %s beside 8 MB", small, book)
	}
}

// Every number in the description is the number in the code.
func TestDescriptionHasTheLimits(t *testing.T) {
	for _, what := range []string{
		fmt.Sprintf("%d connections of one person", DefaultLimits.SessionsPerPrincipal),
		fmt.Sprintf("%d messages in a second", DefaultLimits.MessagesPerSecond),
		fmt.Sprintf("%d MiB of them", DefaultLimits.BytesPerSecond>>20),
		fmt.Sprintf("%d documents of one person", DefaultLimits.DocumentsPerPrincipal),
		fmt.Sprintf("%d connections are made at a time", DefaultLimits.Arrivals),
		fmt.Sprintf("%d connections in all", DefaultLimits.Sessions),
	} {
		if !strings.Contains(protocolDescription(t), what) {
			t.Errorf("PROTOCOL.md does not say %q", what)
		}
	}
}
