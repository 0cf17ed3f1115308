package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestWhoeverChangesTooMuchAtOnceIsToldToWaitAndNobodyElse(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Limits.ChangesPerSecond = 3 })
	now := time.Unix(1, 0)
	ts.paces.now = func() time.Time { return now }
	create := func(header ...string) int {
		status, got, _ := ts.do("POST", documentRoutes, `{"kind":"text"}`, header...)
		if status == http.StatusTooManyRequests && got.Get("Retry-After") != "1" {
			t.Errorf("to come back after %q", got.Get("Retry-After"))
		}
		return status
	}
	for i := range 3 {
		if status := create(ts.as("ann")...); status != http.StatusCreated {
			t.Fatalf("request %d answers %d", i, status)
		}
	}
	for range 10 {
		if status := create(ts.as("ann")...); status != http.StatusTooManyRequests {
			t.Errorf("one request too many answers %d", status)
		}
	}
	if status, _, _ := ts.do("GET", documentRoutes, "", ts.as("ann")...); status != http.StatusOK {
		t.Errorf("reading answers %d", status)
	}
	if status := create(ts.as("ben")...); status != http.StatusCreated {
		t.Errorf("somebody else is answered %d", status)
	}
	for i := range 3*strangersTogether + 1 {
		if status, want := create(), map[bool]int{true: 201, false: 429}[i < 3*strangersTogether]; status != want {
			t.Errorf("request %d of strangers at one address answers %d", i, status)
		}
	}
	now = now.Add(time.Second)
	if status := create(ts.as("ann")...); status != http.StatusCreated {
		t.Errorf("a second later ann is answered %d", status)
	}
}

func TestThoseWhoRestedAreForgotten(t *testing.T) {
	p := newPaces()
	now := time.Unix(1, 0)
	p.now = func() time.Time { return now }
	for i := range maxPaced {
		p.take(fmt.Sprint(i), 1)
	}
	now = now.Add(2 * time.Second)
	if p.take("one more", 1) != 0 || len(p.left) != 1 {
		t.Errorf("%d are remembered", len(p.left))
	}
}
