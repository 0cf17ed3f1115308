//go:build !linux

package store

type timer struct{ runtimeTimer }

func newTimer() *timer { return &timer{newRuntimeTimer()} }

func (t *timer) close() { t.Stop() }
