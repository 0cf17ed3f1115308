package server

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var transportGoals = flag.Bool("transport.goals", false, "measure the transports beside each other")

// TestGoalsOfTransports prints how the transports compare, in one run:
//
//	go test ./server -run GoalsOfTransports -transport.goals -v
func TestGoalsOfTransports(t *testing.T) {
	if !*transportGoals {
		t.Skip("run with -transport.goals to measure")
	}
	t.Run("from one screen to another", compareTransports)
	t.Run("500 readers of one document", func(t *testing.T) {
		for _, transport := range []string{"events", "polling"} {
			carryReaders(t, transport, 500)
		}
	})
	t.Run("following 1,000 documents", func(t *testing.T) { followMany(t, 1000) })
}

// through has the peers of a part of a test connect in some way.
func through(t *testing.T, transport string) {
	was := *over
	*over = transport
	t.Cleanup(func() { *over = was })
}

// compareTransports measures from sending an edit to having it at another client of the same transport, rounds by turns.
func compareTransports(t *testing.T) {
	const rounds, each = 5, 60
	ts := serveNew(t)
	took := map[string][]time.Duration{}
	transports := []string{"websocket", "events", "polling"}
	for range rounds {
		for _, transport := range transports {
			*over = transport
			doc := ts.create("text", "")
			writer, reader := ts.join(doc, ""), ts.join(doc, "")
			reader.follow()
			for n := 1; n <= each; n++ {
				begin := time.Now()
				writer.edit(n, n, `[{"insert":"x"}]`)
				reader.receive()
				took[transport] = append(took[transport], time.Since(begin))
				writer.receive()
			}
			writer.conn.Close()
			reader.conn.Close()
		}
	}
	*over = "websocket"
	socket := middle(took["websocket"])
	for _, transport := range transports {
		m := middle(took[transport])
		t.Logf("%s: median %.2f ms, %.1f times WebSocket's (goal 3)", transport, m.Seconds()*1000, m.Seconds()/socket.Seconds())
	}
}

func middle(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// carryReaders has one person type at ten keys a second before many readers, server and clients on one processor.
func carryReaders(t *testing.T, transport string, readers int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ts := serveNew(t)
	doc := ts.create("text", "")
	through(t, transport)
	got := make(chan time.Time, 1000)
	for range readers {
		reader := ts.join(doc, "")
		reader.follow()
		go func() {
			for {
				if _, _, err := reader.conn.ReadMessage(); err != nil {
					return
				}
				got <- time.Now()
			}
		}()
		_ = reader.conn.SetReadDeadline(time.Now().Add(10 * patience))
	}
	writer := ts.join(doc, "")
	const keys = 50
	var late []time.Duration
	beginCPU, begin := cpuTime(t), time.Now()
	for n := 1; n <= keys; n++ {
		<-time.After(time.Until(begin.Add(time.Duration(n) * 100 * time.Millisecond)))
		sent := time.Now()
		writer.edit(n, n, `[{"insert":"x"}]`)
		for range readers {
			late = append(late, (<-got).Sub(sent))
		}
	}
	used, wall := cpuTime(t)-beginCPU, time.Since(begin)
	slices.Sort(late)
	t.Logf("%s: %d readers at 10 edits a second: %.0f %% of one processor, clients included; received after %v at the median, %v for 99 of 100",
		transport, readers, 100*used.Seconds()/wall.Seconds(), middle(late), late[len(late)*99/100])
}

func cpuTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// followMany measures what it takes in memory to follow many documents over events: rooms, connections and what a bare client
// needs.
func followMany(t *testing.T, documents int) {
	ts := serveNew(t)
	ids := make([]string, documents)
	for i := range ids {
		ids[i] = ts.create("text", "hello")
	}
	before := memoryInUse()
	for _, id := range ids {
		conn, err := net.Dial("tcp", strings.TrimPrefix(ts.web.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "GET /api/v1/documents/%s/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n", id)
		line, err := bufio.NewReaderSize(conn, 16).ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprint(http.StatusOK)) {
			t.Fatal(line, err)
		}
	}
	t.Logf("following %d documents: %.1f kB each (goal 30)", documents, float64(memoryInUse()-before)/float64(documents)/1000)
}

func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
