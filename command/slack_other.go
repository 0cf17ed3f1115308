//go:build !linux

package command

// slacken does nothing where timers have no slack to set.
func slacken() {}
