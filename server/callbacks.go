package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/store"
)

// callbacks tell sites what was saved of the documents that they embed. What a site was told of is kept beside each document, so
// that what is owed follows from the store: neither a restart nor a kill loses it.
type callbacks struct {
	// told is, by site, up to which revision it knows the document. A site is in there once a user of it has opened the document.
	told companion[map[string]uint64]
	// active says that some site wants to be told.
	active atomic.Bool
	pace   callbackPace

	mu sync.Mutex
	// bursts are documents that are being edited, with the time when the sites are told.
	bursts map[string]*burst
	// letters are what sites are told, as far as they have not taken it.
	letters map[letter]*posting
	// followed are letters' addresses that are known to be kept.
	followed map[letter]bool
	poke     chan struct{}
}

// letter says which site is told of which document.
type letter struct{ document, site string }

// burst is a time of editing.
type burst struct{ began, due time.Time }

// posting is how it is with a letter.
type posting struct {
	due      time.Time
	failures int
	sending  bool
}

// callbackPace is when sites are told.
type callbackPace struct {
	// calm is how long nobody edits before that, and atMost how long it waits for that.
	calm, atMost time.Duration
	// retry is after which time it is tried again first; it doubles until maxRetry.
	retry, maxRetry time.Duration
}

var usualPace = callbackPace{calm: 5 * time.Second, atMost: time.Minute, retry: 5 * time.Second, maxRetry: time.Hour}

// maxFollowed bounds what is remembered; forgetting it costs one reading each.
const maxFollowed = 10_000

func newCallbacks(st *store.Store) *callbacks {
	return &callbacks{
		told: companion[map[string]uint64]{st, "~callbacks."}, pace: usualPace, poke: make(chan struct{}, 1),
		bursts: map[string]*burst{}, letters: map[letter]*posting{}, followed: map[letter]bool{},
	}
}

// keepInformed sees to it that the site of whoever opens a document is told what is saved from then on. It returns once that is durable.
func (s *Server) keepInformed(ctx context.Context, document string, caller *access.Caller) error {
	rest, embedded := strings.CutPrefix(caller.Principal, embedPrincipal)
	id, _, _ := strings.Cut(rest, ":")
	if !embedded || !s.callbacks.active.Load() || s.callbacks.knows(letter{document, id}) {
		return nil
	}
	if from, _, ok := s.findSite(id); !ok || from.Callback == "" {
		return nil
	}
	revision, err := archive{s}.newest(document)
	if err == nil {
		err = s.callbacks.told.change(ctx, document, func(told *map[string]uint64) error {
			if *told == nil {
				*told = map[string]uint64{}
			}
			if _, known := (*told)[id]; !known {
				(*told)[id] = revision
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("note that a site follows %s: %w", document, err)
	}
	s.callbacks.learn(letter{document, id})
	return nil
}

func (c *callbacks) knows(l letter) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.followed[l]
}

func (c *callbacks) learn(l letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.followed) >= maxFollowed {
		clear(c.followed)
	}
	c.followed[l] = true
}

// edited notes that a document has new durable records. It does not block.
func (c *callbacks) edited(document string) {
	if !c.active.Load() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	b := c.bursts[document]
	if b == nil {
		b = &burst{began: now}
		c.bursts[document] = b
		poke(c.poke)
	}
	b.due = now.Add(c.pace.calm)
	if last := b.began.Add(c.pace.atMost); b.due.After(last) {
		b.due = last
	}
}

func (c *callbacks) isEdited(document string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bursts[document] != nil
}

// vacated notes that the last person has left a document: nothing is to be waited for.
func (c *callbacks) vacated(document string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.bursts[document]; b != nil {
		b.due = time.Now()
		poke(c.poke)
	}
}

// post has a site told of a document, unless that is being done.
func (c *callbacks) post(l letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.letters[l] == nil {
		c.letters[l] = &posting{due: time.Now()}
		poke(c.poke)
	}
}

// due returns whose sites are to be looked up and what is to be sent now, and how long there is nothing else to do. Each site is told one
// thing at a time.
func (c *callbacks) due() (documents []string, letters []letter, rest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	rest = time.Hour
	for document, b := range c.bursts {
		if wait := b.due.Sub(now); wait > 0 {
			rest = min(rest, wait)
			continue
		}
		documents = append(documents, document)
		delete(c.bursts, document)
	}
	busy := map[string]bool{}
	for l, p := range c.letters {
		busy[l.site] = busy[l.site] || p.sending
	}
	for l, p := range c.letters {
		wait := p.due.Sub(now)
		switch {
		case busy[l.site]: // its end wakes us
		case wait > 0:
			rest = min(rest, wait)
		default:
			p.sending, busy[l.site] = true, true
			letters = append(letters, l)
		}
	}
	return documents, letters, rest
}

// sent notes what became of a letter.
func (c *callbacks) sent(l letter, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer poke(c.poke)
	p := c.letters[l]
	if err == nil {
		delete(c.letters, l)
		return
	}
	wait := c.pace.maxRetry
	if p.failures < 20 {
		wait = min(wait, c.pace.retry<<p.failures)
	}
	p.sending, p.failures, p.due = false, p.failures+1, time.Now().Add(wait)
}

// forget has nobody told of a document any more.
func (c *callbacks) forget(ctx context.Context, document string) error {
	c.mu.Lock()
	maps.DeleteFunc(c.followed, func(l letter, _ bool) bool { return l.document == document })
	c.mu.Unlock()
	return c.told.remove(ctx, document)
}

// refreshCallbacks finds out whether some site wants to be told anything.
func (s *Server) refreshCallbacks() error {
	sites, err := s.sites.all()
	active := false
	for i := range sites {
		active = active || sites[i].Callback != ""
	}
	s.callbacks.active.Store(active)
	return err
}

// SendCallbacks tells sites what is saved of the documents that they embed, and first what an earlier run owed them, until ctx ends.
func (s *Server) SendCallbacks(ctx context.Context) {
	c := s.callbacks
	if err := errors.Join(s.refreshCallbacks(), s.resumeCallbacks()); err != nil {
		s.considerFailure(err)
		s.logger.Error("what sites are owed could not be read; they are told with the next edit", "error", err)
	}
	var sending sync.WaitGroup
	defer sending.Wait()
	for ctx.Err() == nil {
		documents, letters, rest := c.due()
		for _, document := range documents {
			s.postAll(document)
		}
		for _, l := range letters {
			sending.Go(func() { s.send(ctx, l) })
		}
		if len(documents) > 0 {
			continue
		}
		wake := time.NewTimer(rest)
		select {
		case <-c.poke:
		case <-wake.C:
		case <-ctx.Done():
		}
		wake.Stop()
	}
}

// resumeCallbacks posts what is owed by the store.
func (s *Server) resumeCallbacks() error {
	return s.callbacks.told.each(func(v companionValue[map[string]uint64]) error {
		return s.post(v.Document, v.Value)
	})
}

// postAll posts what there is to tell of a document.
func (s *Server) postAll(document string) {
	v, err := s.callbacks.told.read(document)
	if err == nil {
		err = s.post(document, v.Value)
	}
	if err != nil {
		s.considerFailure(err)
		s.logger.Error("it could not be read which sites embed a document; they are told with the next edit", "document", document, "error", err)
	}
}

func (s *Server) post(document string, told map[string]uint64) error {
	newest, err := archive{s}.newest(document)
	for id, revision := range told {
		if revision < newest {
			s.callbacks.post(letter{document, id})
		}
	}
	return err
}

// send tells a site of a document, and notes that it knows.
func (s *Server) send(ctx context.Context, l letter) {
	err := s.deliver(ctx, l)
	if err != nil && ctx.Err() == nil {
		s.logger.Warn("a site was not told what was saved; it is tried again", "site", l.site, "document", l.document, "error", err)
	}
	if s.callbacks.sent(l, err); err == nil && !s.callbacks.isEdited(l.document) {
		s.postAll(l.document) // what came meanwhile
	}
}

func (s *Server) deliver(ctx context.Context, l letter) error {
	to, _, known := s.findSite(l.site)
	if !known || to.Callback == "" {
		return s.noteTold(ctx, l, nil) // nobody is there to be told
	}
	v, err := s.callbacks.told.read(l.document)
	if err != nil {
		return err
	}
	m, err := s.savedSince(l, v.Value[l.site])
	if err != nil {
		return err
	}
	body, err := m.encode()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s@%d", m.Document, m.Revision)
	err = to.Deliver(ctx, s.callbackSecret(to.ID), name, body, time.Now())
	if err != nil && !errors.Is(err, site.ErrUnwanted) {
		return err
	}
	if m.Event == eventDeleted && len(v.Value) <= 1 {
		return s.callbacks.forget(ctx, l.document)
	}
	return s.noteTold(ctx, l, &m.Revision)
}

// noteTold notes up to which revision a site knows a document; nil for a site that is told nothing any more.
func (s *Server) noteTold(ctx context.Context, l letter, revision *uint64) error {
	return s.callbacks.told.changeIfThere(ctx, l.document, func(told *map[string]uint64) {
		if revision == nil {
			delete(*told, l.site)
		} else {
			(*told)[l.site] = *revision
		}
	})
}

// callbackSecret is what messages to a site are signed with. Like its other secret it is kept nowhere.
func (s *Server) callbackSecret(id string) string { return s.guests.seal("callback", id) }
