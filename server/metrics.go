package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/quire-editor/quire/server/wire"
	"github.com/quire-editor/quire/store"
)

// Metrics are what the server tells of itself to Prometheus. What happens often is counted as it does, which takes some
// nanoseconds; all else is looked at when somebody asks.
type Metrics struct {
	edits    prometheus.Counter
	acks     prometheus.Histogram
	refusals *prometheus.CounterVec
	slow     prometheus.Counter
	requests *prometheus.CounterVec

	commits, synced, batch prometheus.Histogram
	failedCommits          prometheus.Counter
}

// NewMetrics makes metrics that have seen nothing.
func NewMetrics() *Metrics {
	// From a fast disk's fsync to the patience of a proxy.
	seconds := prometheus.ExponentialBucketsRange(0.0001, 10, 16)
	return &Metrics{
		edits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "quire_edits_total", Help: "Changes that became durable.",
		}),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "quire_ack_seconds", Help: "From the arrival of a change in its room to its acknowledgement, counted in whole milliseconds.",
			Buckets: []float64{.001, .002, .003, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10},
		}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "quire_refusals_total", Help: "Requests over a socket that were refused, by the code of the error.",
		}, []string{"code"}),
		slow: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "quire_slow_sessions_closed_total", Help: "Connections that were closed because their reader was too slow.",
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "quire_http_requests_total", Help: "Requests over HTTP, by the address's form and the status of the answer.",
		}, []string{"route", "status"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "quire_commit_seconds", Help: "How long a commit of the journal took.", Buckets: seconds,
		}),
		synced: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "quire_fsync_seconds", Help: "How long its fsync took.", Buckets: seconds,
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "quire_commit_batch", Help: "How many writes one commit took.", Buckets: prometheus.ExponentialBuckets(1, 4, 8),
		}),
		failedCommits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "quire_commits_failed_total", Help: "Commits that failed: the disk is full, cannot be written, or worse.",
		}),
	}
}

// Committed counts a commit; it is for store.Options.Committed.
func (m *Metrics) Committed(c store.Commit) {
	if c.Failed {
		m.failedCommits.Inc()
		return
	}
	m.commits.Observe(c.Took.Seconds())
	m.synced.Observe(c.Synced.Seconds())
	m.batch.Observe(float64(c.Writes))
}

// acknowledged counts a change that became durable some milliseconds after it arrived.
func (m *Metrics) acknowledged(ms int64) {
	m.edits.Inc()
	m.acks.Observe(float64(ms) / 1000)
}

// refused counts a refusal and returns it.
func (m *Metrics) refused(refusal *wire.Error) *wire.Error {
	m.refusals.WithLabelValues(string(refusal.Code)).Inc()
	return refusal
}

func (m *Metrics) counted() []prometheus.Collector {
	return []prometheus.Collector{m.edits, m.acks, m.refusals, m.slow, m.requests, m.commits, m.synced, m.batch, m.failedCommits}
}

// unmeasured is for rooms and connections whose figures nobody asks for.
var unmeasured = NewMetrics()

// Collector gives all figures of the server.
func (s *Server) Collector() prometheus.Collector { return collector{s} }

type collector struct{ server *Server }

// What is looked at when somebody asks.
var (
	roomsFigure    = figure("rooms", "Documents that are open.")
	sessionsFigure = figure("sessions", "Connections of people and programs.")
	peopleFigure   = figure("people", "People and programs with at least one connection.")
	inboxFigure    = figure("room_inbox", "Events that wait in the inboxes of all rooms.")
	unitsFigure    = figure("room_text_units", "Text of all open documents, in UTF-16 units: most of what a room takes in memory.")
	largestFigure  = figure("room_text_units_max", "The longest text among them.")
	queueFigure    = figure("commit_queue", "Writes that wait for a commit.")
	queueBytes     = figure("commit_queue_bytes", "Their size.")
	segmentsFigure = figure("journal_segments_waiting", "Segments of the journal that wait for main.db. With two, writers wait.")
	stuckFigure    = figure("journal_stuck", "1 while main.db cannot be written and the journal fills up.")
	journalFigure  = figure("journal_bytes", "Size of journal.db.")
	mainFigure     = figure("main_bytes", "Size of main.db.")
)

func figure(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("quire_"+name, help, nil, nil)
}

func (c collector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, counted := range c.server.metrics.counted() {
		counted.Collect(out)
	}
	give := func(desc *prometheus.Desc, n int) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n))
	}
	rooms := c.server.rooms.load()
	give(roomsFigure, rooms.rooms)
	give(inboxFigure, rooms.inbox)
	give(unitsFigure, rooms.units)
	give(largestFigure, rooms.largest)
	sessions, people := c.server.principals.count()
	give(sessionsFigure, sessions)
	give(peopleFigure, people)
	disk := c.server.store.Load()
	give(queueFigure, disk.QueuedWrites)
	give(queueBytes, disk.QueuedBytes)
	give(segmentsFigure, disk.WaitingSegments)
	give(journalFigure, int(disk.JournalBytes))
	give(mainFigure, int(disk.MainBytes))
	stuck := 0
	if disk.Stuck {
		stuck = 1
	}
	give(stuckFigure, stuck)
}

// roomsLoad is what the open rooms have to do and to keep.
type roomsLoad struct{ rooms, inbox, units, largest int }

func (rs *rooms) load() (l roomsLoad) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	l.rooms = len(rs.open)
	for _, p := range rs.open {
		select {
		case <-p.ready:
		default:
			continue
		}
		if p.err != nil {
			continue
		}
		units := int(p.runner.room.units.Load())
		l.inbox += len(p.runner.inbox)
		l.units += units
		l.largest = max(l.largest, units)
	}
	return l
}

// count returns how many connections there are, and of how many people.
func (ps *principals) count() (sessions, people int) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.sessions, len(ps.here)
}
