package server

import (
	"context"
	"time"
)

// regularly does some work of the store's upkeep now and then, until ctx ends. What fails is tried again the next time, of which
// complaint speaks.
func (s *Server) regularly(ctx context.Context, every time.Duration, complaint string, work func(ctx context.Context, now int64) error) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := work(ctx, nowMillis()); err != nil && ctx.Err() == nil {
			s.considerFailure(err)
			s.logger.Error(complaint, "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
