package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/store"
)

// readiness finds out whether the server can do its work: whether a commit reaches the disk.
type readiness struct {
	store *store.Store

	mu    sync.Mutex
	asked time.Time
	err   error
}

// readyEvery is how often it is tried at most: anybody may ask.
const readyEvery = time.Second

// readyName is what is written to find out. "~" is in no document of a person.
const readyName = "~ready"

// readyWithin bounds how long a commit may take.
const readyWithin = 5 * time.Second

// check makes a commit, unless one was made just before, and returns why that is not possible.
func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) < readyEvery {
		return r.err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	err := r.commit(ctx)
	if errors.Is(err, context.Canceled) {
		return err // whoever asked has gone
	}
	r.asked, r.err = time.Now(), err
	return err
}

// commit replaces a value that nobody reads: the journal takes it as it takes edits, and main.db grows by nothing.
func (r *readiness) commit(ctx context.Context) error {
	info, err := r.store.Info(readyName)
	if errors.Is(err, store.ErrNotFound) {
		return r.store.Append(ctx, readyName, 0, []store.Record{{Src: "ready", Seq: 1, Time: nowMillis()}}, []byte("{}"))
	}
	if err != nil {
		return err
	}
	return r.store.SetMeta(ctx, readyName, info.MetaVersion, []byte("{}"))
}

// Ready returns nil if the server can commit what people write, and else why not.
func (s *Server) Ready(ctx context.Context) error {
	if s.rooms.isClosed() {
		return errShuttingDown
	}
	return s.ready.check(ctx)
}

func (s *Server) readyz(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	if err := s.Ready(c.Request.Context()); err != nil {
		s.considerFailure(err)
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "reason": reasonOf(err)})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}

// reasonOf says in a few words, without paths, why nothing can be committed.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, errShuttingDown):
		return "shutting down"
	case errors.Is(err, store.ErrNoSpace):
		return "the disk is full"
	case errors.Is(err, store.ErrReadOnly):
		return "the disk cannot be written"
	case errors.Is(err, context.DeadlineExceeded):
		return "the disk takes too long"
	}
	return "the log says why"
}
