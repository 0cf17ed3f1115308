package server

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"
)

// socketTo returns a socket that is never told that a message of its has been written.
func socketTo(t *testing.T, maxBacklog int) *socket {
	t.Helper()
	s, _ := socketThrough(t, maxBacklog, onlyWaiting)
	return s
}

func onlyWaiting(l net.Listener) net.Listener { return waitingListener{l} }

// waitingListener gives connections to which nothing can be written without waiting.
type waitingListener struct{ net.Listener }

func (l waitingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return struct{ net.Conn }{conn}, err
}

// socketThrough returns a socket over a listener's connection, and its peer.
func socketThrough(t *testing.T, maxBacklog int, through func(net.Listener) net.Listener) (*socket, *peer) {
	t.Helper()
	onlyWebSocket(t)
	made := make(chan *socket, 1)
	m := melody.New()
	m.Config.MessageBufferSize = socketBuffer
	m.HandleConnect(func(ms *melody.Session) { made <- newSocket(ms, maxBacklog, false, unmeasured.slow) })
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _ = m.HandleRequest(w, req) }))
	web.Listener = Gather(through(web.Listener))
	web.Start()
	t.Cleanup(web.Close)
	p := (&testServer{t: t, web: web}).dial("x")
	return <-made, p
}

// waiting is how many bytes wait to be written.
func (s *socket) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.underWay + s.queue.bytes
}

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func TestReaderThatFallsBehindIsCutAndHoldsNoMemory(t *testing.T) {
	s := socketTo(t, 10_000)
	for i := 0; !s.isClosed(); i++ {
		if i > 1000 {
			t.Fatal("it is never cut")
		}
		s.send(strings.Repeat("x", 100))
		if n := s.waiting(); n > 10_000+100+outgoingBytes {
			t.Fatalf("%d bytes wait", n)
		}
	}
	<-s.Close(CloseTryAgain, "")
	if !s.queue.empty() {
		t.Fatal("what nobody will read is kept")
	}
}

// A document larger than the bound must not be a document that nobody can open.
func TestMessageLargerThanTheBoundGetsThroughToAReaderThatIsNotBehind(t *testing.T) {
	s := socketTo(t, 10_000)
	for range 2 {
		s.send("small")
	}
	s.send(strings.Repeat("x", 50_000))
	if s.isClosed() {
		t.Fatal("it was cut")
	}
	s.send("small")
	if !s.isClosed() {
		t.Fatal("it is never cut")
	}
}

func TestTimeToWriteGrowsWithTheMessage(t *testing.T) {
	if small, book := writeTime(100), writeTime(1<<20); small < writeWait || small > 2*writeWait || book < writeWait+time.Minute {
		t.Fatalf("%s for 100 bytes, %s for a megabyte", small, book)
	}
}

// A room closes its connections one after the other; peers that do not read must not make it wait for each.
func TestClosingDoesNotWaitForAPeerThatDoesNotRead(t *testing.T) {
	writing := make(chan struct{}, 1)
	s, _ := socketThrough(t, 10_000, func(l net.Listener) net.Listener { return stuckListener{l, writing} })
	s.send("nobody reads this")
	<-writing
	ended := s.Close(CloseRestart, "restarting")
	select {
	case <-ended:
		t.Fatal("Close waited for the peer")
	default:
	}
	<-ended
}

func TestPeersAreAskedWhetherTheyAreThere(t *testing.T) {
	ways := map[string]func(net.Listener) net.Listener{"at once": func(l net.Listener) net.Listener { return l }, "by melody": onlyWaiting}
	for name, through := range ways {
		t.Run(name, func(t *testing.T) {
			s, p := socketThrough(t, 10_000, through)
			conn := p.conn.(*websocket.Conn)
			asked := 0
			conn.SetPingHandler(func(string) error { asked++; return nil })
			s.Queue("", newMessage([]byte("after that")))
			s.ping()
			if _, message, err := conn.ReadMessage(); err != nil || string(message) != "after that" || asked != 1 {
				t.Fatalf("%q, %v, asked %d times", message, err, asked)
			}
			if !s.beat.Stop() {
				t.Error("it is not asked again")
			}
			s.gone()
			s.ping()
			if s.beat.Stop() || !s.queue.empty() {
				t.Error("one that has gone is asked")
			}
		})
	}
}

// stuckListener gives connections that take the answer to the handshake and nothing after it.
type stuckListener struct {
	net.Listener
	writing chan<- struct{}
}

func (l stuckListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &stuckConn{Conn: conn, writing: l.writing, closed: make(chan struct{})}, err
}

type stuckConn struct {
	net.Conn
	shaken  bool
	writing chan<- struct{}
	closed  chan struct{}
	once    sync.Once
}

func (c *stuckConn) Write(b []byte) (int, error) {
	if !c.shaken {
		c.shaken = true
		return c.Conn.Write(b)
	}
	c.writing <- struct{}{}
	<-c.closed
	return 0, net.ErrClosed
}

func (c *stuckConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
