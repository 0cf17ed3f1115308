package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestEditOfNothingIsStoredAndCounts(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "a")
	p, reader := ts.join(doc, ""), ts.join(doc, "")
	reader.follow()
	p.edit(1, 1, `[]`)
	p.expect(ack(1, 1))
	reader.expect(opFrom(sourceOf(p.id), 1, 1, `[]`))
	p.edit(2, 2, `[{"insert":"b"}]`)
	p.expect(ack(2, 2))
}

func TestDeltaIsAcceptedAsAListAndAsAnObject(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"a"}]`)
	p.expect(ack(1, 1))
	p.edit(2, 2, `{"ops":[{"insert":"b"}]}`)
	p.expect(ack(2, 2))
	if got := ts.text(doc); got != "ba" {
		t.Fatalf("text is %q", got)
	}
}

// It happens whenever a client comes back before the server has noticed that it was gone.
func TestTwoLiveConnectionsOfOneClientShareItsIdentity(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	old := ts.join(doc, "")
	old.follow()
	back := ts.join(doc, old.id)
	back.follow()
	for _, p := range []*peer{old, back} {
		p.edit(1, 1, `[{"insert":"once"}]`)
	}
	// Each hears of the one record, as an acknowledgement or as its own work coming back.
	for name, p := range map[string]*peer{"old": old, "new": back} {
		if m := p.receive(); m["a"] != "op" || m["v"] != 1.0 || m["src"] != p.id || m["error"] != nil {
			t.Fatalf("the %s connection got %v", name, m)
		}
	}
	if got := ts.text(doc); got != "once" {
		t.Fatalf("text is %q", got)
	}
}

// ShareDB's tests compare these sentences.
func TestNamesThatEveryObjectHasAreRefusedInShareDBsWords(t *testing.T) {
	ts := serveNew(t)
	p := ts.joinAny("")
	for message, want := range map[string]string{
		`{"a":"f","c":"__proto__","d":"x","v":null}`:                       "Invalid collection",
		`{"a":"nf","id":1,"c":null,"d":"x","v":null}`:                      "Invalid collection",
		`{"a":"f","c":"documents","d":"constructor","v":null}`:             "Invalid id",
		`{"a":"nt","id":1,"c":"documents","d":{},"ts":null}`:               "Invalid id",
		`{"a":"op","c":"documents","d":"toString","v":0,"seq":1,"op":[]}`:  "Invalid id",
		`{"a":"op","c":"valueOf","d":"x","v":0,"src":"s","seq":1,"op":[]}`: "Invalid collection",
		`{"a":"ps","ch":"hasOwnProperty","seq":1}`:                         "Invalid presence channel",
	} {
		refusal, _ := p.ask(message)["error"].(map[string]any)
		if refusal["message"] != want || refusal["code"] != "ERR_MESSAGE_BADLY_FORMED" {
			t.Errorf("%s is answered %v", message, refusal)
		}
	}
}

func TestDocumentThatCannotBeReadIsAnErrorToReadersAndClosesWriters(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "a")
	ts.rooms.bringUp = func(*place) error { return errors.New("planted by a test") }
	for ts.rooms.find(doc) != nil { // it was opened to be created
		p := ts.rooms.find(doc)
		p.runner.shutdown()
		<-p.gone
	}
	p := ts.joinAny("").on(doc)
	p.send(subscribe)
	p.expectError("ERR_UNKNOWN_ERROR")
	p.send(fmt.Sprintf(`{"a":"bs","c":"documents","b":[%q]}`, doc))
	data, _ := p.receive()["data"].(map[string]any)
	if answer, _ := data[doc].(map[string]any); answer["error"] == nil {
		t.Fatalf("in bulk it is shown as %v", answer)
	}
	p.edit(1, 1, `[{"insert":"b"}]`)
	p.expectClosed(websocket.CloseTryAgainLater)
}

func TestCursorThatIsTooFarBehindIsRefused(t *testing.T) {
	r := withRecords(t, maxCursorLag+1)
	g := r.join("late")
	g.say(`{"a":"p","ch":"documents.doc","id":"caret","p":{"index":0,"length":0},"pv":1,"v":1}`)
	if said := g.take(); !strings.Contains(said, "ERR_PRESENCE_TRANSFORM_FAILED") {
		t.Fatalf("it is told %s", said)
	}
}
