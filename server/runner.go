package server

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/quire-editor/quire/server/wire"
)

// inboxSize is how many events may wait for a room before whoever brings more has to wait.
const inboxSize = 16

const (
	// largeMessage is the size from which on a message is counted by itself, in bytes.
	largeMessage = 64 << 10
	// maxLarge is how many large messages may wait for a room. With inboxSize it bounds what an inbox takes in memory.
	maxLarge = 4
)

// event is what happens to a room.
type event struct {
	kind    eventKind
	member  *member
	request *wire.Request
	// gathering is the bulk request that the request is a part of, if any.
	gathering *gathering
	call      func(*Room)
}

func (e event) isLarge() bool { return e.request != nil && e.request.Size > largeMessage }

type eventKind uint8

const (
	eventJoin eventKind = iota
	eventLeave
	eventRequest
	eventCall
)

// runner is the goroutine that owns a room: it alone touches the room, one event at a time.
type runner struct {
	room  *Room
	inbox chan event
	// large holds a token for each large message in the inbox.
	large chan struct{}
	// wake is poked when the log's durable revision has changed.
	wake <-chan struct{}
	stop chan struct{}
	// done is closed when the goroutine has ended.
	done     chan struct{}
	stopOnce sync.Once
}

func newRunner(room *Room, wake <-chan struct{}) *runner {
	rn := &runner{
		room: room, wake: wake,
		inbox: make(chan event, inboxSize), large: make(chan struct{}, maxLarge),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	room.reenter = func(f func()) { rn.post(event{kind: eventCall, call: func(*Room) { f() }}) }
	return rn
}

// post hands an event to the room. It blocks while the inbox is full, and does nothing once the room has ended.
func (rn *runner) post(e event) {
	if e.isLarge() {
		select {
		case rn.large <- struct{}{}:
		case <-rn.done:
			return
		}
	}
	select {
	case rn.inbox <- e:
	case <-rn.done:
	}
}

// retire removes a member that the room owes nothing, and says whether it was one.
func (rn *runner) retire(m *member) bool {
	retired := make(chan bool, 1)
	rn.post(event{kind: eventCall, call: func(r *Room) { retired <- r.Retire(m) }})
	select {
	case ok := <-retired:
		return ok
	case <-rn.done:
		return false
	}
}

// shutdown asks the room to end when everything it has accepted is durable. Wait for done.
func (rn *runner) shutdown() { rn.stopOnce.Do(func() { close(rn.stop) }) }

// run is the room's goroutine. A panic ends this room, not the process.
func (rn *runner) run() {
	defer close(rn.done)
	defer func() {
		if p := recover(); p != nil {
			rn.room.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	stop, inbox := rn.stop, rn.inbox
	for rn.room.failed == nil {
		if stop == nil && rn.room.durable == rn.room.head.revision {
			rn.room.snapshot()
			return
		}
		select {
		case e := <-inbox:
			if e.isLarge() {
				<-rn.large
			}
			rn.handle(e)
			rn.flush()
		case <-rn.wake:
			rn.room.Advance()
			rn.flush()
		case <-stop:
			stop, inbox = nil, nil // what has been accepted becomes durable, and no more is accepted
			rn.room.dismiss(CloseRestart, "the server is restarting; your changes are safe")
		}
	}
}

// manyToWrite is to how many connections a room writes by itself. Where there are more processors than one, more connections
// share them, and the room goes on meanwhile.
const manyToWrite = 64

func (rn *runner) flush() {
	rn.room.Flush(len(rn.room.touched) > manyToWrite && runtime.NumCPU() > 1)
}

func (rn *runner) handle(e event) {
	switch e.kind {
	case eventJoin:
		rn.room.Join(e.member)
	case eventLeave:
		rn.room.Leave(e.member)
	case eventRequest:
		rn.room.receive(ask{e.member, e.request, e.gathering})
	case eventCall:
		e.call(rn.room)
	}
}
