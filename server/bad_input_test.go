package server

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// op is an edit of version 1 with sequence number 1.
func op(delta string) string {
	return `{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"op":` + delta + `}`
}

func TestBadMessageIsRefusedAndChangesNothing(t *testing.T) {
	tests := map[string]struct{ message, code string }{
		"not JSON":                 {`{"a":`, "ERR_MESSAGE_BADLY_FORMED"},
		"not an object":            {`[1]`, "ERR_MESSAGE_BADLY_FORMED"},
		"null":                     {`null`, "ERR_MESSAGE_BADLY_FORMED"},
		"no action":                {`{"c":"documents"}`, "ERR_MESSAGE_BADLY_FORMED"},
		"unknown action":           {`{"a":"zz","c":"documents","d":"<doc>"}`, "ERR_MESSAGE_BADLY_FORMED"},
		"another protocol":         {`{"a":"hs","protocol":2}`, "ERR_MESSAGE_BADLY_FORMED"},
		"another collection":       {`{"a":"f","c":"books","d":"<doc>","v":null}`, "ERR_MESSAGE_BADLY_FORMED"},
		"another document":         {`{"a":"f","c":"documents","d":"other","v":null}`, "ERR_MESSAGE_BADLY_FORMED"},
		"bulk of another kind":     {`{"a":"bs","c":"books","b":["<doc>"]}`, "ERR_MESSAGE_BADLY_FORMED"},
		"bulk of nothing":          {`{"a":"bs","c":"documents"}`, "ERR_MESSAGE_BADLY_FORMED"},
		"bulk of numbers":          {`{"a":"bf","c":"documents","b":[1]}`, "ERR_MESSAGE_BADLY_FORMED"},
		"bulk of bad versions":     {`{"a":"bf","c":"documents","b":{"<doc>":-1}}`, "ERR_MESSAGE_BADLY_FORMED"},
		"future version of past":   {`{"a":"nf","id":1,"c":"documents","d":"<doc>","v":2}`, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"},
		"time that is text":        {`{"a":"nt","id":1,"c":"documents","d":"<doc>","ts":"now"}`, "ERR_MESSAGE_BADLY_FORMED"},
		"id of every object":       {`{"a":"f","c":"documents","d":"constructor","v":null}`, "ERR_MESSAGE_BADLY_FORMED"},
		"collection of them":       {`{"a":"f","c":"__proto__","d":"<doc>","v":null}`, "ERR_MESSAGE_BADLY_FORMED"},
		"channel of them":          {`{"a":"ps","ch":"toString","seq":1}`, "ERR_MESSAGE_BADLY_FORMED"},
		"subscription to a query":  {`{"a":"qs","id":1,"c":"documents","q":{}}`, "ERR_DATABASE_METHOD_NOT_IMPLEMENTED"},
		"a query":                  {`{"a":"qf","id":1,"c":"documents","q":{}}`, "ERR_DATABASE_METHOD_NOT_IMPLEMENTED"},
		"version is text":          {`{"a":"f","c":"documents","d":"<doc>","v":"1"}`, "ERR_MESSAGE_BADLY_FORMED"},
		"negative version":         {`{"a":"f","c":"documents","d":"<doc>","v":-1}`, "ERR_MESSAGE_BADLY_FORMED"},
		"fractional version":       {`{"a":"f","c":"documents","d":"<doc>","v":0.5}`, "ERR_MESSAGE_BADLY_FORMED"},
		"future version of fetch":  {`{"a":"f","c":"documents","d":"<doc>","v":9}`, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"},
		"future version of an op":  {`{"a":"op","c":"documents","d":"<doc>","v":9,"src":"<id>","seq":1,"op":[{"insert":"x"}]}`, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"},
		"no sequence number":       {`{"a":"op","c":"documents","d":"<doc>","v":1,"op":[{"insert":"x"}]}`, "ERR_MESSAGE_BADLY_FORMED"},
		"too large a sequence":     {`{"a":"op","c":"documents","d":"<doc>","v":1,"seq":9007199254740991,"op":[{"insert":"x"}]}`, "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW"},
		"neither op nor create":    {`{"a":"op","c":"documents","d":"<doc>","v":1,"seq":1}`, "ERR_MESSAGE_BADLY_FORMED"},
		"op and delete":            {`{"a":"op","c":"documents","d":"<doc>","v":1,"seq":1,"op":[{"insert":"x"}],"del":true}`, "ERR_MESSAGE_BADLY_FORMED"},
		"op is null":               {op(`null`), "ERR_MESSAGE_BADLY_FORMED"},
		"op is text":               {op(`"x"`), "ERR_OT_OP_BADLY_FORMED"},
		"delete past the end":      {op(`[{"delete":6}]`), "ERR_OT_OP_NOT_APPLIED"},
		"insert past the end":      {op(`[{"retain":6},{"insert":"x"}]`), "ERR_OT_OP_NOT_APPLIED"},
		"zero retain":              {op(`[{"retain":0},{"insert":"x"}]`), "ERR_OT_OP_BADLY_FORMED"},
		"negative delete":          {op(`[{"delete":-1}]`), "ERR_OT_OP_BADLY_FORMED"},
		"fractional retain":        {op(`[{"retain":1.5}]`), "ERR_OT_OP_BADLY_FORMED"},
		"empty insert":             {op(`[{"insert":""}]`), "ERR_OT_OP_BADLY_FORMED"},
		"two actions in one":       {op(`[{"insert":"x","delete":1}]`), "ERR_OT_OP_BADLY_FORMED"},
		"attributes that are text": {op(`[{"insert":"x","attributes":"bold"}]`), "ERR_OT_OP_BADLY_FORMED"},
		"carriage return":          {op(`[{"insert":"a\r\nb"}]`), "ERR_OT_OP_BADLY_FORMED"},
		"create of what exists":    {`{"a":"op","c":"documents","d":"<doc>","v":null,"seq":1,"create":{"type":"rich-text","data":[]}}`, "ERR_DOC_ALREADY_CREATED"},
		"create of another type":   {`{"a":"op","c":"documents","d":"<doc>","v":null,"seq":1,"create":{"type":"json0","data":[]}}`, "ERR_DOC_TYPE_NOT_RECOGNIZED"},
		"create of another kind":   {`{"a":"op","c":"documents","d":"<doc>","v":null,"seq":1,"create":{"type":"rich-text","kind":"opera","data":[]}}`, "ERR_OT_OP_BADLY_FORMED"},
	}
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := ts.join(doc, "")
			p.t = t
			p.send(test.message)
			p.expectError(test.code)
			p.send(`{"a":"pp"}`)
			p.expect(`{"a":"pp"}`) // the connection goes on
			p.send(subscribe)
			p.expect(`{"a":"s","c":"documents","d":"<doc>","data":{"v":1,"type":"http://sharejs.org/types/rich-text/v1","data":{"ops":[{"insert":"hello"}]}}}`)
		})
	}
}

func TestRefusalRepeatsOnlyWhatRoutesIt(t *testing.T) {
	ts := serveNew(t)
	p := ts.join(ts.create("text", ""), "")
	p.send(op(`[{"retain":1},{"insert":"` + strings.Repeat("x", 100_000) + `"}]`))
	data, err := p.read()
	if err != nil || len(data) > 500 || !strings.Contains(string(data), `"v":1,"src":"`+p.id+`","seq":1`) {
		t.Fatalf("the refusal is %d bytes: %.600s (%v)", len(data), data, err)
	}
}

func TestEditOfAMissingDocumentIsRefused(t *testing.T) {
	ts := serveNew(t)
	p := ts.join("missing", "")
	p.edit(0, 1, `[{"insert":"x"}]`)
	p.expectError("ERR_DOC_DOES_NOT_EXIST")
	if status, _, _ := ts.do(http.MethodGet, "/api/v1/documents/missing", ""); status != http.StatusNotFound {
		t.Fatalf("the API answers %d", status)
	}
}

func TestFinalNewlineOfRichTextStays(t *testing.T) {
	ts := serveNew(t)
	for name, test := range map[string]struct {
		delta   string
		refused bool
	}{
		"delete it":                       {`[{"retain":2},{"delete":1}]`, true},
		"delete all":                      {`[{"delete":3}]`, true},
		"write behind it":                 {`[{"retain":3},{"insert":"x"}]`, true},
		"put an image behind it":          {`[{"retain":3},{"insert":{"image":"x"}}]`, true},
		"replace all by a line":           {`[{"insert":"z\n"},{"delete":3}]`, false},
		"delete it, write another":        {`[{"retain":2},{"delete":1},{"insert":"\n"}]`, false},
		"write in front of it":            {`[{"retain":2},{"insert":"x"}]`, false},
		"format it":                       {`[{"retain":2},{"retain":1,"attributes":{"header":1}}]`, false},
		"delete what stands before a one": {`[{"retain":1},{"delete":1}]`, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := ts.join(ts.create("rich", "ab"), "")
			p.edit(1, 1, test.delta)
			if test.refused {
				p.expectError("ERR_OT_OP_NOT_APPLIED")
			} else {
				p.expect(ack(1, 1))
			}
		})
	}
}

func TestInvalidUTF8ClosesTheConnection(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	p := ts.join(doc, "")
	p.send(strings.Replace(op(`[{"insert":"x"}]`), "x", "\xff", 1))
	p.expectClosed(websocket.CloseInvalidFramePayloadData)
	if got := ts.text(doc); got != "hello" {
		t.Fatalf("text is %q", got)
	}
}

func TestBinaryMessageClosesTheConnection(t *testing.T) {
	ts := serveNew(t)
	p := ts.join(ts.create("text", ""), "")
	if err := p.socket().WriteMessage(websocket.BinaryMessage, []byte(`{"a":"pp"}`)); err != nil {
		t.Fatal(err)
	}
	p.expectClosed(websocket.CloseUnsupportedData)
}

func TestMessageOfTenMegabytesIsRefusedByTheLimit(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "hello")
	p := ts.join(doc, "")
	p.send(op(`[{"insert":"` + strings.Repeat("x", 10<<20) + `"}]`))
	p.expectError("ERR_OT_OP_BADLY_FORMED")
	p.send(op(`[{"insert":"y"}]`))
	p.expect(ack(1, 1))
}

func TestMessageFarBeyondTheLimitClosesTheConnection(t *testing.T) {
	onlyWebSocket(t)
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.MessageBytes = 1000
	})
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.send(op(`[{"insert":"` + strings.Repeat("x", 3000) + `"}]`))
	if data, err := p.read(); err == nil { // a close code, unless the network dropped it with the rest of the message
		t.Fatalf("answered %s", data)
	}
	if got := ts.text(doc); got != "" {
		t.Fatalf("text is %q", got)
	}
}

func TestDocumentCannotGrowBeyondItsLimit(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.DocumentUnits = 10
	})
	p := ts.join(ts.create("text", "12345678"), "")
	p.edit(1, 1, `[{"insert":"abc"}]`)
	p.expectError("ERR_OT_OP_NOT_APPLIED")
	p.edit(1, 1, `[{"insert":"ab"}]`)
	p.expect(ack(1, 1))
}

func TestSocketIsOpenedOnlyForPagesThatMay(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Origins = []string{"https://friend.example"} })
	url := "ws" + strings.TrimPrefix(ts.web.URL, "http") + "/ws/" + ts.create("text", "")
	for origin, status := range map[string]int{
		"":                       http.StatusSwitchingProtocols,
		ts.web.URL:               http.StatusSwitchingProtocols,
		"https://friend.example": http.StatusSwitchingProtocols,
		"https://evil.example":   http.StatusForbidden,
		"null":                   http.StatusForbidden,
	} {
		header := http.Header{"Cookie": {ts.as("ann")[1]}} // a cookie that counts makes no difference
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, resp, err := websocket.DefaultDialer.Dial(url, header)
		if resp == nil || resp.StatusCode != status {
			t.Errorf("origin %q: %v %v, want status %d", origin, resp, err, status)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

func TestAddressThatIsNoDocumentCannotBeASocket(t *testing.T) {
	ts := serveNew(t)
	status, header, body := ts.do(http.MethodGet, "/ws/not%20an%20id", "")
	if status != http.StatusNotFound || header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("answered %d %s", status, body)
	}
	status, _, body = ts.do(http.MethodGet, "/ws/plain", "")
	if status != http.StatusUpgradeRequired {
		t.Fatalf("without an upgrade it answered %d %s", status, body)
	}
}

func TestSlowReaderIsCutOffAndOthersGoOn(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.BacklogBytes = 1 << 20
	})
	doc := ts.create("text", "")
	slow, writer := ts.join(doc, ""), ts.join(doc, "")
	if err := slow.socket().NetConn().(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	writer.attend()
	slow.send(cursorAt("slow", 1, 1, 0))
	slow.receive()
	writer.receive()
	slow.follow() // and never reads again
	for seq := 1; ; seq++ {
		writer.edit(seq, seq, fmt.Sprintf(`[{"insert":%q}]`, strings.Repeat("x", 150_000)))
		m := writer.receive()
		if m["a"] == "p" && m["p"] == nil {
			return // its cursor is gone, and so is it
		}
		if m["a"] != "op" || m["error"] != nil {
			t.Fatalf("after %d edits of 150 kB that one reader never read, the writer got %v", seq, m)
		}
	}
}
