package server

import "testing"

func TestAnIDIsNeverTakenForAnOptionOfACommand(t *testing.T) {
	for range 10_000 {
		if id := newID(); id[0] == '-' || !validID.MatchString(id) {
			t.Fatalf("made %q", id)
		}
	}
}
