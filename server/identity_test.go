package server

import (
	"strings"
	"testing"
)

func TestAnIDIsNeverTakenForAnOptionOfACommand(t *testing.T) {
	for range 10_000 {
		if id := newID(); id[0] == '-' || !validID(id) {
			t.Fatalf("made %q", id)
		}
	}
}

func TestIDsAreShortAndFitIntoAnAddress(t *testing.T) {
	long := strings.Repeat("x", maxID)
	for id, want := range map[string]bool{
		"a": true, "Az09_-": true, long: true,
		"": false, long + "x": false, "a b": false, "a/b": false, "ä": false, "a\n": false, "a.b": false,
	} {
		if validID(id) != want {
			t.Errorf("%q", id)
		}
	}
}
