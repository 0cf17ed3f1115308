package server

import (
	"bytes"
	"compress/flate"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
)

var inflateSeed = flag.Uint64("inflate-seed", 0, "seed of the compressed conversations; 0 for a new one")

func TestCompressionIsAgreedToInTheOneFormThatKeepsNothing(t *testing.T) {
	for offer, agreed := range map[string]bool{
		"":                   false,
		"permessage-deflate": true,
		"permessage-deflate; client_max_window_bits":                                true,
		"permessage-deflate; client_max_window_bits=10; client_no_context_takeover": true,
		"permessage-deflate; server_no_context_takeover; server_max_window_bits=15": true,
		"permessage-deflate; server_max_window_bits=10":                             false,
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":         true,
		"permessage-deflate; of_the_future":                                         false,
		"x-webkit-deflate-frame":                                                    false,
		"x-webkit-deflate-frame, permessage-deflate; client_max_window_bits":        true,
		"permessage-bzip2": false,
		"permessage-deflate;server_no_context_takeover;client_no_context_takeover":               true,
		`permessage-deflate; server_max_window_bits="15"`:                                        true,
		"permessage-deflate; client_max_window_bits; server_max_window_bits=9, permessage-bzip2": false,
	} {
		if got := offersCompression(http.Header{"Sec-Websocket-Extensions": {offer}}); got != agreed {
			t.Errorf("%q: %t", offer, got)
		}
	}
}

// dialCompressed opens a connection as a browser does, and counts what the client reads.
func (ts *testServer) dialCompressed(document string, read *atomic.Int64) *peer {
	ts.t.Helper()
	dialer := websocket.Dialer{EnableCompression: true, NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		return &countedConn{conn, read}, err
	}}
	conn, resp, err := dialer.Dial(ts.address(document), nil)
	if err != nil {
		ts.t.Fatalf("dial: %v %v", err, resp)
	}
	if got := resp.Header.Get("Sec-Websocket-Extensions"); got != compression {
		ts.t.Fatalf("the server agrees to %q", got)
	}
	ts.t.Cleanup(func() { conn.Close() })
	p := &peer{t: ts.t, conn: conn, document: document}
	p.shake("")
	return p
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

func TestCompressedClientEditsAndLoadsLargeDocumentsInFewBytes(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	var read atomic.Int64
	p := ts.dialCompressed(doc, &read)
	text := strings.Repeat("All work and no play. ", 20_000)
	p.edit(1, 1, `[{"insert":"`+text+`"}]`)
	p.expect(ack(1, 1))
	p.edit(2, 2, `[{"insert":"x"}]`)
	p.expect(ack(2, 2))
	for _, compressed := range []bool{true, false} {
		other := ts.dial(doc)
		if compressed {
			other = ts.dialCompressed(doc, &read)
		}
		before := read.Load()
		other.send(`{"a":"s","c":"documents","d":"<doc>","v":null}`)
		m := other.receive()
		if got := m["data"].(map[string]any)["data"].(map[string]any)["ops"].([]any)[0].(map[string]any)["insert"]; got != "x"+text {
			t.Fatalf("a document of %d bytes arrives as %.60v", len(text), got)
		}
		if n := read.Load() - before; compressed && n > int64(len(text)/20) {
			t.Fatalf("a document of %d bytes takes %d on the network", len(text), n)
		}
	}
}

func TestMessageIsCompressedOnceForAll(t *testing.T) {
	m := newMessage(bytes.Repeat([]byte("again "), 2000))
	first, other := m.pack(), m.pack()
	if len(first) == 0 || &first[0] != &other[0] {
		t.Fatal("it was compressed again")
	}
	if newMessage(make([]byte, packable-1)).pack() != nil {
		t.Fatal("a short message was compressed")
	}
	noise := make([]byte, packable)
	for i := range noise {
		noise[i] = byte(rand.IntN(256))
	}
	if newMessage(noise).pack() != nil {
		t.Fatal("a message is sent compressed though that makes it longer")
	}
}

// A few kilobytes of compressed zeros are gigabytes. They end the connection when they are more than a message may be, and are
// never in memory at once.
func TestCompressedBombIsCutAtTheLimitOfWhatItBecomes(t *testing.T) {
	ts := serveAt(t, t.TempDir(), limited(func(l *Limits) { l.MessageBytes = 1 << 20 }))
	var read atomic.Int64
	p := ts.dialCompressed(ts.create("text", ""), &read)
	bomb := deflated(t, bytes.Repeat([]byte{' '}, 64<<20), flate.BestCompression)
	if len(bomb) > 100_000 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	if _, err := p.socket().NetConn().Write(clientFrame(finalText|compressed, bomb)); err != nil {
		t.Fatal(err)
	}
	p.expectClosed(websocket.CloseMessageTooBig)
}

func TestOneMessageBeingInflatedTakesAFewKilobytes(t *testing.T) {
	bomb := clientFrame(finalText|compressed, deflated(t, make([]byte, 64<<20), flate.BestCompression))
	in := newInflation(bytes.NewReader(bomb))
	most, total := 0, 0
	for b := make([]byte, 100); ; {
		n, err := in.Read(b)
		if total += n; err != nil {
			break
		}
		if in.current != nil {
			most = max(most, cap(in.current.out))
		}
	}
	if most > 2*fragment || total < 64<<20 {
		t.Fatalf("%d bytes were held, %d given", most, total)
	}
}

func TestMalformedCompressedMessageEndsItsConnectionWithACode(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	hello := deflated(t, []byte(`{"a":"pp"}`), 1)
	begin := clientFrame(compressed|websocket.TextMessage, hello[:4])
	for what, sent := range map[string][]byte{
		"not deflate":                clientFrame(finalText|compressed, []byte("\xff\xff\xff\xff")),
		"cut short":                  clientFrame(finalText|compressed, hello[:len(hello)-3]),
		"more after the end":         clientFrame(finalText|compressed, append(closedDeflate(t), make([]byte, 100)...)),
		"a message in a message":     append(begin, clientFrame(finalText, []byte("{}"))...),
		"too much between":           append(begin, bytes.Repeat(clientFrame(final|websocket.PingMessage, make([]byte, 125)), 40)...),
		"compressed continuation":    append(begin, clientFrame(final|compressed, hello[4:])...),
		"a frame without a mask":     append(begin, appendHeader(nil, final, 0)...),
		"compressed control":         clientFrame(final|compressed|websocket.PingMessage, nil),
		"a compressed unmasked text": append(appendHeader(nil, finalText|compressed, len(hello)), hello...),
	} {
		t.Run(what, func(t *testing.T) {
			var read atomic.Int64
			p := ts.dialCompressed(doc, &read)
			p.t = t
			if _, err := p.socket().NetConn().Write(sent); err != nil {
				t.Fatal(err)
			}
			p.expectClosed(CloseMalformed)
		})
	}
}

// Random texts, compressed at any level or not at all and cut into frames anywhere, with control frames between, arrive as they
// were sent, however they trickle in.
func TestCompressedMessagesArriveAsTheyWereSent(t *testing.T) {
	seed := *inflateSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	r := rand.New(rand.NewPCG(seed, 1))
	t.Logf("rerun: go test ./server -run CompressedMessagesArrive -inflate-seed %d", seed)
	var sent [][]byte
	var stream []byte
	for range 300 {
		text := bytes.Repeat([]byte("some words "), r.IntN(1+r.IntN(4000)))
		for i := range text {
			if r.IntN(20) == 0 {
				text[i] = byte(r.IntN(256))
			}
		}
		sent = append(sent, text)
		stream = append(stream, randomFrames(t, r, text)...)
	}
	in := newInflation(&trickle{r, stream})
	for i, want := range sent {
		if got, err := readMessage(in); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("message %d of %d bytes arrives as %d bytes: %v", i, len(want), len(got), err)
		}
	}
}

// FuzzInflation gives it anything at all: what comes out is no panic, and no more than a few kilobytes at a time.
func FuzzInflation(f *testing.F) {
	f.Add(clientFrame(finalText|compressed, deflated(f, []byte(`{"a":"pp"}`), 1)))
	f.Add(append(clientFrame(compressed|websocket.TextMessage, deflated(f, []byte(`{"a":"pp"}`), 9)[:3]), clientFrame(final, []byte{1, 2})...))
	f.Add(clientFrame(finalText, []byte("plain")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := newInflation(bytes.NewReader(stream))
		b := make([]byte, 64)
		for total := 0; total < 1<<20; {
			n, err := in.Read(b)
			if total += n; err != nil {
				return
			}
			if n == 0 {
				t.Fatal("it gives nothing and no reason")
			}
			if in.current != nil && len(in.current.out) > fragment+maxAside+maxHeader {
				t.Fatalf("it holds %d bytes", len(in.current.out))
			}
		}
	})
}

// deflated compresses as a client does, with the library that the server does not use.
func deflated(tb testing.TB, text []byte, level int) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		tb.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), flushed)
}

// closedDeflate is a message whose deflate stream ends by itself, as RFC 7692 section 7.2.3.4 has it.
func closedDeflate(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 1)
	_, _ = w.Write([]byte(`{"a":"pp"}`))
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return append(b.Bytes(), 0)
}

func TestDeflateStreamThatEndsByItselfIsAMessage(t *testing.T) {
	in := newInflation(bytes.NewReader(clientFrame(finalText|compressed, closedDeflate(t))))
	if got, err := readMessage(in); err != nil || string(got) != `{"a":"pp"}` {
		t.Fatalf("%q, %v", got, err)
	}
}

// clientFrame is a frame as a client sends it.
func clientFrame(first byte, payload []byte) []byte {
	b := appendHeader(nil, first, len(payload))
	b[1] |= masked
	key := [maskBytes]byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%maskBytes])
	}
	return b
}

func randomFrames(t *testing.T, r *rand.Rand, text []byte) (frames []byte) {
	first := byte(websocket.TextMessage)
	if r.IntN(4) > 0 {
		text, first = deflated(t, text, r.IntN(10)), first|compressed
	}
	for r.IntN(3) > 0 {
		n := r.IntN(len(text) + 1)
		frames = append(frames, clientFrame(first, text[:n])...)
		text, first = text[n:], continuation
		if r.IntN(4) == 0 {
			frames = append(frames, clientFrame(final|websocket.PongMessage, make([]byte, r.IntN(126)))...)
		}
	}
	return append(frames, clientFrame(first|final, text)...)
}

// readMessage reads frames until a message is whole, and passes over control frames.
func readMessage(from io.Reader) (text []byte, err error) {
	for {
		var header [maxHeader]byte
		if _, err := io.ReadFull(from, header[:2]); err != nil {
			return nil, err
		}
		size := headerSize(header[1])
		if _, err := io.ReadFull(from, header[2:size]); err != nil {
			return nil, err
		}
		payload := make([]byte, payloadSize(header[:size]))
		if _, err := io.ReadFull(from, payload); err != nil {
			return nil, err
		}
		if header[0]&control != 0 {
			continue
		}
		for i := range payload {
			payload[i] ^= header[size-maskBytes+i%maskBytes]
		}
		text = append(text, payload...)
		if header[0]&final != 0 {
			return text, nil
		}
	}
}

// trickle gives a few bytes at a time.
type trickle struct {
	rand *rand.Rand
	left []byte
}

func (s *trickle) Read(b []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 1+s.rand.IntN(700))], s.left)
	s.left = s.left[n:]
	return n, nil
}
