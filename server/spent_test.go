package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
)

// A token that was used is not believed after a restart, whatever the clock of its site says; one that was not, is.
func TestTokenOfASiteIsForOneUseAcrossARestart(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.createAs("ann", "text", "a")
	h := ts.host()
	used, ahead, unused := h.claims("u1", doc, access.Editor), h.claims("u1", doc, access.Editor), h.claims("u1", doc, access.Editor)
	ahead.IssuedAt = jwt.NewNumericDate(time.Now().Add(site.Leeway / 2))
	for _, claims := range []site.Claims{used, ahead} {
		h.begin(claims, http.StatusCreated)
	}
	ts.stop()
	ts = serveAt(t, data, nil)
	h.ts = ts
	for name, claims := range map[string]site.Claims{"used": used, "used, of a clock ahead": ahead} {
		if answer := h.begin(claims, http.StatusUnauthorized); answer.Code != "token-invalid" {
			t.Errorf("%s: refused as %q", name, answer.Code)
		}
	}
	h.begin(unused, http.StatusCreated)
}

func TestSpentTokensAreKeptUntilTheyHaveExpiredAndNoLonger(t *testing.T) {
	ts := serveNew(t)
	s := spent{companion[struct{}]{ts.store, "~spent."}}
	begin := time.Now().Truncate(spentPeriod)
	for i := range 5 {
		now := begin.Add(time.Duration(i) * spentPeriod)
		// The longest that a token can be good for, from a site whose clock is ahead.
		for _, at := range []time.Time{now, now.Add(spentPeriod - time.Millisecond)} {
			until := at.Add(site.MaxLife + 2*site.Leeway)
			if err := s.Remember(t.Context(), fmt.Sprint(at.UnixMilli()), at, until); err != nil {
				t.Fatal(err)
			}
			known := ""
			if err := s.Each(until, func(name string, _ time.Time) { known += name + " " }); err != nil || !strings.Contains(known, fmt.Sprint(at.UnixMilli())) {
				t.Errorf("when it expires, what was shown at %v is not known: %s %v", at, known, err)
			}
		}
	}
	kept, err := ts.store.List("~spent.", 0)
	if err != nil || len(kept) != 2 {
		t.Errorf("%d periods are kept: %v", len(kept), err)
	}
}
