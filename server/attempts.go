package server

import (
	"sync"
	"time"
)

// attempts bound how fast the passwords of links can be guessed. Only who has a link's key can try.
type attempts struct {
	now func() time.Time

	mu sync.Mutex
	// left says how often a link's password may be tried yet, as of a time.
	left map[string]*attemptsLeft
}

type attemptsLeft struct {
	number float64
	since  time.Time
}

const (
	// maxAttempts is how often a password may be wrong at once; after that there is one more attempt each attemptEvery.
	maxAttempts  = 5
	attemptEvery = time.Minute
	// maxAttempted is how many links are remembered at a time; those with all attempts left are forgotten first.
	maxAttempted = 10_000
)

func newAttempts() *attempts {
	return &attempts{now: time.Now, left: map[string]*attemptsLeft{}}
}

// take counts an attempt before it is made, so that many at once are no more than one after the other. If there may be none it says
// how long to wait.
func (a *attempts) take(link string) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	left := a.left[link]
	if left == nil {
		a.forget(now)
		left = &attemptsLeft{maxAttempts, now}
		a.left[link] = left
	}
	left.renew(now)
	if left.number < 1 {
		return time.Duration((1 - left.number) * float64(attemptEvery))
	}
	left.number--
	return 0
}

// right gives back an attempt with the right password.
func (a *attempts) right(link string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.left, link)
}

func (l *attemptsLeft) renew(now time.Time) {
	l.number = min(maxAttempts, l.number+float64(now.Sub(l.since))/float64(attemptEvery))
	l.since = now
}

// forget makes room for one more. Called with mu held.
func (a *attempts) forget(now time.Time) {
	if len(a.left) < maxAttempted {
		return
	}
	for link, left := range a.left {
		if left.renew(now); left.number >= maxAttempts {
			delete(a.left, link)
		}
	}
}
