package operate

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The runtime looks after threads that the system holds up without taking a part of the processor for that.
func TestServerLetsTheKernelDelayWhatSleeps(t *testing.T) {
	s := newSite(t)
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		slack, err := os.ReadFile(fmt.Sprintf("/proc/%s/timerslack_ns", thread.Name()))
		if os.IsPermission(err) {
			t.Skip("only root may see how long others sleep")
		}
		if got := strings.TrimSpace(string(slack)); err != nil || got != "1000000" {
			t.Errorf("thread %s: %s ns (%v)", thread.Name(), got, err)
		}
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.PID()))
	if err != nil || !strings.HasPrefix(string(line), bin+"\x00serve\x00") {
		t.Errorf("it runs as %q (%v)", line, err)
	}
}
