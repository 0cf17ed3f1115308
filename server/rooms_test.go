package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

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
	status, header, body := ts.do(http.MethodGet, "/ws/"+doc, "", "Connection", "Upgrade", "Upgrade", "websocket")
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
	status, _, body = ts.do(http.MethodGet, "/ws/"+doc, "", "Connection", "Upgrade", "Upgrade", "websocket")
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
