package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/client"
)

// run does what o says.
func run(ctx context.Context, o Options) (Result, error) {
	scenarios := map[string]func(context.Context, Options, *Result) error{
		"hot": typing, "many": typing, "fanout": fanOut, "idle": idle, "storm": storm, "offline": offline, "open": open,
	}
	r := Result{Scenario: o.Scenario, URL: o.URL, Documents: o.Documents, People: o.People, Rate: o.Rate}
	scenario, known := scenarios[o.Scenario]
	if !known {
		return r, fmt.Errorf("no scenario is called %q", o.Scenario)
	}
	return r, scenario(ctx, o, &r)
}

// gathering is a number of documents and who has them open.
type gathering struct {
	options Options
	meter   meter
	people  []*person
}

// gather creates the documents and opens each for so many people.
func gather(ctx context.Context, o Options, people int) (*gathering, error) {
	g := &gathering{options: o}
	run := rand.Uint32()
	for i := range o.Documents {
		document := fmt.Sprintf("load-%08x-%d", run, i)
		if err := create(ctx, o.URL, document); err != nil {
			return nil, fmt.Errorf("create %s: %w", document, err)
		}
		readings := &client.Readings{}
		for range people {
			g.people = append(g.people, newPerson(document, &g.meter, readings))
		}
	}
	return g, g.each(func(p *person) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return errors.Join(p.connect(ctx, o.URL), p.wait(ctx, "the document is loaded", (*client.Client).Loaded))
	})
}

// atOnce is how many people connect at the same time.
const atOnce = 64

// each calls f for everybody, some at a time.
func (g *gathering) each(f func(*person) error) error {
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	failures := make([]error, len(g.people))
	for i, p := range g.people {
		room <- struct{}{}
		all.Go(func() { failures[i] = f(p); <-room })
	}
	all.Wait()
	return errors.Join(failures...)
}

// create makes an empty rich document over the wire.
func create(ctx context.Context, url, document string) error {
	conn, _, err := dialer.DialContext(ctx, address(url, document), nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	hello := `{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`
	creation := fmt.Sprintf(`{"a":"op","c":"documents","d":%q,"v":0,"seq":1,"x":{},`+
		`"create":{"type":"http://sharejs.org/types/rich-text/v1","data":[{"insert":"\n"}]}}`, document)
	for _, message := range []string{hello, creation} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			return err
		}
	}
	for {
		var answer struct {
			Action string          `json:"a"`
			Error  *client.Refusal `json:"error"`
		}
		if err := conn.ReadJSON(&answer); err != nil {
			return err
		}
		if answer.Error != nil {
			return answer.Error
		}
		if answer.Action == "op" {
			return nil
		}
	}
}

// typing has everybody type, and measures.
func typing(ctx context.Context, o Options, r *Result) error {
	g, err := gather(ctx, o, o.People)
	if err != nil {
		return err
	}
	return g.measure(ctx, r, g.people)
}

// fanOut has one person type and everybody else read.
func fanOut(ctx context.Context, o Options, r *Result) error {
	g, err := gather(ctx, o, o.People+1)
	if err != nil {
		return err
	}
	return g.measure(ctx, r, g.people[:1])
}

// warmUp is how long people type, or a server is left alone, before anything is measured.
const warmUp = 2 * time.Second

// measure lets the writers type for the time asked for, and checks the outcome.
func (g *gathering) measure(ctx context.Context, r *Result, writers []*person) error {
	typingContext, stop := context.WithCancel(ctx)
	defer stop()
	for _, p := range writers {
		p.keepTyping(typingContext, g.options.Rate)
	}
	pass(ctx, warmUp)
	g.meter.start()
	from, err := g.meter.read(g.options.Process)
	if err != nil {
		return err
	}
	pass(ctx, time.Duration(g.options.Seconds*float64(time.Second)))
	to, err := g.meter.read(g.options.Process)
	if err != nil {
		return err
	}
	g.meter.stop(r, from, to)
	stop()
	for _, p := range writers {
		p.stopTyping()
	}
	return g.check(ctx, r)
}

func pass(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// check waits until everything is acknowledged and everybody has seen everything, and compares the copies of each document
// with each other, with a fresh copy, and with the number of edits made.
func (g *gathering) check(ctx context.Context, r *Result) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := g.each(func(p *person) error { return p.wait(ctx, "all is acknowledged", (*client.Client).Settled) }); err != nil {
		return err
	}
	for begin := 0; begin < len(g.people); {
		document := g.people[begin].document
		end := begin + 1
		for end < len(g.people) && g.people[end].document == document {
			end++
		}
		if err := g.checkDocument(ctx, document, g.people[begin:end]); err != nil {
			return fmt.Errorf("document %s: %w", document, err)
		}
		begin = end
	}
	r.Converged = true
	return nil
}

func (g *gathering) checkDocument(ctx context.Context, document string, people []*person) error {
	fresh := newPerson(document, &meter{}, nil)
	if err := fresh.connect(ctx, g.options.URL); err != nil {
		return err
	}
	defer fresh.disconnect()
	if err := fresh.wait(ctx, "the document is loaded", (*client.Client).Loaded); err != nil {
		return err
	}
	want, edits := fresh.client.Text().Text(), 0
	for _, p := range people {
		seen := func(c *client.Client) bool { return c.Version() >= fresh.client.Version() }
		if err := p.wait(ctx, "everything is seen", seen); err != nil {
			return err
		}
		if got := p.client.Text().Text(); got != want {
			return fmt.Errorf("a copy of %d bytes differs from the server's of %d", len(got), len(want))
		}
		edits += p.edits
	}
	if len(want) != edits+len("\n") {
		return fmt.Errorf("%d letters were typed and %d are there", edits, len(want)-1)
	}
	return nil
}

// idle opens documents and measures what the server holds for each connection.
func idle(ctx context.Context, o Options, r *Result) error {
	before, err := memory(o.Process)
	if err != nil {
		return err
	}
	g, err := gather(ctx, o, o.People)
	if err != nil {
		return err
	}
	pass(ctx, time.Duration(o.Seconds*float64(time.Second)))
	after, err := memory(o.Process)
	r.MemoryPerConnection = (after - before) / int64(len(g.people))
	r.Converged = true
	return err
}

// storm drops every connection and measures how long until all are back.
func storm(ctx context.Context, o Options, r *Result) error {
	g, err := gather(ctx, o, o.People)
	if err != nil {
		return err
	}
	for _, p := range g.people {
		p.disconnect()
	}
	begin := time.Now()
	took := make(chan time.Duration, len(g.people))
	var all sync.WaitGroup
	for _, p := range g.people {
		all.Go(func() {
			for delay := 50 * time.Millisecond; ctx.Err() == nil && p.connect(ctx, o.URL) != nil; delay = min(2*delay, 5*time.Second) {
				pass(ctx, time.Duration(rand.Int64N(int64(delay))))
			}
			_ = p.typeOne(time.Now()) // a failure is in p.err
			if p.wait(ctx, "all is acknowledged", (*client.Client).Settled) == nil {
				took <- time.Since(begin)
			}
		})
	}
	all.Wait()
	close(took)
	r.summary(took)
	return g.check(ctx, r)
}

// offline has one person make many edits apart from another who makes as many, and measures how long they take to meet.
func offline(ctx context.Context, o Options, r *Result) error {
	g, err := gather(ctx, o, 2)
	if err != nil {
		return err
	}
	away, there := g.people[0], g.people[1]
	away.disconnect()
	for range o.Edits {
		if err := errors.Join(away.typeOne(time.Now()), there.typeOne(time.Now())); err != nil {
			return err
		}
		if err := there.wait(ctx, "it is acknowledged", (*client.Client).Settled); err != nil {
			return err
		}
	}
	begin := time.Now()
	if err := away.connect(ctx, o.URL); err != nil {
		return err
	}
	if err := away.wait(ctx, "the work is acknowledged", (*client.Client).Settled); err != nil {
		return err
	}
	r.Last = milliseconds(time.Since(begin))
	return g.check(ctx, r)
}

// open gives a document a history, and measures from the beginning of a connection to its first snapshot.
func open(ctx context.Context, o Options, r *Result) error {
	if r.Document = o.Document; r.Document == "" {
		if err := makeHistory(ctx, o, r); err != nil {
			return err
		}
	}
	pass(ctx, warmUp) // a server has things to do after typing, and after its start
	from, err := processorTime(o.Process)
	if err != nil {
		return err
	}
	took := make(chan time.Duration, o.Opens)
	for range o.Opens {
		p := newPerson(r.Document, &meter{}, nil)
		begin := time.Now()
		if err := p.connect(ctx, o.URL); err != nil {
			return err
		}
		if err := p.wait(ctx, "the document is loaded", (*client.Client).Loaded); err != nil {
			return err
		}
		took <- time.Since(begin)
		p.disconnect()
	}
	close(took)
	to, err := processorTime(o.Process)
	r.CPU = (to - from).Seconds()
	r.summary(took)
	r.Converged = true // makeHistory has checked it
	return err
}

// makeHistory makes a document that many people have typed into.
func makeHistory(ctx context.Context, o Options, r *Result) error {
	o.Documents = 1
	g, err := gather(ctx, o, o.People)
	if err != nil {
		return err
	}
	for _, p := range g.people {
		p.keepTyping(ctx, 0)
	}
	long := func(c *client.Client) bool { return c.Version() > uint64(o.Edits) }
	if err := g.people[0].wait(ctx, "there is a history", long); err != nil {
		return err
	}
	for _, p := range g.people {
		p.stopTyping()
	}
	r.Document = g.people[0].document
	if err := g.check(ctx, r); err != nil {
		return err
	}
	return g.each(func(p *person) error { p.disconnect(); return nil })
}

// summary fills in the median and the last of what a scenario measured.
func (r *Result) summary(took <-chan time.Duration) {
	var all []time.Duration
	for d := range took {
		all = append(all, d)
	}
	slices.Sort(all)
	if len(all) > 0 {
		r.Median, r.Last = milliseconds(all[len(all)/2]), milliseconds(all[len(all)-1])
	}
}
