package store

// The times of typing, in milliseconds.
const (
	runPause = 2_000  // a pause as long as this ends a typing run
	runStep  = 10_000 // within a run, time is counted in steps of this
)

// Stamper gives the records of one document the times that are worth keeping:
// when the typing run they belong to began, to the millisecond, and how many
// steps of ten seconds it had gone on. A time for every keystroke would take more
// room than the keystroke; a run of equal times takes next to none.
//
// Law: a record's time is less than runStep before the moment it was stamped,
// and is that moment itself for the first after a pause of runPause. Times
// descend only where the clock was set back.
//
// The zero value is ready. It is not for use by several goroutines.
type Stamper struct{ step, last int64 }

// Stamp returns the time of a record that is made now, both in milliseconds since
// the Unix epoch.
func (s *Stamper) Stamp(now int64) int64 {
	if now < s.last || now >= s.last+runPause {
		s.step = now
	}
	s.last = now
	s.step += (now - s.step) / runStep * runStep
	return s.step
}
