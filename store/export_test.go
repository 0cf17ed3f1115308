package store

// WithoutSync leaves fsync out: for tests in which nothing crashes.
func WithoutSync(o Options) Options {
	o.hooks.noSync = true
	return o
}
