package store

import (
	"testing"
	"time"
)

func TestBatchesOfFewRequestsAreTakenTwoGapsApartAndOthersOne(t *testing.T) {
	q := newQueue(time.Hour)
	defer q.timer.close()
	if left := q.pause(); left > 0 {
		t.Errorf("the first batch would wait %s", left)
	}
	q.taken = time.Now()
	if left := q.pause(); left <= time.Hour {
		t.Errorf("a batch of none would wait %s", left)
	}
	for range fewRequests {
		push(t, q)
	}
	if left := q.pause(); left > time.Hour {
		t.Errorf("a batch of %d would wait %s", fewRequests, left)
	}
}

func TestARestEndsWhenEnoughRequestsWait(t *testing.T) {
	q := newQueue(time.Hour)
	defer q.timer.close()
	q.taken = time.Now().Add(-time.Hour) // for few requests another hour
	rested := make(chan struct{})
	go func() { q.rest(); close(rested) }()
	for range fewRequests {
		push(t, q)
	}
	<-rested
}

func TestNobodyRestsWithoutAGap(t *testing.T) {
	q := newQueue(-1)
	defer q.timer.close()
	for range 3 {
		q.rest()
		push(t, q)
		q.take()
	}
}

func push(t *testing.T, q *queue) {
	t.Helper()
	if err := q.push(ctx, &request{}); err != nil {
		t.Fatal(err)
	}
}
