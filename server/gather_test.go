package server

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/olahol/melody"
)

// countingListener counts the calls that write.
type countingListener struct {
	net.Listener
	writes *atomic.Int64
	// hold keeps the first write after the handshake back until it is closed.
	hold chan struct{}
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &countingConn{Conn: conn, listener: l}, err
}

type countingConn struct {
	net.Conn
	listener countingListener
}

func (c *countingConn) Write(b []byte) (int, error) {
	if c.listener.writes.Add(1) == 2 { // the first answers the handshake
		<-c.listener.hold
	}
	return c.Conn.Write(b)
}

// socketAndPeer returns a socket that hands on what waits, and who reads from it.
func socketAndPeer(t *testing.T, maxBacklog int, through func(net.Listener) net.Listener) (*socket, *peer) {
	t.Helper()
	made := make(chan *socket, 1)
	m := melody.New()
	m.Config.MessageBufferSize = socketBuffer
	m.HandleConnect(func(ms *melody.Session) {
		sock := newSocket(ms, maxBacklog)
		ms.Set(keyConnection, &connection{socket: sock})
		made <- sock
	})
	m.HandleSentMessage(func(ms *melody.Session, _ []byte) { connectionOf(ms).socket.sent() })
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _ = m.HandleRequest(w, req) }))
	web.Listener = through(web.Listener)
	web.Start()
	t.Cleanup(web.Close)
	p := (&testServer{t: t, web: web}).dial("x")
	return <-made, p
}

func TestWhatGathersWhileAWriteRunsIsWrittenInOneCallAndInOrder(t *testing.T) {
	writes, hold := &atomic.Int64{}, make(chan struct{})
	s, peer := socketAndPeer(t, 1<<20, func(l net.Listener) net.Listener {
		return Gather(countingListener{l, writes, hold})
	})
	var want []string
	for i := range 100 {
		size := []int{1, 100, 125, 126, 500, gatherable}[i%6]
		message := fmt.Sprintf("%02d", i) + strings.Repeat("x", max(size-2, 0))
		want = append(want, message)
		s.Send([]byte(message))
	}
	close(hold)
	for i, message := range want {
		data, err := peer.read()
		if got := string(data); err != nil || got != message {
			t.Fatalf("message %d arrives as %.20q of %d bytes, and was sent as %.20q of %d", i, got, len(got), message, len(message))
		}
	}
	if n := writes.Load(); n > 10 {
		t.Fatalf("%d calls wrote %d messages", n, len(want))
	}
}

func TestLargeMessagesKeepTheirPlaceAmongGatheredOnes(t *testing.T) {
	writes, hold := &atomic.Int64{}, make(chan struct{})
	s, peer := socketAndPeer(t, 10<<20, func(l net.Listener) net.Listener {
		return Gather(countingListener{l, writes, hold})
	})
	var want [][]byte
	for i := range 30 {
		message := bytes.Repeat([]byte{byte('a' + i%26)}, []int{3, 100_000, 70, gatherable + 1, 5000}[i%5])
		want = append(want, message)
		s.Send(message)
	}
	close(hold)
	for i := range want {
		if got, err := peer.read(); err != nil || !bytes.Equal(got, want[i]) {
			t.Fatalf("message %d arrives as %.10q of %d bytes, and was sent as %.10q of %d", i, got, len(got), want[i], len(want[i]))
		}
	}
}

func TestOnlyBehindAWholeMessageMayAnotherBegin(t *testing.T) {
	text := func(n int) []byte { return appendMessage(nil, make([]byte, n)) }
	for _, c := range []struct {
		what  string
		frame []byte
		whole bool
	}{
		{"empty text", text(0), true},
		{"short text", text(125), true},
		{"longer text", text(126), true},
		{"longest text", text(gatherable), true},
		{"text that is too long", text(gatherable + 1), false},
		{"text cut short", text(300)[:200], false},
		{"header alone", text(300)[:4], false},
		{"text and something else", append(text(3), 0), false},
		{"ping", []byte{0x89, 0}, false},
		{"close", []byte{0x88, 0}, false},
		{"first fragment", []byte{0x01, 1, 'x'}, false},
		{"compressed text", []byte{0xC1, 1, 'x'}, false},
		{"answer to the handshake", []byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"), false},
		{"nothing", nil, false},
	} {
		if got := isMessage(c.frame); got != c.whole {
			t.Errorf("%s: %t", c.what, got)
		}
	}
}
