package store

import "fmt"

// The quota bounds what main.db holds, not how long it is: a file of bbolt never
// gets shorter, and what is deleted makes room in it. The journal may hold a few
// segments more.

// full answers why nothing may be added; nil while there is room. Only for the commit loop.
func (s *Store) full() error {
	if s.opt.MaxBytes == 0 || s.used.Load() < s.opt.MaxBytes {
		return nil
	}
	return fmt.Errorf("%w: the documents take %d bytes, the limit is %d", ErrNoSpace, s.used.Load(), s.opt.MaxBytes)
}

// adds tells whether an entry makes the store larger by more than its own size in the journal.
func (e *entry) adds() bool { return e.kind == entryAppend || e.kind == entryMessages }

// measure notes how much main.db holds. Only while nobody writes it.
func (s *Store) measure() error {
	if s.opt.MaxBytes == 0 {
		return nil
	}
	used, err := s.main.used()
	if err != nil {
		return fmt.Errorf("measure %s: %w", mainName, err)
	}
	s.used.Store(used)
	return nil
}

// used is how many bytes of a file are in use. Only while nobody writes it.
func (f *file) used() (int64, error) {
	f.gate.RLock()
	defer f.gate.RUnlock()
	st, err := f.raw.Stat()
	if err != nil {
		return 0, err
	}
	pages, err := openPages(f.raw, st.Size(), true)
	if err != nil {
		return 0, err
	}
	free, err := pages.free()
	return int64(pages.meta.pages-free) * pageSize, err
}

// free is how many pages are free, 0 if they are not listed.
func (f *pageFile) free() (uint64, error) {
	if f.meta.freelist == noFreelist {
		return 0, nil
	}
	_, _, n, err := f.freelist()
	return n, err
}
