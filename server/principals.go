package server

import (
	"sync"
	"time"
)

// principals are those who have a connection, by name. A school behind one address is many of them.
type principals struct {
	limits Limits
	now    func() time.Time
	// siteOf returns the site that vouches for a principal, "" for none, and how many connections its users may have together, 0 for
	// any number.
	siteOf func(name string) (site string, most int)

	mu   sync.Mutex
	here map[string]*principal
	// ofSites are how many connections the users of each site have.
	ofSites map[string]int
	// sessions is how many connections they have together.
	sessions int
}

// principal is somebody with at least one connection.
type principal struct {
	name, site string
	// sessions is under principals.mu.
	sessions int

	mu sync.Mutex
	// conns are its connections.
	conns []Conn
	// messages and bytes are what may be read of it at once.
	messages, bytes allowance
	// documents is how many its connections use, of maxDocuments.
	documents, maxDocuments int
}

func newPrincipals(limits Limits) *principals {
	noSite := func(string) (string, int) { return "", 0 }
	return &principals{limits: limits, now: time.Now, siteOf: noSite, here: map[string]*principal{}, ofSites: map[string]int{}}
}

// enter counts one more connection of somebody. The error is errManyConnections or errManyOfSite.
func (ps *principals) enter(name string) (*principal, error) {
	site, most := ps.siteOf(name)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if most > 0 && ps.ofSites[site] >= most {
		return nil, errManyOfSite
	}
	p := ps.here[name]
	if p == nil {
		p = newPrincipal(name, ps.limits, ps.now())
		p.site = site
		ps.here[name] = p
	}
	if p.sessions >= ps.limits.SessionsPerPrincipal {
		return nil, errManyConnections
	}
	p.sessions++
	ps.sessions++
	if site != "" {
		ps.ofSites[site]++
	}
	return p, nil
}

func (ps *principals) leave(p *principal) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.sessions--
	if p.sessions--; p.sessions == 0 {
		delete(ps.here, p.name)
	}
	if p.site != "" {
		if ps.ofSites[p.site]--; ps.ofSites[p.site] == 0 {
			delete(ps.ofSites, p.site)
		}
	}
}

func newPrincipal(name string, limits Limits, now time.Time) *principal {
	return &principal{
		name:         name,
		messages:     newAllowance(limits.MessagesPerSecond, now),
		bytes:        newAllowance(limits.BytesPerSecond, now),
		maxDocuments: limits.DocumentsPerPrincipal,
	}
}

// take counts a message of some bytes and says how long to wait before the next is read. Nothing is refused: an error would
// make clients throw work away.
func (p *principal) take(now time.Time, size int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.messages.take(now, 1), p.bytes.take(now, size))
}

// open counts one more document that a connection uses, and says whether there may be as many. Each is to be closed.
func (p *principal) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.documents >= p.maxDocuments {
		return false
	}
	p.documents++
	return true
}

func (p *principal) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.documents--
}

// allowance is what may come at once. It grows with time, up to a second's worth; below zero somebody waits.
type allowance struct {
	perSecond, left float64
	since           time.Time
}

func newAllowance(perSecond int, now time.Time) allowance {
	return allowance{float64(perSecond), float64(perSecond), now}
}

// take takes n away, and says how long it is until nothing is owed.
func (a *allowance) take(now time.Time, n int) time.Duration {
	a.left = min(a.perSecond, a.left+a.perSecond*now.Sub(a.since).Seconds()) - float64(n)
	a.since = now
	if a.left >= 0 {
		return 0
	}
	return time.Duration(-a.left / a.perSecond * float64(time.Second))
}
