package server

import (
	"sync"
	"time"
)

// principals are those who have a connection, by name. A school behind one address is many of them.
type principals struct {
	limits Limits

	mu   sync.Mutex
	here map[string]*principal
}

// principal is somebody with at least one connection.
type principal struct {
	name string
	// rate is how many messages are read in a second.
	rate float64
	// sessions is under principals.mu.
	sessions int

	mu sync.Mutex
	// tokens are the messages that may come at once; they grow with time, up to a second's worth. Negative: somebody waits.
	tokens float64
	since  time.Time
}

func newPrincipals(limits Limits) *principals {
	return &principals{limits: limits, here: map[string]*principal{}}
}

// enter counts one more connection of somebody; nil if there are too many.
func (ps *principals) enter(name string) *principal {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.here[name]
	if p == nil {
		rate := float64(ps.limits.MessagesPerSecond)
		p = &principal{name: name, rate: rate, tokens: rate, since: time.Now()}
		ps.here[name] = p
	}
	if p.sessions >= ps.limits.SessionsPerPrincipal {
		return nil
	}
	p.sessions++
	return p
}

func (ps *principals) leave(p *principal) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p.sessions--; p.sessions == 0 {
		delete(ps.here, p.name)
	}
}

// take counts a message and says how long to wait before the next is read. Nothing is refused: an error would make clients
// throw work away.
func (p *principal) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = min(p.rate, p.tokens+p.rate*now.Sub(p.since).Seconds()) - 1
	p.since = now
	if p.tokens >= 0 {
		return 0
	}
	return time.Duration(-p.tokens / p.rate * float64(time.Second))
}
