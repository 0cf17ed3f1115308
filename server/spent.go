package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/store"
)

// spent keeps which tokens of sites were shown, so that a restart lets none be shown again: as messages beside documents of the store
// that are there for them, one for each spentPeriod. A token has expired by the end of the period after that in which it was shown.
type spent struct{ companion[struct{}] }

const spentPeriod = site.MaxLife + 5*site.Leeway

// spentToken is a token that was shown. Until is in milliseconds since the epoch.
type spentToken struct {
	Name  string `json:"name"`
	Until int64  `json:"until"`
}

func periodOf(at time.Time) int64 { return at.UnixNano() / int64(spentPeriod) }

// Remember notes that a token was shown. It returns once that is durable.
func (s spent) Remember(ctx context.Context, name string, now, until time.Time) error {
	payload, err := json.Marshal(spentToken{name, until.UnixMilli()})
	if err != nil {
		return fmt.Errorf("encode a token's name: %w", err)
	}
	period := strconv.FormatInt(periodOf(now), 10)
	for {
		info, err := s.store.Info(s.name(period))
		if errors.Is(err, store.ErrNotFound) {
			err = s.begin(ctx, period, now)
		}
		if err == nil {
			err = s.store.AppendMessages(ctx, s.name(period), info.Messages, []store.Message{{Time: now.UnixMilli(), Payload: payload}})
		}
		if err == nil || !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// begin makes room for a period, and removes those before the last.
func (s spent) begin(ctx context.Context, period string, now time.Time) error {
	err := s.sweep(ctx, func(other string) (bool, error) {
		n, err := strconv.ParseInt(other, 10, 64)
		return n >= periodOf(now)-1, err
	})
	if err != nil {
		return err
	}
	return s.change(ctx, period, func(*struct{}) error { return nil })
}

// Each calls fn for the tokens that were shown and may not have expired.
func (s spent) Each(now time.Time, fn func(name string, until time.Time)) error {
	for period := periodOf(now) - 1; period <= periodOf(now); period++ {
		err := s.store.Messages(s.name(strconv.FormatInt(period, 10)), 0, maxRevision, func(m store.Message) error {
			var kept spentToken
			if err := json.Unmarshal(m.Payload, &kept); err != nil {
				return fmt.Errorf("read a token's name: %w", err)
			}
			fn(kept.Name, time.UnixMilli(kept.Until))
			return nil
		})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("which tokens were shown: %w", err)
		}
	}
	return nil
}
