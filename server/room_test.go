package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// heldLog is a log that becomes durable when the test says so.
type heldLog struct {
	durable, held []store.Record
	snapshots     []store.Snapshot
	reads         int
	err           error
}

func (l *heldLog) Append(r store.Record, _ []byte) error {
	l.held = append(l.held, r)
	return nil
}
func (l *heldLog) Durable() (uint64, error) { return uint64(len(l.durable)), l.err }
func (l *heldLog) Records(from, to uint64, fn func(store.Record) error) error {
	for _, r := range l.durable[from:to] {
		l.reads++
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

func (l *heldLog) Last(src string) (seq, revision uint64, ok bool, err error) {
	for _, r := range l.durable {
		if r.Src == src {
			seq, revision, ok = r.Seq, r.Revision, true
		}
	}
	return seq, revision, ok, nil
}

func (l *heldLog) PutSnapshot(s store.Snapshot) error {
	l.snapshots = append(l.snapshots, s)
	return nil
}

// heldRoom is a room on a held log, of a document that holds text.
type heldRoom struct {
	*Room
	t   *testing.T
	log *heldLog
}

func openHeld(t *testing.T, text string) *heldRoom {
	t.Helper()
	content := change{changeCreate, ot.Delta{ot.InsertText(text, ot.Attributes{})}}
	log := &heldLog{durable: []store.Record{{Src: "creator", Seq: 1, Payload: content.encode()}}}
	head := newState()
	if err := head.apply(content); err != nil {
		t.Fatal(err)
	}
	meta := metadata{Kind: KindText, Access: &access.Access{General: access.Owner}}
	from := loaded{described: described{meta: meta}, head: head}
	room := openRoom("doc", from, log, func() int64 { return 1 }, DefaultLimits, slog.New(slog.DiscardHandler))
	return &heldRoom{room, t, log}
}

// sync makes durable all that is held.
func (r *heldRoom) sync() {
	r.log.durable = append(r.log.durable, r.log.held...)
	r.log.held = nil
	r.Advance()
}

// notedConn remembers what is sent to it.
type notedConn struct {
	sent    []string
	ready   []func()
	closed  int
	onClose func()
}

func (c *notedConn) Queue(_ string, m message) { c.sent = append(c.sent, string(m.text)) }
func (c *notedConn) Flush(bool)                {}
func (c *notedConn) Ready(f func())            { c.ready = append(c.ready, f) }
func (c *notedConn) Close(code int, _ string) <-chan struct{} {
	c.closed = code
	if c.onClose != nil {
		c.onClose()
	}
	return nil
}

// take returns what has been sent since the last call.
func (c *notedConn) take() string {
	all := strings.Join(c.sent, "\n")
	c.sent = nil
	return all
}

// guest is a member of a held room, and what it is told.
type guest struct {
	*notedConn
	room   *heldRoom
	member *member
}

func (r *heldRoom) join(id string) *guest {
	conn := &notedConn{}
	m := &member{conn: conn, id: id, src: sourceOf(id), principal: "guest:" + id}
	r.Join(m)
	return &guest{conn, r, m}
}

// say has the room handle a message.
func (g *guest) say(format string, args ...any) {
	g.room.t.Helper()
	g.room.Receive(g.member, decodedRequest(g.room.t, fmt.Sprintf(format, args...)))
}

func decodedRequest(t *testing.T, message string) *wire.Request {
	t.Helper()
	req, err := wire.Decode([]byte(message), ot.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func (g *guest) edit(version, seq int, op string) {
	g.room.t.Helper()
	g.say(`{"a":"op","c":"documents","d":"doc","v":%d,"src":%q,"seq":%d,"op":%s}`, version, g.member.id, seq, op)
}

func (g *guest) ask(action, version string) {
	g.room.t.Helper()
	g.say(`{"a":%q,"c":"documents","d":"doc","v":%s}`, action, version)
}

func (g *guest) point(id string, pv, version, index int) {
	g.room.t.Helper()
	g.say(`{"a":"p","ch":"documents.doc","id":%q,"p":{"index":%d,"length":0},"pv":%d,"v":%d}`, id, index, pv, version)
}

func TestNothingIsToldBeforeItIsDurable(t *testing.T) {
	r := openHeld(t, "")
	author, reader, newcomer := r.join("author"), r.join("reader"), r.join("newcomer")
	reader.ask("s", "1")
	reader.take()
	author.edit(1, 1, `[{"insert":"x"}]`)
	newcomer.ask("f", "null")
	if all := author.take() + reader.take() + newcomer.take(); all != "" {
		t.Fatalf("told too early:\n%s", all)
	}
	r.sync()
	for _, g := range []*guest{author, reader, newcomer} {
		if g.take() == "" {
			t.Error("told nothing once it is durable")
		}
	}
}

// The replies to fetch, subscribe and unsubscribe come in the order of the requests, and the last request has the last word,
// even when some wait for the disk and others need not.
func TestRequestsOfOneMemberAreAnsweredInOrder(t *testing.T) {
	r := openHeld(t, "")
	author, reader := r.join("author"), r.join("reader")
	author.edit(1, 1, `[{"insert":"x"}]`)
	reader.ask("s", "null") // waits
	reader.ask("u", "null")
	reader.ask("s", "1")
	r.sync()
	var actions []string
	for _, message := range strings.Split(reader.take(), "\n") {
		var m struct {
			A string `json:"a"`
		}
		_ = json.Unmarshal([]byte(message), &m)
		actions = append(actions, m.A)
	}
	if got := fmt.Sprint(actions); got != "[s u op s]" {
		t.Fatalf("answered %s", got)
	}
	author.edit(2, 2, `[{"insert":"y"}]`)
	r.sync()
	if reader.take() == "" {
		t.Fatal("it subscribed last, and is told nothing")
	}
}

func TestAMemberThatLeftIsToldNothingMore(t *testing.T) {
	r := openHeld(t, "")
	author, reader := r.join("author"), r.join("reader")
	author.edit(1, 1, `[{"insert":"x"}]`)
	reader.ask("s", "null")
	r.Leave(reader.member)
	r.sync()
	if got := reader.take(); got != "" || reader.member.subscribed {
		t.Fatalf("told %s", got)
	}
}

func TestRequestsThatWaitForTheDiskAreBounded(t *testing.T) {
	r := openHeld(t, "")
	author, flood := r.join("author"), r.join("flood")
	author.edit(1, 1, `[{"insert":"x"}]`)
	for range 10 * maxWaits {
		flood.ask("f", "null")
	}
	if flood.closed != CloseTryAgain || len(r.waiting) > maxWaits {
		t.Fatalf("%d answers wait, closed with %d", len(r.waiting), flood.closed)
	}
}

func TestCopiesOfAnEditThatIsNotYetDurableAreAcknowledgedOncePerConnection(t *testing.T) {
	r := openHeld(t, "")
	old := r.join("author")
	old.edit(1, 1, `[{"insert":"x"}]`)
	back := r.join("author")
	for range 1000 {
		back.edit(1, 1, `[{"insert":"x"}]`)
	}
	r.sync()
	ack := `{"a":"op","c":"documents","d":"doc","v":1,"src":"author","seq":1}`
	if o, b := old.take(), back.take(); o != ack || b != ack {
		t.Fatalf("the old connection was told\n%s\nthe new one\n%s", o, b)
	}
}

// What a peer can make a room remember is bounded, whatever it sends.
func TestSourcesAndAliasesThatNeverCommittedAreForgotten(t *testing.T) {
	for _, kind := range []string{"there", "never created"} {
		r := openHeld(t, "")
		if kind == "never created" {
			r.log.durable, r.head, r.durable = nil, newState(), 0
		}
		hostile := r.join("hostile")
		for i := range 20 * maxAliases {
			hostile.say(`{"a":"op","c":"documents","d":"doc","v":0,"src":"invented-%d","seq":1,"op":[{"delete":9}]}`, i)
			hostile.take()
		}
		if len(r.authors) != 0 || len(hostile.member.aliases) > maxAliases {
			t.Errorf("%s: %d authors and %d aliases", kind, len(r.authors), len(hostile.member.aliases))
		}
	}
}

func TestWorkSentUnderAnEarlierIDIsAcknowledgedUnderIt(t *testing.T) {
	r := openHeld(t, "")
	g := r.join("second")
	g.ask("s", "1")
	g.take()
	g.say(`{"a":"op","c":"documents","d":"doc","v":1,"src":"first","seq":7,"op":[{"insert":"x"}]}`)
	r.sync()
	if got := g.take(); got != `{"a":"op","c":"documents","d":"doc","v":1,"src":"first","seq":7}` {
		t.Fatal(got)
	}
	g.ask("f", "1")
	if got := g.take(); !strings.Contains(got, `"src":"first","seq":7,"op"`) {
		t.Fatal(got)
	}
}

func TestTailIsBoundedInBytes(t *testing.T) {
	r := openHeld(t, "")
	r.tail.maxBytes = 20_000
	g := r.join("author")
	large := strings.Repeat("x", 1000)
	for i := range 60 {
		g.edit(1+2*i, 1+2*i, `[{"insert":"`+large+`"}]`)
		g.edit(2+2*i, 2+2*i, `[{"delete":1000}]`)
		r.sync()
		g.take()
	}
	if r.tail.bytes > 3*r.tail.maxBytes || r.tail.first == 1 {
		t.Fatalf("%d bytes in %d records are kept", r.tail.bytes, len(r.tail.entries))
	}
	sum := 0
	for _, e := range r.tail.entries {
		sum += e.bytes
	}
	if sum != r.tail.bytes {
		t.Fatalf("counted %d bytes, there are %d", r.tail.bytes, sum)
	}
	late := r.join("late") // what the tail lost is in the log
	late.edit(1, 1, `[{"insert":"y"}]`)
	r.sync()
	if got := late.take(); strings.Count(got, "\n") != 120 || r.failed != nil {
		t.Fatalf("missed records: %d (%v)", strings.Count(got, "\n"), r.failed)
	}
}

// Small messages that rebasing would make huge are refused.
func TestAttributesThatWouldBeRepeatedWithoutEndAreRefused(t *testing.T) {
	r := openHeld(t, strings.Repeat("a", 1000))
	one, two := r.join("one"), r.join("two")
	one.edit(1, 1, `[`+strings.Repeat(`{"retain":1},{"insert":"b"},`, 999)+`{"insert":"b"}]`)
	r.sync()
	two.edit(1, 1, `[{"retain":1000,"attributes":{"x":"`+strings.Repeat("y", 1<<17)+`"}}]`)
	if got := two.take(); !strings.Contains(got, string(wire.CodeOpNotApplied)) || len(r.log.held) != 0 {
		t.Fatalf("answered %.300s", got)
	}
}

func TestChangeLargerThanARecordMayBeIsRefusedAndTheRoomGoesOn(t *testing.T) {
	r := openHeld(t, "")
	r.limits.MessageBytes, r.limits.DocumentUnits = 64<<20, 1<<30
	g := r.join("author")
	err := r.admit(submission{src: "s", seq: 1, base: 1, change: change{changeEdit, ot.Delta{
		ot.InsertText(strings.Repeat("x", store.MaxPayloadBytes), ot.Attributes{}),
	}}, answer: func(error) {}})
	if refusal, ok := errors.AsType[*wire.Error](err); !ok || refusal.Code != wire.CodeOpNotApplied || r.failed != nil {
		t.Fatal(err, r.failed)
	}
	g.edit(1, 1, `[{"insert":"y"}]`)
	r.sync()
	if g.take() == "" {
		t.Fatal("the room does not go on")
	}
}

func TestSnapshotsComeAfterEveryFewRecordsAcrossRestarts(t *testing.T) {
	r := openHeld(t, "")
	r.snapshotEvery = 10
	g := r.join("author")
	write := func(n int) {
		for range n {
			v := len(r.log.durable)
			g.edit(v, v, `[{"insert":"x"}]`)
			r.sync()
		}
	}
	write(8)
	// The room ends without a chance to keep a snapshot, and is opened again from the log.
	from := loaded{described: described{meta: r.meta}, head: r.head.frozen()}
	r.Room = openRoom("doc", from, r.log, r.now, DefaultLimits, r.logger)
	r.snapshotEvery = 10
	g = r.join("author")
	write(2)
	if len(r.log.snapshots) != 1 || r.log.snapshots[0].Revision != 10 {
		t.Fatalf("kept %v", r.log.snapshots)
	}
}

func TestTitleHeardLateDoesNotReplaceANewerOne(t *testing.T) {
	r := openHeld(t, "")
	g := r.join("ours")
	g.say(`{"a":"q:hello","c":"documents","d":"doc"}`)
	g.take()
	r.Amend(metadata{Kind: KindText, Title: "second", Access: r.meta.Access}, 3)
	r.Amend(metadata{Kind: KindText, Title: "first", Access: r.meta.Access}, 2)
	if got := g.take(); got != `{"a":"q:about","c":"documents","d":"doc","kind":"text","language":"","title":"second"}` || r.meta.Title != "second" {
		t.Fatal(got)
	}
}

// A connection may be gone for a minute before the server notices. Its client has long come back by then.
func TestCursorOfAReturnedClientOutlivesItsOldConnection(t *testing.T) {
	r := openHeld(t, "hello")
	reader, old := r.join("reader"), r.join("ann")
	reader.say(`{"a":"ps","ch":"documents.doc","seq":1}`)
	old.point("caret", 1, 1, 2)
	reader.take()
	back := r.join("ann")
	back.say(`{"a":"ps","ch":"documents.doc","seq":1}`)
	if got := back.take(); strings.Contains(got, `"a":"p"`+",") {
		t.Fatalf("it is shown its own cursor as somebody else's: %s", got)
	}
	back.point("caret", 2, 1, 4)
	back.take()
	reader.take()
	r.Leave(old.member)
	if got := reader.take() + back.take(); got != "" {
		t.Fatalf("the end of the old connection is told: %s", got)
	}
	r.Leave(back.member)
	if got := reader.take(); !strings.Contains(got, `"p":null`) || len(r.presences) != 0 {
		t.Fatalf("told %s", got)
	}
}

func TestCursorFarBehindIsRefusedWithoutReadingTheLog(t *testing.T) {
	r := openHeld(t, "")
	g := r.join("author")
	for i := range maxCursorLag + 1 {
		g.edit(1+i, 1+i, `[{"insert":"x"}]`)
		r.sync()
		g.take()
	}
	r.log.reads = 0
	g.point("caret", 1, 0, 0)
	if got := g.take(); !strings.Contains(got, string(wire.CodePresenceLost)) || r.log.reads != 0 {
		t.Fatalf("answered %s after reading %d records", got, r.log.reads)
	}
	g.point("caret", 2, maxCursorLag+2, 0)
	if got := g.take(); strings.Contains(got, "error") {
		t.Fatal(got)
	}
}

// An edit after a deletion is refused, but not before the deletion is certain.
func TestRefusalWaitsForWhatStandsInTheWay(t *testing.T) {
	r := openHeld(t, "")
	first, second := r.join("first"), r.join("second")
	first.say(`{"a":"op","c":"documents","d":"doc","v":1,"src":"first","seq":1,"del":true}`)
	second.edit(1, 1, `[{"insert":"x"}]`)
	if said := second.take(); said != "" {
		t.Fatalf("before the deletion is durable it is told %s", said)
	}
	r.sync()
	if said := second.take(); !strings.Contains(said, "ERR_DOC_WAS_DELETED") {
		t.Fatalf("then it is told %s", said)
	}
}

// A document's oldest records may be dropped; a client that has been away for longer cannot be brought forward.
func TestWorkFromBeforeWhatIsKeptIsRefusedAndTheRoomGoesOn(t *testing.T) {
	room := openHeld(t, "")
	ann := room.join("ann")
	for version := 1; version <= 4; version++ {
		ann.edit(version, version, `[{"insert":"x"}]`)
		room.sync()
	}
	ann.take()
	room.first = 3
	late := room.join("late")
	const refusal = `"error":{"code":"ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND"`
	for what, request := range map[string]string{
		"an edit":        `{"a":"op","c":"documents","d":"doc","v":2,"src":"late","seq":1,"op":[{"insert":"y"}]}`,
		"a fetch":        `{"a":"f","c":"documents","d":"doc","v":2}`,
		"a subscription": `{"a":"s","c":"documents","d":"doc","v":0}`,
	} {
		late.say("%s", request)
		if said := late.take(); !strings.Contains(said, refusal) {
			t.Errorf("%s at an old version is answered %s", what, said)
		}
	}
	late.say(`{"a":"p","ch":"documents.doc","id":"caret","p":{"index":0,"length":0},"pv":1,"v":1}`)
	if said := late.take(); !strings.Contains(said, "ERR_PRESENCE_TRANSFORM_FAILED") {
		t.Errorf("an old cursor is answered %s", said)
	}
	ann.edit(2, 2, `[{"insert":"x"}]`) // a copy is still known
	if said := ann.take(); !strings.Contains(said, "ERR_OP_ALREADY_SUBMITTED") {
		t.Errorf("a copy that later work has overtaken is answered %s", said)
	}
	late.edit(3, 1, `[{"insert":"y"}]`)
	room.sync()
	if said := late.take(); !strings.Contains(said, `"v":5,"src":"late","seq":1}`) || room.failed != nil {
		t.Errorf("the room failed (%v), or answers newer work with %s", room.failed, said)
	}
}

func TestADiskThatRefusesWritesIsToldApartFromOtherFailures(t *testing.T) {
	for err, code := range map[error]int{
		fmt.Errorf("commit: %w", store.ErrNoSpace): CloseNoSpace, fmt.Errorf("commit: %w", store.ErrReadOnly): CloseNoSpace,
		errors.New("the disk is gone"): CloseTryAgain,
	} {
		room := openHeld(t, "text")
		ann := room.join("ann")
		room.log.err = err
		room.Advance()
		if room.failed == nil || ann.closed != code {
			t.Errorf("%v closes with %d, want %d", err, ann.closed, code)
		}
	}
}
