package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// joinAs opens a connection of somebody who has a cookie, and shakes hands.
func (ts *testServer) joinAs(document, name string) *peer {
	ts.t.Helper()
	header := http.Header{"Cookie": {guestCookie + "=" + ts.guests.value(name)}}
	conn, _, err := websocket.DefaultDialer.Dial(ts.address(document), header)
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { conn.Close() })
	p := &peer{t: ts.t, conn: conn, document: document}
	p.shake("")
	return p
}

// ownerOf returns the guest who created a document.
func (ts *testServer) ownerOf(document string) string {
	ts.t.Helper()
	d, err := ts.describe(document)
	if err != nil {
		ts.t.Fatal(err)
	}
	return strings.TrimPrefix(d.meta.Owner, guestPrefix)
}

// joinOwner opens a connection of whoever created a document, and shakes hands.
func (ts *testServer) joinOwner(document string) *peer {
	ts.t.Helper()
	return ts.joinAs(document, ts.ownerOf(document))
}

// chats is a page of messages as a client gets it.
type chats struct {
	Me       string
	From, To uint64
	Messages []struct {
		N                    uint64
		ID, Person, To, Text string
		Name                 string
		At                   int64
	}
}

// chats asks for messages, with further fields such as `,"before":3`.
func (p *peer) chats(fields string) chats {
	p.t.Helper()
	p.send(`{"a":"q:chats","c":"documents","d":"<doc>"` + fields + `}`)
	data, err := p.read()
	var page chats
	if err == nil {
		err = json.Unmarshal(data, &page)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", data, err)
	}
	return page
}

func (page chats) texts() string {
	var all []string
	for _, m := range page.Messages {
		all = append(all, m.Text)
	}
	return strings.Join(all, " ")
}

// says sends a message, and returns its place once that is told.
func (p *peer) says(id, text, to string) uint64 {
	p.t.Helper()
	p.send(fmt.Sprintf(`{"a":"q:chat","c":"documents","d":"<doc>","id":%q,"m":{"text":%q,"to":%q,"name":"N"}}`, id, text, to))
	return p.hears(text)
}

// hears expects a message.
func (p *peer) hears(text string) uint64 {
	p.t.Helper()
	m := p.receive()
	n, ok := m["n"].(float64)
	if m["a"] != "q:chat" || m["text"] != text || !ok {
		p.t.Fatalf("got %v, want the message %q", m, text)
	}
	return uint64(n)
}

func TestWhatOnePersonSaysEverybodyHears(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ann, ben, stock := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben"), ts.joinAs(doc, "stock")
	if page := ann.chats(""); page.Me != personOf("guest:ann") || page.To != 0 || len(page.Messages) != 0 {
		t.Fatalf("an empty conversation is %+v", page)
	}
	ben.chats("")
	ann.says("1", "hello", "")
	ben.hears("hello")
	ben.says("1", "hi", "") // the same id of somebody else
	ann.hears("hi")
	page := ben.chats("")
	if page.texts() != "hello hi" || page.Messages[0].Person != personOf("guest:ann") || page.Messages[0].At == 0 || page.Messages[0].Name != "N" {
		t.Fatalf("the page is %+v", page)
	}
	stock.send(`{"a":"pp"}`)
	stock.expect(`{"a":"pp"}`) // and nothing that it did not ask for
	if page := ts.joinAs(doc, "ann").chats(`,"v":1`); page.texts() != "hi" || page.From != 1 {
		t.Fatalf("who comes back is sent %+v", page)
	}
}

func TestDirectMessageReachesItsPersonWheneverTheyComeAndNobodyElse(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ann, eve := ts.joinAs(doc, "ann"), ts.joinAs(doc, "eve")
	annAgain := ts.joinAs(doc, "ann")
	for _, p := range []*peer{ann, eve, annAgain} {
		p.chats("")
	}
	ann.says("1", "for ben", personOf("guest:ben"))
	annAgain.hears("for ben") // her other window
	ann.says("2", "for all", "")
	eve.hears("for all")
	if page := eve.chats(""); page.texts() != "for all" || page.To != 2 {
		t.Fatalf("somebody else reads %+v", page)
	}
	ts.stop()
	later := serveAt(t, ts.data, nil)
	ben := later.joinAs(doc, "ben")
	if page := ben.chats(""); page.texts() != "for ben for all" || page.Messages[0].To != page.Me {
		t.Fatalf("when he comes he reads %+v", page)
	}
	ann = later.joinAs(doc, "ann")
	ann.chats("")
	ann.says("3", "now", personOf("guest:ben"))
	ben.hears("now")
}

func TestConversationIsReadPageByPage(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ann, ben := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben")
	const count = 260
	for n := range count {
		to := ""
		if n%3 == 1 {
			to = personOf("guest:cid")
		}
		ann.says(fmt.Sprint(n), fmt.Sprint(n), to)
	}
	var read []string
	for page := ben.chats(""); ; page = ben.chats(fmt.Sprintf(`,"before":%d`, page.From)) {
		if len(page.Messages) > 2*chatPage {
			t.Fatalf("a page has %d messages", len(page.Messages))
		}
		var texts []string
		for _, m := range page.Messages {
			if texts = append(texts, m.Text); m.N < page.From || m.N >= page.To {
				t.Fatalf("message %d is on the page from %d to %d", m.N, page.From, page.To)
			}
		}
		if read = append(texts, read...); page.From == 0 {
			break
		}
	}
	var want []string
	for n := range count {
		if n%3 != 1 {
			want = append(want, fmt.Sprint(n))
		}
	}
	if !slices.Equal(read, want) {
		t.Fatalf("read %v", read)
	}
	if page := ben.chats(`,"v":3`); page.From < 100 || page.To != count {
		t.Fatalf("who missed very much gets the messages from %d to %d", page.From, page.To)
	}
}

func TestMessageThatIsSentAgainIsSaidOnce(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ann := ts.joinAs(doc, "ann")
	ann.chats("")
	first := ann.says("once", "hello", "")
	for n := range 600 { // it leaves the room's memory
		ann.says(fmt.Sprint(n), "more", "")
	}
	again := ts.joinAs(doc, "ann")
	again.send(`{"a":"q:chat","c":"documents","d":"<doc>","v":0,"id":"once","m":{"text":"hello"}}`)
	if n := again.hears("hello"); n != first {
		t.Fatalf("the copy has the place %d, the first %d", n, first)
	}
	if page := again.chats(""); page.To != 601 {
		t.Fatalf("there are %d messages", page.To)
	}
}

func TestBadMessagesAreRefusedWithTheirID(t *testing.T) {
	ts := serveNew(t)
	p := ts.join(ts.create("text", ""), "")
	for _, m := range []string{
		`"id":"x"`, `"id":"x","m":{}`, `"id":"x","m":{"text":"  "}`, `"m":{"text":"no id"}`, `"id":"x","m":{"text":5}`,
		`"id":"x","v":9,"m":{"text":"ahead"}`, `"id":"x","m":{"text":"` + strings.Repeat("x", wire.MaxChatText+1) + `"}`,
		`"id":"x","m":{"text":"a","mentions":[1]}`, `"id":"x","m":{"text":"a","name":"` + strings.Repeat("n", 300) + `"}`,
	} {
		p.send(`{"a":"q:chat","c":"documents","d":"<doc>",` + m + `}`)
		answer := p.receive()
		if _, refused := answer["error"].(map[string]any); !refused || answer["a"] != "q:chat" || strings.Contains(m, `"x"`) && answer["id"] != "x" {
			t.Errorf("%.80s is answered %v", m, answer)
		}
	}
	missing := ts.join("nothing-here", "")
	missing.send(`{"a":"q:chat","c":"documents","d":"<doc>","id":"x","m":{"text":"anybody?"}}`)
	missing.expectError("ERR_DOC_DOES_NOT_EXIST")
}

func TestTypingIsToldToThoseWhomTheMessageIsFor(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	ann, ben, eve := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben"), ts.joinAs(doc, "eve")
	for _, p := range []*peer{ann, ben, eve} {
		p.chats("")
	}
	typing := func(to string) string {
		return fmt.Sprintf(`{"a":"q:typing","c":"documents","d":"<doc>","person":%q,"name":"Ann","to":%q}`, personOf("guest:ann"), to)
	}
	ann.send(`{"a":"q:typing","c":"documents","d":"<doc>","m":{"name":"Ann"}}`)
	ben.expect(typing(""))
	eve.expect(typing(""))
	to := personOf("guest:ben")
	ann.send(`{"a":"q:typing","c":"documents","d":"<doc>","m":{"name":"Ann","to":"` + to + `"}}`)
	ben.expect(typing(to))
	ann.says("1", "done", "")
	eve.hears("done") // and no word of the other message
}

// shakyChat is a chatLog that stores when the test says so, and loses what is not stored in a crash.
type shakyChat struct {
	durable []store.Message
	queued  []waitingMessage
}

func (l *shakyChat) Append(m store.Message, stored func(error)) {
	m.Payload = slices.Clone(m.Payload)
	l.queued = append(l.queued, waitingMessage{m, stored})
}

func (l *shakyChat) Messages(from, to uint64, fn func(store.Message) error) error {
	for _, m := range l.durable[from:min(to, uint64(len(l.durable)))] {
		if err := fn(m); err != nil {
			return err
		}
	}
	return nil
}

// sync stores the first n messages; told says whether the room learns of it before whatever happens next.
func (l *shakyChat) sync(n int, told bool) {
	for _, m := range l.queued[:n] {
		l.durable = append(l.durable, m.Message)
		if told {
			m.stored(nil)
		}
	}
	l.queued = l.queued[n:]
}

// talker is a client that says things, sends again what it does not know to have arrived, and reads what it is told.
type talker struct {
	*guest
	name  string
	known uint64
	said  []saying
	heard map[uint64]string
}

// saying is a message of a talker, which it sends until it is told its place.
type saying struct {
	id, text, to string
	base         uint64
	arrived      bool
}

func (p *talker) arrive(room *heldRoom) {
	p.guest = room.join(p.name)
	p.member.person = personOf(p.member.principal)
	p.guest.say(`{"a":"q:chats","c":"documents","d":"doc","v":%d}`, p.known)
	for _, s := range p.said {
		if !s.arrived {
			p.transmit(s)
		}
	}
}

func (p *talker) transmit(s saying) {
	p.guest.say(`{"a":"q:chat","c":"documents","d":"doc","v":%d,"id":%q,"m":{"text":%q,"to":%q}}`, s.base, s.id, s.text, s.to)
}

// read takes in what the server said, in order.
func (p *talker) read(t *testing.T) {
	for _, message := range p.sent {
		var page chats
		if json.Unmarshal([]byte(message), &page) == nil {
			for _, said := range page.Messages {
				p.hear(t, said.N, said.Person, said.ID, said.Text)
			}
			p.known = max(p.known, page.To)
			continue
		}
		var m struct {
			Text, ID, Person string
			N                uint64
			Error            *wire.Error
		}
		if err := json.Unmarshal([]byte(message), &m); err != nil || m.Error != nil || m.Text == "" {
			t.Fatalf("%s was told %s", p.name, message)
		}
		p.hear(t, m.N, m.Person, m.ID, m.Text)
		p.known = max(p.known, m.N+1)
	}
	p.sent = nil
}

func (p *talker) hear(t *testing.T, n uint64, person, id, text string) {
	if before, known := p.heard[n]; known && before != text {
		t.Fatalf("message %d was %q and is %q", n, before, text)
	}
	p.heard[n] = text
	for i := range p.said {
		if person == p.member.person && p.said[i].id == id {
			p.said[i].arrived = true
		}
	}
}

// Whatever is lost on the way, wherever the server dies: every message is said once, everybody reads the same in the same
// order, and nobody reads what is for another.
func TestEverythingSaidIsHeardOnceInOneOrder(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { talk(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func talk(t *testing.T, random *rand.Rand) {
	log := &shakyChat{}
	open := func() *heldRoom {
		room := openHeld(t, "text")
		count := uint64(len(log.durable))
		room.chat = chat{log: log, head: count, durable: count}
		return room
	}
	room := open()
	var people []*talker
	for _, name := range []string{"ann", "ben", "cid"} {
		p := &talker{name: name, heard: map[uint64]string{}}
		p.arrive(room)
		people = append(people, p)
	}
	crash := func(survives int) {
		log.sync(survives, false)
		log.queued = nil
		room = open()
		for _, p := range people {
			p.read(t)
			p.arrive(room)
		}
	}
	for step := range 120 {
		p := people[random.IntN(len(people))]
		switch random.IntN(10) {
		case 0, 1, 2, 3:
			s := saying{id: fmt.Sprint(step), text: fmt.Sprintf("%s-%d", p.name, step), base: p.known}
			if random.IntN(3) == 0 {
				s.to = personOf("guest:" + people[random.IntN(len(people))].name)
			}
			p.said = append(p.said, s)
			p.transmit(s)
		case 4, 5, 6:
			log.sync(random.IntN(len(log.queued)+1), true)
		case 7:
			p.read(t)
		case 8: // the connection is lost with what was under way
			room.Leave(p.member)
			p.sent = nil
			p.arrive(room)
		case 9:
			crash(random.IntN(len(log.queued) + 1))
		}
		if room.failed != nil {
			t.Fatal(room.failed)
		}
	}
	crash(len(log.queued))
	log.sync(len(log.queued), true)
	checkTalk(t, log, people)
}

func checkTalk(t *testing.T, log *shakyChat, people []*talker) {
	t.Helper()
	count := map[string]int{}
	for _, m := range log.durable {
		var said wire.ChatMessage
		if err := json.Unmarshal(m.Payload, &said); err != nil {
			t.Fatal(err)
		}
		count[said.Text]++
		for _, p := range people {
			p.read(t)
			text, heard := p.heard[m.Index]
			should := said.To == "" || said.To == p.member.person || m.Author == p.member.principal
			if heard != should || heard && text != said.Text {
				t.Errorf("%s hears %q at %d, which is %q to %q", p.name, text, m.Index, said.Text, said.To)
			}
		}
	}
	for _, p := range people {
		for _, s := range p.said {
			if !s.arrived || count[s.text] != 1 {
				t.Errorf("%s said %q: arrived %v, %d times", p.name, s.text, s.arrived, count[s.text])
			}
		}
	}
}

func TestMessageThatCannotBeStoredEndsTheRoomAndIsNotAcknowledged(t *testing.T) {
	log := &shakyChat{}
	room := openHeld(t, "text")
	room.chat.log = log
	ann := room.join("ann")
	ann.say(`{"a":"q:chat","c":"documents","d":"doc","id":"1","m":{"text":"hello"}}`)
	log.queued[0].stored(errors.New("the disk is gone"))
	if room.failed == nil || ann.closed != CloseTryAgain || len(ann.sent) != 0 {
		t.Fatalf("failed %v, closed %d, told %q", room.failed, ann.closed, ann.sent)
	}
}
