package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// rooms are the open documents. The mutex guards the map and what places say under it; it is never held across I/O.
type rooms struct {
	// bringUp loads a document and makes its room and hub; takeDown is called when the room's goroutine has ended.
	bringUp  func(p *place) error
	takeDown func(p *place)
	// vacated is called when the last user of a document has gone. It must not block.
	vacated func(document string)
	// idleAfter is how long a room outlives its last user.
	idleAfter time.Duration

	mu     sync.Mutex
	open   map[string]*place
	closed bool
}

// place is one document's entry among the rooms, from the moment somebody asks for it until its room has ended. A document
// has at most one place, so it never has two rooms.
type place struct {
	document string
	// users counts the sessions and calls that hold the room open; idle closes it some time after the last has gone;
	// ending says that it may not be given out any more. All under rooms.mu.
	users  int
	idle   *time.Timer
	ending bool
	// conns are the connections of several documents that are in this room. They end with it.
	conns map[Conn]struct{}

	// ready is closed when the room is open, or err says why it is not. The fields below are set before that.
	ready  chan struct{}
	err    error
	runner *runner
	hub    *hub
	log    *storeLog
	chat   *storeChat
	// alarm has the room decide anew who may do what; it is the room's.
	alarm *time.Timer
	// gone is closed when the room has ended and the document may get a new place.
	gone chan struct{}
}

var (
	// errShuttingDown is returned when a room is asked for while the server ends.
	errShuttingDown = errors.New("the server is shutting down")
	// errRoomEnded is returned to whoever waited for a room that ended.
	errRoomEnded = errors.New("the room has ended")
)

// acquire returns the place of a document with its room open, and holds it open until release.
func (rs *rooms) acquire(ctx context.Context, document string) (*place, error) {
	for {
		p, entered, err := rs.enter(document)
		if err != nil {
			return nil, err
		}
		if !entered {
			if err := wait(ctx, p.gone); err != nil {
				return nil, err
			}
			continue
		}
		if err := wait(ctx, p.ready); err != nil {
			rs.release(p)
			return nil, err
		}
		return p, p.err
	}
}

func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter finds the document's place, or makes one and starts its goroutine. It answers false beside a place that is ending.
func (rs *rooms) enter(document string) (*place, bool, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return nil, false, errShuttingDown
	}
	p := rs.open[document]
	switch {
	case p == nil:
		p = &place{document: document, ready: make(chan struct{}), gone: make(chan struct{})}
		rs.open[document] = p
		go rs.live(p)
	case p.ending:
		return p, false, nil
	case p.idle != nil:
		p.idle.Stop()
	}
	p.users++
	return p, true, nil
}

// live is the goroutine of a place: it opens the room, runs it until it ends, and frees the place.
func (rs *rooms) live(p *place) {
	p.err = rs.tryBringUp(p)
	close(p.ready)
	if p.err == nil {
		p.runner.run()
	}
	for _, conn := range rs.end(p) {
		conn.Close(CloseTryAgain, "the document has to be opened again")
	}
	if p.err == nil {
		rs.takeDown(p)
	}
	rs.mu.Lock()
	delete(rs.open, p.document)
	rs.mu.Unlock()
	close(p.gone)
}

// end gives a place out no more and returns the connections that have to end with it.
func (rs *rooms) end(p *place) []Conn {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	p.ending = true
	return slices.Collect(maps.Keys(p.conns))
}

// attach has a connection end with a room that it has acquired; false if the room is ending already.
func (rs *rooms) attach(p *place, conn Conn) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if p.ending {
		return false
	}
	if p.conns == nil {
		p.conns = map[Conn]struct{}{}
	}
	p.conns[conn] = struct{}{}
	return true
}

func (rs *rooms) detach(p *place, conn Conn) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(p.conns, conn)
}

// wakeAt has the room decide anew who may do what at a time, in milliseconds since the epoch; 0 for never. Only the room calls it,
// and whoever opens or has ended it.
func (p *place) wakeAt(at int64) {
	if p.alarm != nil {
		p.alarm.Stop()
		p.alarm = nil
	}
	if at != 0 {
		p.alarm = time.AfterFunc(time.Until(time.UnixMilli(at)), func() { p.tell((*Room).decideAnew) })
	}
}

// tryBringUp makes an error of a panic: a document that cannot be opened must not end the process.
func (rs *rooms) tryBringUp(p *place) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic while opening %s: %v\n%s", p.document, v, debug.Stack())
		}
	}()
	return rs.bringUp(p)
}

// release gives back what acquire gave.
func (rs *rooms) release(p *place) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	p.users--
	if p.users == 0 && !p.ending {
		p.idle = time.AfterFunc(rs.linger(p), func() { rs.closeIdle(p) })
		rs.vacated(p.document)
	}
}

// linger says how long a place outlives its last user. Where nothing was ever created that is no time at all: trying
// addresses at random must not fill the memory.
func (rs *rooms) linger(p *place) time.Duration {
	select {
	case <-p.ready:
	default:
		return 0
	}
	if p.err != nil {
		return 0
	}
	if revision, _ := p.log.writer.Durable(); revision == 0 {
		return 0
	}
	return rs.idleAfter
}

func (rs *rooms) closeIdle(p *place) {
	rs.mu.Lock()
	idle := p.users == 0 && !p.ending
	p.ending = p.ending || idle
	rs.mu.Unlock()
	if idle {
		<-p.ready
		if p.err == nil {
			p.runner.shutdown()
		}
	}
}

// alone runs f while the document has no room. Whoever is in it is told to come back, and waits until f has returned.
func (rs *rooms) alone(ctx context.Context, document string, f func() error) error {
	for {
		barrier, other, err := rs.bar(document)
		if err != nil {
			return err
		}
		if barrier != nil {
			defer rs.unbar(barrier)
			return f()
		}
		if err := wait(ctx, other.ready); err != nil {
			return err
		}
		if other.err == nil && other.runner != nil {
			other.runner.shutdown()
		}
		if err := wait(ctx, other.gone); err != nil {
			return err
		}
	}
}

// bar takes the place of a document without opening a room, or ends the room that has it and returns its place.
func (rs *rooms) bar(document string) (barrier, other *place, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return nil, nil, errShuttingDown
	}
	if p := rs.open[document]; p != nil {
		p.ending = true
		return nil, p, nil
	}
	p := &place{document: document, ending: true, err: errRoomEnded, ready: make(chan struct{}), gone: make(chan struct{})}
	close(p.ready)
	rs.open[document] = p
	return p, nil, nil
}

func (rs *rooms) unbar(p *place) {
	rs.mu.Lock()
	delete(rs.open, p.document)
	rs.mu.Unlock()
	close(p.gone)
}

// find returns the place of a document whose room is open, without opening it.
func (rs *rooms) find(document string) *place {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if p := rs.open[document]; p != nil && !p.ending {
		return p
	}
	return nil
}

// all returns the places of all documents that are open, or are being opened.
func (rs *rooms) all() []*place {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return slices.DeleteFunc(slices.Collect(maps.Values(rs.open)), func(p *place) bool { return p.ending })
}

// isClosed says that no room can be had any more.
func (rs *rooms) isClosed() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.closed
}

// count returns how many rooms are open.
func (rs *rooms) count() int {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return len(rs.open)
}

// closeAll ends every room: sessions are told to come back later, and everything accepted becomes durable. It returns when
// all have ended, or ctx has.
func (rs *rooms) closeAll(ctx context.Context) error {
	rs.mu.Lock()
	rs.closed = true
	var all []*place
	for _, p := range rs.open {
		p.ending = true
		all = append(all, p)
	}
	rs.mu.Unlock()
	for _, p := range all {
		if err := wait(ctx, p.ready); err != nil {
			return err
		}
		if p.err == nil {
			p.runner.shutdown()
		}
	}
	for _, p := range all {
		if err := wait(ctx, p.gone); err != nil {
			return err
		}
	}
	return nil
}
