package store

import (
	"context"
	"sync"
	"time"
)

// The queue is bounded: a writer that finds it full waits, which is how a slow
// disk slows the writers down.
const (
	maxQueuedBytes    = 16 << 20
	maxQueuedRequests = 1 << 16
	maxBatchBytes     = 4 << 20
)

// request is one write on its way to the commit loop. It holds a reference to
// its document until it is answered.
type request struct {
	d      *document
	entry  entry
	times  timespan
	last   []sourceLast // newest record of each source in the entry
	body   []byte       // the entry as the journal will hold it
	buf    []byte       // what body is a part of
	writer *Writer      // whose watermark to raise; nil for other calls
	done   chan error   // one slot, for calls that wait; nil for writers

	refusal error // the outcome; the commit loop's
}

// requests are used again once they are answered: at a keystroke each, they
// would be most of the garbage.
var requests = sync.Pool{New: func() any { return new(request) }}

// maxKeptBuffer is the largest buffer that is kept for another request.
const maxKeptBuffer = 4 << 10

func (r *request) recycle() {
	buf := r.buf[:0]
	if cap(buf) > maxKeptBuffer {
		buf = nil
	}
	*r = request{buf: buf, last: r.last[:0]}
	requests.Put(r)
}

// queue carries requests to the one commit loop, in order.
type queue struct {
	mu     sync.Mutex
	room   sync.Cond // there is room again, or closed
	work   sync.Cond // there is work, or closed
	items  []*request
	spare  []*request // memory of an earlier batch
	bytes  int
	seal   bool // a seal of the active segment was asked for
	calls  []func()
	closed bool

	gap     time.Duration // see Options.MinGap
	taken   time.Time     // when the newest batch was
	timer   *timer        // ends a rest
	resting bool
}

// newQueue returns a queue whose batches are taken at least gap apart. It is to
// be closed, and emptied by its commit loop.
func newQueue(gap time.Duration) *queue {
	q := &queue{gap: max(gap, 0), timer: newTimer()}
	q.room.L, q.work.L = &q.mu, &q.mu
	return q
}

// push waits for room and queues r. It answers ErrClosed, or the context's
// error: then r was not queued and nothing is stored.
func (q *queue) push(ctx context.Context, r *request) error {
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.room.Broadcast()
		})()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && ctx.Err() == nil && q.full() {
		q.room.Wait()
	}
	if q.closed {
		return ErrClosed
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	q.items = append(q.items, r)
	q.bytes += len(r.body)
	q.work.Signal()
	q.hurry()
	return nil
}

func (q *queue) full() bool {
	return len(q.items) > 0 && (q.bytes >= maxQueuedBytes || len(q.items) >= maxQueuedRequests)
}

// askSeal makes the commit loop seal the active segment, with everything that
// is durable now.
func (q *queue) askSeal() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seal = true
	q.work.Signal()
}

// call makes the commit loop run fn between two batches. It answers ErrClosed if
// the queue is closed; otherwise fn is run.
func (q *queue) call(fn func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.calls = append(q.calls, fn)
	q.work.Signal()
	return nil
}

// takeCalls removes what call left.
func (q *queue) takeCalls() []func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	calls := q.calls
	q.calls = nil
	return calls
}

// wait blocks until there is work, but calls idle before that. It answers false
// once the queue is closed and empty.
func (q *queue) wait(idle func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.hasWork() {
		q.mu.Unlock()
		idle()
		q.mu.Lock()
	}
	for !q.closed && !q.hasWork() {
		q.work.Wait()
	}
	return q.hasWork()
}

func (q *queue) hasWork() bool { return len(q.items) > 0 || q.seal || len(q.calls) > 0 }

// take removes the next batch: at most maxBatchBytes, but at least one request.
// seal tells that the active segment is to be sealed after it.
func (q *queue) take() (batch []*request, seal bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken = time.Now()
	n, bytes := 0, 0
	for n < len(q.items) && (n == 0 || bytes+len(q.items[n].body) <= maxBatchBytes) {
		bytes += len(q.items[n].body)
		n++
	}
	batch = q.items[:n:n]
	q.items = q.items[n:]
	q.bytes -= bytes
	if len(q.items) == 0 {
		q.items, q.spare = q.spare, nil
	}
	seal, q.seal = q.seal, false
	q.room.Broadcast()
	return batch, seal
}

// recycle takes back the requests of an answered batch.
func (q *queue) recycle(batch []*request) {
	for _, r := range batch {
		r.recycle()
	}
	clear(batch)
	q.mu.Lock()
	defer q.mu.Unlock()
	if cap(batch) > cap(q.spare) {
		q.spare = batch[:0]
	}
}

// close refuses further requests; those queued are still taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.room.Broadcast()
	q.work.Broadcast()
}
