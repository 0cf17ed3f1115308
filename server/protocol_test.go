package server

import (
	"fmt"
	"strings"
	"testing"
)

const subscribe = `{"a":"s","c":"documents","d":"<doc>","v":null}`

// follow subscribes to a document whose content the test knows already.
func (p *peer) follow() {
	p.t.Helper()
	p.send(subscribe)
	if m := p.receive(); m["a"] != "s" || m["error"] != nil {
		p.t.Fatalf("subscribe answered %v", m)
	}
}

// edit sends an op.
func (p *peer) edit(version, seq int, op string) {
	p.t.Helper()
	p.send(fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":%d,"src":"<id>","seq":%d,"x":{},"op":%s}`, version, seq, op))
}

func ack(version, seq int) string {
	return fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":%d,"src":"<id>","seq":%d}`, version, seq)
}

func opFrom(src string, version, seq int, op string) string {
	return fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":%d,"src":%q,"seq":%d,"op":%s}`, version, src, seq, op)
}

func TestHandshakeGivesAnIDAndKeepsTheOneAClientComesBackWith(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	first := ts.dial(doc)
	first.send(`{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`)
	m := first.receive()
	if m["protocol"] != 1.0 || m["type"] != "http://sharejs.org/types/JSONv0" || len(m["id"].(string)) < 22 {
		t.Fatalf("handshake answered %v", m)
	}
	again := ts.join(doc, m["id"].(string))
	if again.id != m["id"] {
		t.Fatalf("came back as %q, was %q", again.id, m["id"])
	}
	again.shake("")
	if again.id != m["id"] {
		t.Fatal("the second handshake of a connection gave another id")
	}
}

func TestNobodySeesAnotherClientsSecret(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	writer, reader := ts.join(doc, ""), ts.join(doc, "")
	reader.follow()
	writer.follow()
	writer.edit(1, 1, `[{"insert":"a"}]`)
	writer.expect(ack(1, 1))
	reader.expect(opFrom(sourceOf(writer.id), 1, 1, `[{"insert":"a"}]`))
	// The name others know it by gives no power over its sequence numbers.
	reader.send(fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":2,"src":%q,"seq":2,"op":[{"insert":"forged"}]}`, sourceOf(writer.id)))
	reader.receive()
	writer.receive()
	writer.edit(3, 2, `[{"insert":"b"}]`)
	writer.expect(ack(3, 2))
	if got := ts.text(doc); got != "bforgeda" {
		t.Fatalf("text is %q", got)
	}
}

func TestFetchShowsContentAndMissedRecords(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("rich", "hello")
	p := ts.join(doc, "")
	p.send(`{"a":"f","c":"documents","d":"<doc>","v":null}`)
	p.expect(`{"a":"f","c":"documents","d":"<doc>","data":{"v":1,"type":"http://sharejs.org/types/rich-text/v1","data":{"ops":[{"insert":"hello\n"}]}}}`)
	p.edit(1, 1, `[{"retain":5},{"insert":"!"}]`)
	p.expect(ack(1, 1))
	p.send(`{"a":"f","c":"documents","d":"<doc>","v":1}`)
	p.expect(opFrom("<id>", 1, 1, `[{"retain":5},{"insert":"!"}]`), `{"a":"f","c":"documents","d":"<doc>"}`)
	p.send(`{"a":"f","c":"documents","d":"<doc>","v":2}`)
	p.expect(`{"a":"f","c":"documents","d":"<doc>"}`)
}

func TestMissingDocumentHasAnExplicitNullType(t *testing.T) {
	ts := serveNew(t)
	p := ts.join("nothing-here", "")
	p.send(subscribe)
	p.expect(`{"a":"s","c":"documents","d":"<doc>","data":{"v":0,"type":null}}`)
}

func TestDocumentCreatedOverTheWireIsRichUnlessSaidOtherwise(t *testing.T) {
	ts := serveNew(t)
	for kind, extra := range map[string]string{"rich": "", "markdown": `,"kind":"markdown"`} {
		p := ts.join("made-"+kind, "")
		p.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"x":{},"create":{"type":"rich-text","data":[{"insert":"x\n"}]` + extra + `}}`)
		p.expect(ack(0, 1))
		_, _, answer := ts.do("GET", "/api/v1/documents/made-"+kind, "")
		if !strings.Contains(answer, `"kind":"`+kind+`"`) || !strings.Contains(answer, `"delta":[{"insert":"x\n"}]`) {
			t.Fatalf("the API says %s", answer)
		}
	}
}

func TestConcurrentEditsMeetAndTheCommittedOneStaysLeft(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	a.follow()
	b.follow()
	a.edit(1, 1, `[{"insert":"A"}]`)
	a.expect(ack(1, 1))
	b.edit(1, 1, `[{"insert":"B"}]`) // made without knowing of A
	b.expect(opFrom(sourceOf(a.id), 1, 1, `[{"insert":"A"}]`), ack(2, 1))
	a.expect(opFrom(sourceOf(b.id), 2, 1, `[{"retain":1},{"insert":"B"}]`))
}

func TestAuthorWhoIsNotSubscribedGetsWhatItMissedBeforeTheAcknowledgement(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	a.edit(1, 1, `[{"insert":"A"}]`)
	a.expect(ack(1, 1))
	b.edit(1, 1, `[{"insert":"B"}]`)
	b.expect(opFrom(sourceOf(a.id), 1, 1, `[{"insert":"A"}]`), ack(2, 1))
}

func TestResubmissionAfterALostAcknowledgementIsAppliedOnce(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"once"}]`)
	p.expect(ack(1, 1))
	p.edit(1, 1, `[{"insert":"once"}]`)
	p.expect(ack(1, 1))
	p.conn.Close()

	back := ts.join(doc, p.id)
	back.edit(1, 1, `[{"insert":"once"}]`)
	back.expect(ack(1, 1))
	ts.stop()

	restarted := serveAt(t, data, nil)
	last := restarted.join(doc, p.id)
	last.edit(1, 1, `[{"insert":"once"}]`)
	last.expect(ack(1, 1))
	if got := restarted.text(doc); got != "once" {
		t.Fatalf("text is %q", got)
	}
}

func TestClientFindsItsOwnWorkInTheCatchUp(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"mine"}]`)
	p.expect(ack(1, 1))
	back := ts.join(doc, p.id)
	back.send(`{"a":"s","c":"documents","d":"<doc>","v":1}`)
	back.expect(opFrom("<id>", 1, 1, `[{"insert":"mine"}]`), `{"a":"s","c":"documents","d":"<doc>"}`)
}

func TestCopyOfAnEditItsAuthorHasPassedIsAnErrorNotAnAcknowledgement(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"a"}]`)
	p.expect(ack(1, 1))
	p.edit(2, 1, `[{"insert":"a"}]`) // as if it had taken its own record for somebody else's
	p.expectError("ERR_OP_ALREADY_SUBMITTED")
	if got := ts.text(doc); got != "a" {
		t.Fatalf("text is %q", got)
	}
}

func TestUnsubscribedMemberGetsNoRecords(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.follow()
	b.send(`{"a":"u","c":"documents","d":"<doc>"}`)
	b.expect(`{"a":"u","c":"documents","d":"<doc>"}`)
	a.edit(1, 1, `[{"insert":"a"}]`)
	a.expect(ack(1, 1))
	b.send(`{"a":"pp"}`)
	b.expect(`{"a":"pp"}`)
}

func TestDeletedDocumentKeepsItsVersionAndRefusesEdits(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "a")
	a, b := ts.joinOwner(doc), ts.join(doc, "")
	b.follow()
	a.send(`{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"del":true}`)
	a.expect(ack(1, 1))
	b.expect(fmt.Sprintf(`{"a":"op","c":"documents","d":"<doc>","v":1,"src":%q,"seq":1,"del":true}`, sourceOf(a.id)))
	b.edit(1, 1, `[{"insert":"late"}]`)
	b.expectError("ERR_DOC_WAS_DELETED")
	b.edit(2, 2, `[{"insert":"late"}]`)
	b.expectError("ERR_DOC_DOES_NOT_EXIST")
	b.send(subscribe)
	b.expect(`{"a":"s","c":"documents","d":"<doc>","data":{"v":2,"type":null}}`)
	if status, _, _ := ts.do("GET", "/api/v1/documents/"+doc, ""); status != 404 {
		t.Fatalf("the API answers %d for a deleted document", status)
	}
}

func TestHalvesOfASurrogatePairSurvive(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.create("text", "😀")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.follow()
	a.edit(1, 1, `[{"retain":1},{"insert":"x"}]`) // between the halves
	a.expect(ack(1, 1))
	b.expect(opFrom(sourceOf(a.id), 1, 1, `[{"retain":1},{"insert":"x"}]`))
	ts.stop()

	restarted := serveAt(t, data, nil)
	c := restarted.join(doc, "")
	c.send(subscribe)
	raw, err := c.read()
	if err != nil || !strings.Contains(string(raw), `"\ud83dx\ude00"`) {
		t.Fatalf("snapshot is %s (%v)", raw, err)
	}
	c.edit(2, 1, `[{"retain":1},{"delete":1}]`)
	c.expect(ack(2, 1))
	if got := restarted.text(doc); got != "😀" {
		t.Fatalf("text is %q", got)
	}
}

func TestDeltaIsBroadcastAsItWasSent(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "ab")
	a, b := ts.join(doc, ""), ts.join(doc, "")
	b.follow()
	untidy := `[{"delete":1},{"insert":"x"},{"insert":"y"},{"retain":1}]`
	a.edit(1, 1, untidy)
	a.expect(ack(1, 1))
	b.expect(opFrom(sourceOf(a.id), 1, 1, untidy))
}

func TestOurOwnClientsLearnKindAndTitle(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("code", "")
	ours, stock := ts.join(doc, ""), ts.join(doc, "")
	ours.send(`{"a":"q:hello","c":"documents","d":"<doc>"}`)
	m := ours.receive()
	if m["a"] != "q:hello" || m["kind"] != "code" || m["maxMessageBytes"] != float64(DefaultLimits.MessageBytes) {
		t.Fatalf("hello answered %v", m)
	}
	if status, _, answer := ts.do("PATCH", "/api/v1/documents/"+doc, `{"title":"Plan"}`); status != 200 {
		t.Fatal(answer)
	}
	ours.expect(`{"a":"q:about","c":"documents","d":"<doc>","kind":"code","language":"","title":"Plan"}`)
	if status, _, answer := ts.do("PATCH", "/api/v1/documents/"+doc, `{"language":"c++"}`); status != 200 {
		t.Fatal(answer)
	}
	ours.expect(`{"a":"q:about","c":"documents","d":"<doc>","kind":"code","language":"c++","title":"Plan"}`)
	if status, _, answer := ts.do("PATCH", "/api/v1/documents/"+doc, `{"kind":"markdown"}`); status != 200 {
		t.Fatal(answer)
	}
	ours.expect(`{"a":"q:about","c":"documents","d":"<doc>","kind":"markdown","language":"c++","title":"Plan"}`)
	stock.send(`{"a":"pp"}`)
	stock.expect(`{"a":"pp"}`)
}
