package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func snapshotOf(action, version, text string) string {
	return fmt.Sprintf(`{"a":%q,"c":"documents","d":"<doc>","data":{"v":%s,"type":"http://sharejs.org/types/rich-text/v1","data":{"ops":[{"insert":%q}]}}}`, action, version, text)
}

func TestOneConnectionEditsSeveralDocuments(t *testing.T) {
	ts := serveNew(t)
	plan, list := ts.create("text", "plan"), ts.create("text", "list")
	writer, reader := ts.joinAny(""), ts.joinAny("")
	for _, doc := range []string{plan, list} {
		reader.on(doc).follow()
		writer.on(doc).follow()
	}
	writer.on(plan).edit(1, 1, `[{"insert":"a "}]`)
	writer.on(plan).expect(ack(1, 1))
	writer.on(list).edit(1, 2, `[{"insert":"my "}]`) // sequence numbers count over all documents
	writer.on(list).expect(ack(1, 2))
	for range 2 {
		m := reader.receive()
		if m["a"] != "op" || m["src"] != sourceOf(writer.id) {
			t.Fatalf("the reader got %v", m)
		}
	}
	if ts.text(plan) != "a plan" || ts.text(list) != "my list" {
		t.Fatalf("texts are %q and %q", ts.text(plan), ts.text(list))
	}
}

func TestBothAddressesMeetInOneRoom(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	one, any := ts.join(doc, ""), ts.joinAny("").on(doc)
	one.follow()
	any.follow()
	one.edit(1, 1, `[{"insert":"a"}]`)
	one.expect(ack(1, 1))
	any.expect(opFrom(sourceOf(one.id), 1, 1, `[{"insert":"a"}]`))
	any.edit(2, 1, `[{"insert":"b"}]`)
	any.expect(ack(2, 1))
	one.expect(opFrom(sourceOf(any.id), 2, 1, `[{"insert":"b"}]`))
}

func TestBulkSubscriptionShowsEachDocumentAndTheRecordsSince(t *testing.T) {
	ts := serveNew(t)
	a, b := ts.create("text", "A"), ts.create("text", "B")
	p := ts.joinAny("")
	p.send(fmt.Sprintf(`{"a":"bs","c":"documents","b":[%q,%q,"never-made","not an id"]}`, a, b))
	m := p.receive()
	data, _ := m["data"].(map[string]any)
	if m["a"] != "bs" || m["c"] != "documents" || len(data) != 4 {
		t.Fatalf("answered %v", m)
	}
	if shown, _ := data[a].(map[string]any); shown["v"] != 1.0 || shown["data"] == nil {
		t.Fatalf("the first document is shown as %v", shown)
	}
	if missing, _ := data["never-made"].(map[string]any); missing["v"] != 0.0 || !hasNullType(missing) {
		t.Fatalf("the missing document is shown as %v", missing)
	}
	if refused, _ := data["not an id"].(map[string]any); refused["error"] == nil {
		t.Fatalf("what is no document is shown as %v", refused)
	}
	writer := ts.join(b, "")
	writer.edit(1, 1, `[{"insert":"x"}]`)
	p.on(b).expect(opFrom(sourceOf(writer.id), 1, 1, `[{"insert":"x"}]`))
}

func hasNullType(snapshot map[string]any) bool {
	kind, given := snapshot["type"]
	return given && kind == nil
}

func TestBulkSubscriptionWithVersionsIsAnsweredAfterTheRecordsMissed(t *testing.T) {
	ts := serveNew(t)
	a, b := ts.create("text", ""), ts.create("text", "")
	writer := ts.join(a, "")
	writer.edit(1, 1, `[{"insert":"x"}]`)
	writer.expect(ack(1, 1))
	p := ts.joinAny("")
	p.send(fmt.Sprintf(`{"a":"bs","c":"documents","b":{%q:1,%q:1}}`, a, b))
	p.on(a).expect(opFrom(sourceOf(writer.id), 1, 1, `[{"insert":"x"}]`),
		fmt.Sprintf(`{"a":"bs","c":"documents","b":{%q:1,%q:1}}`, a, b))
	writer.edit(2, 2, `[{"insert":"y"}]`)
	p.on(a).expect(opFrom(sourceOf(writer.id), 2, 2, `[{"insert":"y"}]`))
}

func TestOneDocumentOfABulkRequestThatIsRefusedDoesNotTakeTheOthersAlong(t *testing.T) {
	ts := serveNew(t)
	a, b := ts.create("text", ""), ts.create("text", "")
	p := ts.joinAny("")
	p.send(fmt.Sprintf(`{"a":"bf","c":"documents","b":{%q:1,%q:9}}`, a, b))
	p.expectError("ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT")
	p.expect(fmt.Sprintf(`{"a":"bf","c":"documents","b":{%q:1}}`, a))
}

func TestBulkUnsubscriptionEndsThePushes(t *testing.T) {
	ts := serveNew(t)
	a, b := ts.create("text", ""), ts.create("text", "")
	p, writer := ts.joinAny(""), ts.join(a, "")
	p.on(a).follow()
	p.on(b).follow()
	p.send(fmt.Sprintf(`{"a":"bu","c":"documents","b":[%q,%q]}`, a, b))
	p.expect(fmt.Sprintf(`{"a":"bu","c":"documents","b":[%q,%q]}`, a, b))
	writer.edit(1, 1, `[{"insert":"x"}]`)
	writer.expect(ack(1, 1))
	p.send(`{"a":"pp"}`)
	p.expect(`{"a":"pp"}`)
}

func TestPresencesOfSeveralDocumentsGoWithTheirConnection(t *testing.T) {
	ts := serveNew(t)
	docs := []string{ts.create("text", "hello"), ts.create("text", "hello")}
	visitor := ts.joinAny("")
	var watchers []*peer
	for _, doc := range docs {
		watcher := ts.join(doc, "")
		watcher.attend()
		visitor.on(doc).send(cursorAt("caret", 1, 1, 2))
		visitor.on(doc).expect(from("<id>", cursorAt("caret", 1, 1, 2)))
		watcher.expect(from(sourceOf(visitor.id), cursorAt("caret", 1, 1, 2)))
		watchers = append(watchers, watcher)
	}
	visitor.conn.Close()
	for _, watcher := range watchers {
		if m := watcher.receive(); m["a"] != "p" || m["p"] != nil || m["src"] != sourceOf(visitor.id) {
			t.Fatalf("got %v, want the cursor taken away", m)
		}
	}
}

func TestConnectionOfSeveralDocumentsEndsWithARoomThatFails(t *testing.T) {
	ts := serveNew(t)
	doc, other := ts.create("text", ""), ts.create("text", "")
	p := ts.joinAny("")
	p.on(other).follow()
	p.on(doc).follow()
	ts.rooms.find(doc).tell(func(*Room) { panic("planted by a test") })
	p.expectClosed(websocket.CloseTryAgainLater)
	back := ts.joinAny(p.id).on(doc)
	back.edit(1, 1, `[{"insert":"a"}]`)
	back.expect(ack(1, 1))
}

// A connection that has only asked, and whose request the room has not even seen, must not wait for ever.
func TestConnectionThatEntersARoomAsItEndsIsClosed(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	holding := make(chan struct{})
	p := ts.joinAny("").on(doc)
	p.send(subscribe)
	p.receive()
	ts.rooms.find(doc).tell(func(*Room) {
		<-holding
		panic("planted by a test")
	})
	p.send(`{"a":"u","c":"documents","d":"<doc>"}`)
	close(holding)
	p.expectClosed(websocket.CloseTryAgainLater)
}

func TestShutdownTellsConnectionsWithoutDocumentsToComeBack(t *testing.T) {
	ts := serveNew(t)
	p := ts.joinAny("")
	ts.stop()
	p.expectClosed(websocket.CloseServiceRestart)
}

func TestDocumentsThatAreOnlyLookedAtAreGivenUpAgain(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.IdleAfter = time.Millisecond
		o.Limits = DefaultLimits
		o.Limits.DocumentsPerConnection = spareSeats + 1
	})
	kept := ts.create("text", "kept")
	p := ts.joinAny("")
	p.on(kept).follow()
	for range 3 * spareSeats {
		doc := p.on(ts.create("text", "x"))
		doc.send(`{"a":"f","c":"documents","d":"<doc>","v":null}`)
		doc.expect(snapshotOf("f", "1", "x"))
	}
	writer := ts.join(kept, "")
	writer.edit(1, 1, `[{"insert":"still "}]`)
	p.on(kept).expect(opFrom(sourceOf(writer.id), 1, 1, `[{"insert":"still "}]`))
}

func TestConnectionMayUseSoManyDocumentsAtATime(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Limits = DefaultLimits
		o.Limits.DocumentsPerConnection = 2
	})
	p := ts.joinAny("")
	for range 2 {
		p.on(ts.create("text", "x")).follow()
	}
	third := p.on(ts.create("text", "x"))
	third.send(subscribe)
	third.expectError("ERR_LIMIT_EXCEEDED")
}

func TestClientThatIsSilentIsGreetedAsOneOfVersionOne(t *testing.T) {
	onlyWebSocket(t)
	t.Parallel()
	ts := serveNew(t)
	old := ts.dial(ts.create("text", "a"))
	m := old.receive()
	if m["a"] != "init" || m["protocol"] != 1.0 || m["type"] != "http://sharejs.org/types/JSONv0" {
		t.Fatalf("greeted by %v", m)
	}
	old.id, _ = m["id"].(string)
	old.edit(1, 1, `[{"insert":"b"}]`)
	old.expect(ack(1, 1))
	old.shake("") // a slow client of a newer version answers with a handshake, and stays who it is
	if old.id != m["id"] {
		t.Fatalf("greeted as %v, then known as %s", m["id"], old.id)
	}
}

func TestVersionsOfThePast(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "a")
	p := ts.joinAs("", ts.ownerOf(doc)).on(doc)
	p.edit(1, 1, `[{"retain":1},{"insert":"b"}]`)
	p.expect(ack(1, 1))
	p.send(`{"a":"op","c":"documents","d":"<doc>","v":2,"src":"<id>","seq":2,"del":true}`)
	p.expect(ack(2, 2))
	content := func(id int, version, text string) string {
		return fmt.Sprintf(`{"a":"nf","id":%d,"v":%s,"type":"http://sharejs.org/types/rich-text/v1","data":{"ops":[{"insert":%q}]},"m":null}`, id, version, text)
	}
	for id, test := range []struct{ version, want string }{
		{"0", `{"a":"nf","id":0,"v":0,"type":null,"m":null}`},
		{"1", content(1, "1", "a")},
		{"2", content(2, "2", "ab")},
		{"3", `{"a":"nf","id":3,"v":3,"type":null,"m":null}`},
		{"null", `{"a":"nf","id":4,"v":3,"type":null,"m":null}`},
	} {
		p.send(fmt.Sprintf(`{"a":"nf","id":%d,"c":"documents","d":"<doc>","v":%s}`, id, test.version))
		p.expect(test.want)
	}
	p.send(`{"a":"nf","id":5,"c":"documents","d":"<doc>","v":4}`)
	if m := p.receive(); m["error"] == nil || m["id"] != 5.0 {
		t.Fatalf("a version to come is answered by %v", m)
	}
}

func TestMomentsOfThePast(t *testing.T) {
	ts := serveNew(t)
	before := nowMillis() - 1
	p := ts.joinAny("").on(ts.create("text", "a"))
	at := func(ms string) map[string]any {
		p.send(fmt.Sprintf(`{"a":"nt","id":7,"c":"documents","d":"<doc>","ts":%s}`, ms))
		return p.receive()
	}
	if m := at(fmt.Sprint(before)); m["v"] != 0.0 || !hasNullType(m) {
		t.Fatalf("before its creation it is %v", m)
	}
	for _, ms := range []string{fmt.Sprint(nowMillis()), "null", fmt.Sprint(nowMillis()+1_000_000) + ".0"} {
		if m := at(ms); m["v"] != 1.0 || m["data"] == nil || m["id"] != 7.0 {
			t.Fatalf("at %s it is %v", ms, m)
		}
	}
	if m := ts.joinAny("").on("never-made").ask(`{"a":"nt","id":1,"c":"documents","d":"<doc>","ts":null}`); m["v"] != 0.0 || !hasNullType(m) {
		t.Fatalf("a document that never was is %v", m)
	}
}

// ask sends a message and returns the next that comes.
func (p *peer) ask(message string) map[string]any {
	p.t.Helper()
	p.send(message)
	return p.receive()
}

// What rooms say after their part of a bulk answer comes after all of it.
func TestRecordsWaitForTheBulkAnswerTheyFollow(t *testing.T) {
	slow, quick := openHeld(t, "slow"), openHeld(t, "quick")
	conn := &notedConn{}
	seatIn := func(r *heldRoom) *member {
		m := &member{conn: conn, id: "bulk", src: sourceOf("bulk")}
		r.Join(m)
		return m
	}
	author := slow.join("author")
	author.edit(1, 1, `[{"insert":"x"}]`) // not durable yet: whoever asks now has to wait
	inSlow, inQuick := seatIn(slow), seatIn(quick)
	answers := &bulkAnswers{}
	req := decodedRequest(t, `{"a":"bs","c":"documents","b":["slow","quick"]}`)
	g := answers.begin(conn, req)
	slow.receive(ask{inSlow, decodedRequest(t, `{"a":"s","c":"documents","d":"slow"}`), g})
	quick.receive(ask{inQuick, decodedRequest(t, `{"a":"s","c":"documents","d":"quick"}`), g})
	other := quick.join("other")
	other.edit(1, 1, `[{"insert":"y"}]`)
	quick.sync()
	if said := conn.take(); said != "" {
		t.Fatalf("before all is known it says %s", said)
	}
	slow.sync()
	said := conn.sent
	if len(said) != 2 || !strings.HasPrefix(said[0], `{"a":"bs"`) || !strings.HasPrefix(said[1], `{"a":"op"`) {
		t.Fatalf("it says %q", said)
	}
	other.edit(2, 2, `[{"insert":"z"}]`)
	quick.sync()
	if len(conn.sent) != 3 {
		t.Fatal("after the answer records are still held back")
	}
}
