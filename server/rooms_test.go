package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

func TestIdleRoomClosesAndOpensAgainWithEverything(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.IdleAfter = time.Millisecond })
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"kept"}]`)
	p.expect(ack(1, 1))
	open := ts.rooms.find(doc)
	p.conn.Close()
	<-open.gone
	if n := ts.OpenRooms(); n != 0 {
		t.Fatalf("%d rooms are open", n)
	}
	again := ts.join(doc, p.id)
	again.edit(1, 1, `[{"insert":"kept"}]`)
	again.expect(ack(1, 1)) // recognised though the room that first saw it is gone
	if got := ts.text(doc); got != "kept" {
		t.Fatalf("text is %q", got)
	}
}

func TestShutdownTellsSessionsToComeBackAndKeepsTheirWork(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.edit(1, 1, `[{"insert":"kept"}]`)
	p.expect(ack(1, 1))
	ts.stop()
	p.expectClosed(websocket.CloseServiceRestart)
	if got := serveAt(t, data, nil).text(doc); got != "kept" {
		t.Fatalf("text is %q", got)
	}
}

func TestRequestForARoomDuringShutdownIsAskedToComeBack(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	if err := ts.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	status, header, body := ts.do(http.MethodGet, "/ws/"+doc, "", upgrade...)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Fatalf("answered %d %v %s", status, header, body)
	}
}

func TestPanicInARoomClosesThatRoomAlone(t *testing.T) {
	ts := serveNew(t)
	broken, well := ts.create("text", "a"), ts.create("text", "b")
	victim, bystander := ts.join(broken, ""), ts.join(well, "")
	victim.follow()
	bystander.follow()
	place := ts.rooms.find(broken)
	place.tell(func(*Room) { panic("planted by a test") })
	victim.expectClosed(CloseTryAgain)
	<-place.gone
	bystander.edit(1, 1, `[{"insert":"x"}]`)
	bystander.expect(ack(1, 1))
	ts.join(broken, "").follow() // it can be opened again
}

func TestDocumentWhoseLogIsDamagedIsAnErrorNotAnEmptyDocument(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "precious")
	if err := ts.store.Append(context.Background(), doc, 1, []store.Record{{Src: "x", Seq: 1, Payload: []byte{99}}}, nil); err != nil {
		t.Fatal(err)
	}
	status, _, body := ts.do(http.MethodGet, "/api/v1/documents/"+doc, "")
	if status != http.StatusServiceUnavailable {
		t.Fatalf("the API answers %d %s", status, body)
	}
	status, _, body = ts.do(http.MethodGet, "/ws/"+doc, "", upgrade...)
	if status != http.StatusServiceUnavailable {
		t.Fatalf("the socket answers %d %s", status, body)
	}
}

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	first, err := LoadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadSecret(path)
	if err != nil || string(again) != string(first) {
		t.Fatalf("read %x after %x (%v)", again, first, err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSecret(path); err == nil {
		t.Fatal("a secret of 5 bytes was accepted")
	}
}

func TestServerEndsWhenTheStoreNoLongerKnowsWhatIsOnDisk(t *testing.T) {
	failed := make(chan error, 1)
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Failed = func(err error) { failed <- err } })
	doc := ts.create("text", "")
	p := ts.join(doc, "")
	p.follow()
	ts.rooms.find(doc).tell(func(r *Room) { r.fail(fmt.Errorf("commit: %w", store.ErrUnknown)) })
	p.expectClosed(CloseTryAgain)
	if err := <-failed; !errors.Is(err, store.ErrUnknown) {
		t.Fatal(err)
	}
}

func TestRoomOfADocumentThatWasNeverCreatedGoesWithItsLastUser(t *testing.T) {
	onlyWebSocket(t)
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.IdleAfter = time.Hour })
	for i := range 50 {
		p := ts.join(fmt.Sprint("guess-", i), "")
		open := ts.rooms.find(p.document)
		p.conn.Close()
		<-open.gone
	}
	if n := ts.OpenRooms(); n != 0 {
		t.Fatalf("%d rooms are open", n)
	}
	p := ts.join("made", "")
	p.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"create":{"type":"rich-text","data":[{"insert":"x\n"}]}}`)
	p.expect(ack(0, 1))
	open := ts.rooms.find("made")
	p.conn.Close()
	ts.join("other", "") // anything that comes after
	select {
	case <-open.gone:
		t.Fatal("a document that exists was closed at once")
	default:
	}
}

func TestDocumentThatPanicsWhileItIsOpenedIsAnErrorToWhoeverAsked(t *testing.T) {
	rs := &rooms{bringUp: func(*place) error { panic("planted by a test") }, open: map[string]*place{}}
	for range 2 {
		p, err := rs.acquire(context.Background(), "doc")
		if err == nil || !strings.Contains(err.Error(), "planted by a test") {
			t.Fatal(err)
		}
		<-p.gone
	}
	if rs.count() != 0 {
		t.Fatal("the place is kept")
	}
}

// A room that fails may leave records behind whose fate the store does not know yet. The next one waits for them: it would
// otherwise begin beside its own log.
func TestDocumentIsOpenedAgainOnlyWhenItsLogIsAtRest(t *testing.T) {
	ts := serveNew(t)
	for range 20 {
		doc := ts.create("text", "")
		ts.join(doc, "").follow()
		p := ts.rooms.find(doc)
		p.tell(func(r *Room) {
			for seq := range uint64(50) {
				edit := change{changeEdit, ot.Delta{ot.InsertText("x", ot.Attributes{})}}
				_ = r.admit(submission{src: "s", seq: seq + 1, base: r.head.revision, change: edit, answer: func(error) {}})
			}
			panic("planted by a test")
		})
		<-p.gone
		if info, err := ts.store.Info(doc); err != nil || info.Revision != 51 {
			t.Fatalf("the log is at %d (%v)", info.Revision, err)
		}
	}
}

// Once it has been told to end, a room takes nothing more: else one busy client could keep it from ending.
func TestRoomThatEndsTakesNoMoreWork(t *testing.T) {
	for range 20 {
		r := openHeld(t, "")
		author := r.join("author")
		author.edit(1, 1, `[{"insert":"x"}]`)
		wake := make(chan struct{}, 1)
		rn := newRunner(r.Room, wake)
		late := event{kind: eventCall, call: func(*Room) { t.Fatal("taken") }}
		author.onClose = func() {
			for range inboxSize {
				rn.inbox <- late
			}
			r.log.durable, r.log.held = append(r.log.durable, r.log.held...), nil
			wake <- struct{}{}
		}
		rn.shutdown()
		rn.run()
		if author.take() == "" {
			t.Fatal("what was accepted was not acknowledged")
		}
	}
}

func TestConnectionThatComesWhileItsRoomEndsIsAskedToComeBack(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	p, err := ts.rooms.acquire(context.Background(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer ts.rooms.release(p)
	if err := p.hub.melody.Close(); err != nil {
		t.Fatal(err)
	}
	status, header, body := ts.do(http.MethodGet, "/ws/"+doc, "", upgrade...)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Fatalf("answered %d %s", status, body)
	}
}

func TestMessageThatPanicsClosesItsConnectionAlone(t *testing.T) {
	ts := serveNew(t)
	bringUp := ts.rooms.bringUp
	ts.rooms.bringUp = func(p *place) error {
		err := bringUp(p)
		p.hub.melody.HandleConnect(func(ms *melody.Session) {
			p.hub.connect(ms)
			connectionOf(ms).session.entrance = fragile{connectionOf(ms).session.entrance}
		})
		return err
	}
	meet := ts.streams.meet
	ts.streams.meet = func(st *stream, v *visit) *session {
		s := meet(st, v)
		s.entrance = fragile{s.entrance}
		return s
	}
	doc := ts.create("text", "")
	victim, bystander := ts.join(doc, ""), ts.join(doc, "")
	victim.edit(1, poison, `[{"insert":"x"}]`)
	victim.expectClosed(CloseTryAgain)
	bystander.edit(1, 1, `[{"insert":"y"}]`)
	bystander.expect(ack(1, 1))
}

// fragile leads to rooms that cannot stand one sequence number.
type fragile struct{ entrance }

func (f fragile) enter(document string) (inbox, func(), error) {
	room, leave, err := f.entrance.enter(document)
	return fragileRoom{room}, leave, err
}

type fragileRoom struct{ inbox }

const poison = 666

func (f fragileRoom) post(e event) {
	if e.kind == eventRequest && e.request.Seq == poison {
		panic("planted by a test")
	}
	f.inbox.post(e)
}
