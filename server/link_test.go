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
	onlyWebSocket(t)
	made := make(chan *socket, 1)
	m := melody.New()
	m.Config.MessageBufferSize = socketBuffer
	m.HandleConnect(func(ms *melody.Session) {
		sock := newSocket(ms, maxBacklog, false, unmeasured.slow)
		sock.link.connection.Store(&connection{socket: sock})
		made <- sock
	})
	m.HandleSentMessage(func(ms *melody.Session, _ []byte) { connectionOf(ms).socket.wrote() })
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _ = m.HandleRequest(w, req) }))
	web.Listener = through(web.Listener)
	web.Start()
	t.Cleanup(web.Close)
	p := (&testServer{t: t, web: web}).dial("x")
	return <-made, p
}

// send queues a message and has it written.
func (s *socket) send(text string) {
	s.Queue("", newMessage([]byte(text)))
	s.Flush(false)
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
		s.send(message)
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
		s.send(string(message))
	}
	close(hold)
	for i := range want {
		if got, err := peer.read(); err != nil || !bytes.Equal(got, want[i]) {
			t.Fatalf("message %d arrives as %.10q of %d bytes, and was sent as %.10q of %d", i, got, len(got), want[i], len(want[i]))
		}
	}
}

// What a peer does not take at once is written by melody's goroutine, and nothing gets in front of it.
func TestPeerThatReadsLateGetsEverythingInOrder(t *testing.T) {
	s, peer := socketAndPeer(t, 64<<20, Gather)
	const messages = 20_000 // more than the buffers of a connection take
	text := func(i int) string { return fmt.Sprintf("%06d", i) + strings.Repeat("x", i%gatherable) }
	for i := range messages {
		s.send(text(i))
	}
	for i := range messages {
		if data, err := peer.read(); err != nil || string(data) != text(i) {
			t.Fatalf("message %d arrives as %.20q of %d bytes (%v)", i, data, len(data), err)
		}
	}
}

// A room must not wait for one of its connections.
func TestFlushDoesNotWaitForAPeerThatDoesNotRead(t *testing.T) {
	s, _ := socketAndPeer(t, 1<<20, Gather)
	for !s.isClosed() { // with a write that waited it would never be
		s.send(strings.Repeat("x", gatherable))
	}
}

func TestFlushElsewhereIsWrittenByMelody(t *testing.T) {
	s, peer := socketAndPeer(t, 1<<20, Gather)
	for i := range 3 {
		s.Queue("", newMessage(fmt.Append(nil, i)))
	}
	s.Flush(true)
	for i := range 3 {
		if data, err := peer.read(); err != nil || string(data) != fmt.Sprint(i) {
			t.Fatalf("message %d arrives as %q (%v)", i, data, err)
		}
	}
}

func TestFrameHeaders(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 1000, 1<<16 - 1, 1 << 16, 1 << 33} {
		for _, header := range [][]byte{appendHeader(nil, finalText, size), appendMaskedHeader(nil, finalText, size)} {
			if header[0] != finalText || headerSize(header[1]) != len(header) || payloadSize(header) != uint64(size) {
				t.Errorf("the header for %d bytes is %x", size, header)
			}
		}
	}
}
