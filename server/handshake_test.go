package server

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// rawPeer is a TCP connection, to which a test says what it likes.
type rawPeer struct {
	net.Conn
	t    *testing.T
	from *bufio.Reader
}

// raw sends the lines of a request's header, and returns the answer.
func (ts *testServer) raw(lines ...string) (*rawPeer, *http.Response) {
	ts.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(ts.web.URL, "http://"))
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	p := &rawPeer{conn, ts.t, bufio.NewReader(conn)}
	p.write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n"))
	resp, err := http.ReadResponse(p.from, &http.Request{Method: http.MethodGet})
	if err != nil {
		ts.t.Fatal(err)
	}
	return p, resp
}

func (p *rawPeer) write(b []byte) {
	p.t.Helper()
	if _, err := p.Write(b); err != nil {
		p.t.Fatal(err)
	}
}

// frame sends a frame, RFC 6455 section 5.2.
func (p *rawPeer) frame(first byte, payload string) {
	p.t.Helper()
	p.write(append(appendMaskedHeader(nil, first, len(payload)), payload...))
}

// expectFrame checks what the next frame is.
func (p *rawPeer) expectFrame(first byte, payload string) {
	p.t.Helper()
	header := make([]byte, 2)
	if _, err := io.ReadFull(p.from, header); err != nil {
		p.t.Fatal(err)
	}
	got := make([]byte, header[1])
	if _, err := io.ReadFull(p.from, got); err != nil || header[0] != first || string(got) != payload {
		p.t.Fatalf("got %x %q, want %x %q: %v", header[0], got, first, payload, err)
	}
}

// handshake is RFC 6455's own example, section 1.3, with lines in place of those of the same name.
func handshake(path string, instead ...string) []string {
	lines := []string{
		"GET " + path + " HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
	}
	for _, line := range instead {
		name, _, _ := strings.Cut(line, ":")
		replaced := false
		for i := range lines {
			if strings.HasPrefix(lines[i], name+":") {
				lines[i], replaced = line, true
			}
		}
		if !replaced {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestHandshakeIsAnsweredAsTheStandardSays(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	for name, lines := range map[string][]string{
		"the standard's example":          handshake("/ws"),
		"a document's socket":             handshake("/ws/" + doc),
		"the document's one address":      handshake("/d/" + doc),
		"lists of tokens in any case":     handshake("/ws", "Connection: keep-alive, UPGRADE", "Upgrade: h2c, WebSocket"),
		"its own origin":                  handshake("/ws", "Origin: http://server.example.com"),
		"a sub-protocol that is unknown":  handshake("/ws", "Sec-WebSocket-Protocol: chat"),
		"an extension that is unknown":    handshake("/ws", "Sec-WebSocket-Extensions: x-shorter"),
		"a sub-protocol among several":    handshake("/ws", "Sec-WebSocket-Protocol: chat, sharedb"),
		"headers that came over a proxy":  handshake("/ws", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"),
		"several lines of one list":       append(handshake("/ws", "Connection: keep-alive"), "Connection: Upgrade"),
		"what a stock ShareDB client has": handshake("/ws", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
	} {
		_, resp := ts.raw(lines...)
		if resp.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("%s: answered %s", name, resp.Status)
			continue
		}
		h := resp.Header
		if h.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
			t.Errorf("%s: accepted with %q", name, h.Get("Sec-WebSocket-Accept"))
		}
		if !strings.EqualFold(h.Get("Upgrade"), "websocket") || !strings.EqualFold(h.Get("Connection"), "upgrade") {
			t.Errorf("%s: answered %v", name, h)
		}
		if want := map[bool]string{true: "sharedb"}[strings.Contains(name, "among several")]; h.Get("Sec-WebSocket-Protocol") != want {
			t.Errorf("%s: chose %q, not %q", name, h.Get("Sec-WebSocket-Protocol"), want)
		}
	}
}

func TestHandshakeIsRefusedBeforeTheUpgrade(t *testing.T) {
	ts := serveNew(t)
	for name, r := range map[string]struct {
		lines  []string
		status int
	}{
		"no upgrade":             {handshake("/ws", "Upgrade: x"), http.StatusUpgradeRequired},
		"connection without it":  {handshake("/ws", "Connection: close"), http.StatusUpgradeRequired},
		"an older version":       {handshake("/ws", "Sec-WebSocket-Version: 8"), http.StatusUpgradeRequired},
		"no version":             {handshake("/ws", "Sec-WebSocket-Version:"), http.StatusUpgradeRequired},
		"no key":                 {handshake("/ws", "Sec-WebSocket-Key:"), http.StatusBadRequest},
		"a key that is no key":   {handshake("/ws", "Sec-WebSocket-Key: abc"), http.StatusBadRequest},
		"a page of another site": {handshake("/ws", "Origin: https://elsewhere.example"), http.StatusForbidden},
		"no page's origin":       {handshake("/ws", "Origin: null"), http.StatusForbidden},
		"no document's ID":       {handshake("/ws/no%20ID"), http.StatusNotFound},
	} {
		_, resp := ts.raw(r.lines...)
		if resp.StatusCode != r.status || resp.Header.Get("Content-Type") != problemType {
			t.Errorf("%s: answered %s %v", name, resp.Status, resp.Header)
		}
		if strings.Contains(name, "version") && resp.Header.Get("Sec-WebSocket-Version") != "13" {
			t.Errorf("%s: does not say which version is spoken here", name)
		}
	}
}

func TestFramesMayComeInPiecesWithOthersInBetween(t *testing.T) {
	ts := serveNew(t)
	p, _ := ts.raw(handshake("/ws")...)
	p.frame(websocket.TextMessage, `{"a":`)
	p.frame(final|websocket.PingMessage, "there?")
	p.expectFrame(final|websocket.PongMessage, "there?")
	p.frame(continuation, `"p`)
	p.frame(final|continuation, `p"}`)
	p.expectFrame(finalText, `{"a":"pp"}`)
	goodbye := string(binary.BigEndian.AppendUint16(nil, websocket.CloseNormalClosure))
	p.frame(final|websocket.CloseMessage, goodbye)
	p.expectFrame(final|websocket.CloseMessage, goodbye)
	if _, err := p.from.ReadByte(); err != io.EOF {
		t.Fatalf("after the goodbyes: %v", err)
	}
}

func TestFramesThatAreMalformedEndTheConnectionWithACode(t *testing.T) {
	ts := serveNew(t)
	for name, sent := range map[string]string{
		"not masked":            "\x81\x02{}",
		"a reserved bit":        "\xa1\x82\x00\x00\x00\x00{}",
		"an unknown opcode":     "\x83\x82\x00\x00\x00\x00{}",
		"a ping in pieces":      "\x09\x82\x00\x00\x00\x00{}",
		"a piece of nothing":    "\x80\x82\x00\x00\x00\x00{}",
		"a ping that is longer": "\x89\xfe\x00\x7e\x00\x00\x00\x00",
	} {
		p, _ := ts.raw(handshake("/ws")...)
		p.write([]byte(sent))
		header := make([]byte, 4)
		if _, err := io.ReadFull(p.from, header); err != nil || header[0] != final|websocket.CloseMessage ||
			binary.BigEndian.Uint16(header[2:]) != CloseMalformed {
			t.Errorf("%s: answered %x %v", name, header, err)
		}
	}
}

func TestOneAddressAnswersAsItIsAsked(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	for accept, want := range map[string]string{
		"":                                 "document page",
		"*/*":                              "document page",
		"text/html,*/*;q=0.8":              "document page",
		"application/json":                 fmt.Sprintf(`"id":%q`, doc),
		"application/json, text/plain;q=0": fmt.Sprintf(`"id":%q`, doc),
	} {
		status, _, body := ts.do(http.MethodGet, "/d/"+doc, "", "Accept", accept)
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%q: answered %d %s", accept, status, body)
		}
	}
	if status, header, _ := ts.do(http.MethodGet, "/d/never-made", "", "Accept", "application/json"); status != http.StatusNotFound ||
		header.Get("Content-Type") != problemType {
		t.Errorf("a missing document: answered %d %v", status, header)
	}
}
