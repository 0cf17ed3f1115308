package server

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// paces bound how many requests that change something one person makes. Over a WebSocket who is too fast is read slowly; here a
// page is not waiting for many, and a program can be told.
type paces struct {
	now func() time.Time

	mu   sync.Mutex
	left map[string]*allowance
}

const (
	// strangersTogether is how many times as much an address may do as one person: those who show nothing by which they are known
	// have it together.
	strangersTogether = 5
	// maxPaced is for how many people and addresses it is known how fast they were; those who rested are forgotten first.
	maxPaced = 10_000
)

func newPaces() *paces { return &paces{now: time.Now, left: map[string]*allowance{}} }

// take counts a request of somebody, or says how long they have to wait.
func (p *paces) take(name string, perSecond int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	a := p.left[name]
	if a == nil {
		p.forget(now)
		fresh := newAllowance(perSecond, now)
		a = &fresh
		p.left[name] = a
	}
	before := *a
	wait := a.take(now, 1)
	if wait > 0 {
		*a = before // what is refused is not owed
	}
	return wait
}

// forget makes room for one more. Called with mu held.
func (p *paces) forget(now time.Time) {
	if len(p.left) < maxPaced {
		return
	}
	for name, a := range p.left {
		if now.Sub(a.since) > time.Second {
			delete(p.left, name)
		}
	}
}

// paced refuses a request that changes something, of somebody who makes too many.
func (s *Server) paced(c *gin.Context) {
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return
	}
	name, perSecond := s.caller(c).Principal, s.limits.ChangesPerSecond
	if !s.isKnown(c) {
		name, perSecond = "address:"+s.proxies.client(c.Request), strangersTogether*perSecond
	}
	if wait := s.paces.take(name, perSecond); wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		problem(c, http.StatusTooManyRequests, "These are too many requests at once. Wait a second.")
	}
}
