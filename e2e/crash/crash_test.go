// Package crash kills the real server while people type, starts it again, and accounts for every edit.
package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/e2e/quire"
	"github.com/quire-editor/quire/ot"
)

var (
	rounds = flag.Int("rounds", 5, "how many times to kill the server")
	seed   = flag.Uint64("seed", 0, "seed of the times of death; 0 for a new one")
)

const (
	writers   = 9
	documents = 3
	patience  = 60 * time.Second
)

// writer is one person who types as fast as it is acknowledged, each edit a word found nowhere else.
type writer struct {
	name string
	link *client.Link
	typo *rand.Rand
	// typed counts the words; acknowledged counts edits known to be stored.
	typed        int
	acknowledged atomic.Int64
}

// TestKillUnderLoadLosesNoAcknowledgedEditAndDoublesNone lets several people type into several documents, kills the server
// at random moments, and checks that what was typed is there: each word exactly once, in every copy and after the last restart.
func TestKillUnderLoadLosesNoAcknowledgedEditAndDoublesNone(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("rerun: go test ./e2e/crash -rounds %d -seed %d", *rounds, *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	bin, data := quire.Build(t), filepath.Join(t.TempDir(), "data")
	server, err := quire.Start(bin, data, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := server.Address()
	ids, people := gather(t, server, random)
	stop := make(chan struct{})
	ended := make(chan error, len(people))
	for _, w := range people {
		go func() { ended <- w.work(stop) }()
	}
	for round := range *rounds {
		awaitProgress(t, people, 20+random.IntN(200))
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if server, err = quire.Start(bin, data, address); err != nil {
			t.Fatalf("after kill %d: %v", round+1, err)
		}
	}
	awaitProgress(t, people, 50)
	close(stop)
	for range people {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	total := settle(t, server, ids, people)
	if err := server.Terminate(); err != nil {
		t.Fatalf("the server did not end well: %v", err)
	}
	if server, err = quire.Start(bin, data, address); err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	for i, id := range ids {
		account(t, server, id, people[i*writers/documents:(i+1)*writers/documents])
	}
	t.Logf("%d kills, %d edits by %d writers acknowledged: 0 lost, 0 doubled", *rounds, total, len(people))
}

// gather creates the documents and connects the people: writers/documents of them to each.
func gather(t *testing.T, server *quire.Process, random *rand.Rand) (ids []string, people []*writer) {
	t.Helper()
	for d := range documents {
		id, err := server.Create("text")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		for i := range writers / documents {
			w := &writer{name: fmt.Sprintf("%c%d", 'a'+i, d), typo: rand.New(rand.NewPCG(random.Uint64(), 2))}
			c := client.New(id)
			c.Acknowledged = func(uint64, uint64) { w.acknowledged.Add(1) }
			w.link = client.Connect(server.Socket(id), c)
			t.Cleanup(w.link.Close)
			people = append(people, w)
		}
	}
	return ids, people
}

// work types a word, waits until it is stored, and types the next.
func (w *writer) work(stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		err := w.link.Wait(ctx, w.name+" is settled", func(c *client.Client) bool { return c.Loaded() && c.Settled() })
		cancel()
		if err == nil {
			err = w.link.Do(w.typeWord)
		}
		if err != nil {
			return fmt.Errorf("writer %s: %w", w.name, err)
		}
	}
}

// typeWord puts a word between two others, so that every word stays whole.
func (w *writer) typeWord(c *client.Client) error {
	w.typed++
	word := ot.InsertText(w.word(w.typed), ot.Attributes{})
	at := w.typo.IntN(c.Text().Len() + 1)
	at = strings.LastIndexByte(c.Text().Text()[:at], '>') + 1
	delta := ot.Delta{word}
	if at > 0 {
		delta = ot.Delta{ot.RetainOp(at, ot.Attributes{}), word}
	}
	_, err := c.Edit(delta)
	return err
}

func (w *writer) word(n int) string { return fmt.Sprintf("<%s-%d>", w.name, n) }

// awaitProgress returns once some more edits have been acknowledged.
func awaitProgress(t *testing.T, people []*writer, edits int) {
	t.Helper()
	goal := acknowledged(people) + int64(edits)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for acknowledged(people) < goal {
		w := people[0]
		before := w.acknowledged.Load()
		err := w.link.Wait(ctx, "more edits are stored", func(*client.Client) bool {
			return w.acknowledged.Load() > before || acknowledged(people) >= goal
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func acknowledged(people []*writer) (n int64) {
	for _, w := range people {
		n += w.acknowledged.Load()
	}
	return n
}

// settle waits until everybody has everything, and returns how many edits were acknowledged.
func settle(t *testing.T, server *quire.Process, ids []string, people []*writer) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, w := range people {
		if err := w.link.Wait(ctx, "all is stored", func(c *client.Client) bool { return c.Loaded() && c.Settled() }); err != nil {
			t.Fatalf("writer %s: %v", w.name, err)
		}
	}
	for i, w := range people {
		text, err := server.Text(ids[i*documents/writers])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.link.Wait(ctx, "every copy is equal", func(c *client.Client) bool { return c.Text().Text() == text }); err != nil {
			t.Fatalf("writer %s: %v", w.name, err)
		}
	}
	return acknowledged(people)
}

// account checks that a document holds each word of its writers exactly once, and that their copies are equal to it.
func account(t *testing.T, server *quire.Process, id string, people []*writer) {
	t.Helper()
	text, err := server.Text(id)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for word := range strings.SplitAfterSeq(text, ">") {
		found[word]++
	}
	for _, w := range people {
		for n := 1; n <= w.typed; n++ {
			if count := found[w.word(n)]; count != 1 {
				t.Errorf("document %s has %s %d times", id, w.word(n), count)
			}
		}
		err := w.link.Do(func(c *client.Client) error {
			if c.Text().Text() != text {
				return fmt.Errorf("the copy of writer %s differs from the server's text", w.name)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
