package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// meter counts what happens while it is open.
type meter struct {
	delivered atomic.Int64 // records that reached anybody, one's own among them

	mu   sync.Mutex
	open bool
	all  []time.Duration // how long acknowledgements took
}

func (m *meter) took(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open {
		m.all = append(m.all, d)
	}
}

// reading is the state of the counters at a moment.
type reading struct {
	at        time.Time
	delivered int64
	cpu       time.Duration
}

// Result is the outcome of a run. Times of acknowledgements are in milliseconds from the making of an edit to the arrival of
// its acknowledgement.
type Result struct {
	Scenario  string  `json:"scenario"`
	URL       string  `json:"url"`
	Documents int     `json:"documents"`
	People    int     `json:"people"`
	Rate      float64 `json:"rate,omitempty"`
	Seconds   float64 `json:"seconds"`

	Edits           int     `json:"edits"`
	EditsPerSecond  float64 `json:"editsPerSecond"`
	Delivered       int64   `json:"delivered"`
	AckMedian       float64 `json:"ackMedianMs,omitempty"`
	Ack99           float64 `json:"ack99Ms,omitempty"`
	CPUPerEdit      float64 `json:"cpuPerEditMicroseconds,omitempty"`
	CPUPerDelivered float64 `json:"cpuPerDeliveredMicroseconds,omitempty"`
	CPU             float64 `json:"cpuSeconds,omitempty"`

	// MemoryPerConnection is by how many bytes the server grew for each, in "idle".
	MemoryPerConnection int64 `json:"memoryPerConnection,omitempty"`
	// Median and Last are of what "open", "storm" and "offline" measure, in milliseconds; Document is what was opened.
	Median   float64 `json:"medianMs,omitempty"`
	Last     float64 `json:"lastMs,omitempty"`
	Document string  `json:"document,omitempty"`

	// Converged says that all copies were equal at the end and had every edit.
	Converged bool `json:"converged"`
}

func (m *meter) read(process int) (reading, error) {
	cpu, err := processorTime(process)
	return reading{time.Now(), m.delivered.Load(), cpu}, err
}

// start opens the meter for acknowledgements.
func (m *meter) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open, m.all = true, nil
}

// stop closes it and fills in what was measured between two readings.
func (m *meter) stop(r *Result, from, to reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
	slices.Sort(m.all)
	r.Seconds = to.at.Sub(from.at).Seconds()
	r.Edits = len(m.all)
	r.EditsPerSecond = float64(r.Edits) / r.Seconds
	r.Delivered = to.delivered - from.delivered
	r.CPU = (to.cpu - from.cpu).Seconds()
	if r.Edits > 0 {
		r.AckMedian = milliseconds(m.all[r.Edits/2])
		r.Ack99 = milliseconds(m.all[r.Edits*99/100])
		r.CPUPerEdit = r.CPU * 1e6 / float64(r.Edits)
	}
	if r.Delivered > 0 {
		r.CPUPerDelivered = r.CPU * 1e6 / float64(r.Delivered)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processorTime is what the threads of a process have used so far, user and system; 0 for process 0.
func processorTime(process int) (time.Duration, error) {
	if process == 0 {
		return 0, nil
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", process))
	if err != nil || threads == nil {
		return 0, fmt.Errorf("process %d has no threads: %w", process, err)
	}
	var sum time.Duration
	for _, thread := range threads {
		stat, err := os.ReadFile(thread)
		if err != nil {
			continue // it has just ended
		}
		nanoseconds, _, _ := strings.Cut(string(stat), " ")
		n, err := strconv.ParseInt(nanoseconds, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", thread, err)
		}
		sum += time.Duration(n)
	}
	return sum, nil
}

// memory is what a process has in memory, in bytes; 0 for process 0.
func memory(process int) (int64, error) {
	if process == 0 {
		return 0, nil
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kilobytes << 10, err
}
