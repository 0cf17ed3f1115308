//go:build !linux

package store

// forgetPages is done on Linux alone.
func (f *file) forgetPages() {}
