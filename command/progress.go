package command

import (
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// onTerminal is how often a line on a terminal is written anew, and inLog how often one is added to a file.
	onTerminal = 200 * time.Millisecond
	inLog      = 10 * time.Second
)

// progress tells how far long work is: on a terminal in one line that is written over, elsewhere in a line now and then.
type progress struct {
	out      io.Writer
	terminal bool
	last     time.Time
	shown    bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, last: time.Now()}
	if f, ok := out.(*os.File); ok {
		st, err := f.Stat()
		p.terminal = err == nil && st.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// tell says how far the work is, if it is time to.
func (p *progress) tell(format string, args ...any) {
	every := inLog
	if p.terminal {
		every = onTerminal
	}
	if time.Since(p.last) < every {
		return
	}
	p.last, p.shown = time.Now(), true
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K"+format, args...)
		return
	}
	fmt.Fprintf(p.out, format+"\n", args...)
}

// end clears the line for what comes next.
func (p *progress) end() {
	if p.shown && p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// counted tells of the bytes that pass, of about total; total 0 is not known.
type counted struct {
	io.Reader
	progress *progress
	verb     string
	done     int64
	total    int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.done += int64(n)
	if c.total > 0 {
		c.progress.tell("%s: %s of about %s", c.verb, bytesOf(c.done), bytesOf(max(c.done, c.total)))
	} else {
		c.progress.tell("%s: %s", c.verb, bytesOf(c.done))
	}
	return n, err
}

// bytesOf writes a size for people.
func bytesOf(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
