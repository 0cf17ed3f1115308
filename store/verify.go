package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Problem is one thing that Verify found to be wrong.
type Problem struct {
	File     string // journal.db or main.db
	Document string // ID, empty if it is not known whose data it is
	Err      error  // what and where; matches ErrCorrupt
}

func (p Problem) String() string {
	if p.Document == "" {
		return p.Err.Error()
	}
	return fmt.Sprintf("document %q: %v", p.Document, p.Err)
}

// Verification is what Verify has looked at so far, and found.
type Verification struct {
	Documents, Records, Messages, Sources, Snapshots uint64 // in main.db
	Frames                                           uint64 // in journal.db
	Problems                                         []Problem
	MoreProblems                                     uint64 // found, but beyond maxProblems
}

const (
	// maxProblems bounds the list: a damaged disk may hold very many.
	maxProblems = 100
	// verifyChunks is how many chunks are checked in one read transaction. A long
	// one would make main.db grow, because pages it may look at are not used again.
	verifyChunks = 16
	// verifyTries is how often a document is begun anew because it was flushed
	// meanwhile, before it is checked in one transaction however long.
	verifyTries = 3
)

// Verify reads everything and checks it: checksums, that the revisions of every
// document follow one another without gaps, that its row, its chunks, its table
// of sources and its snapshots agree, and that the journal goes on where main.db
// ends. The store works on meanwhile.
//
// It rests as long as it works, so it takes at most half a core, and it needs
// memory for a chunk and a bit per document. progress, unless nil, is called
// after each document, from the same goroutine.
//
// The error is nil if all could be looked at, whatever was found; see Problems.
func (s *Store) Verify(ctx context.Context, progress func(Verification)) (Verification, error) {
	v := &verifier{s: s, ctx: ctx, progress: progress}
	s.mu.Lock()
	err := s.usable()
	s.mu.Unlock()
	if err == nil {
		err = v.all()
	}
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		err = s.usable() // closed meanwhile: not all was looked at
	}
	return v.found, err
}

type verifier struct {
	s        *Store
	ctx      context.Context
	progress func(Verification)
	found    Verification
	sequence uint64 // numbers up to here were given when it began
	numbers  []byte // one bit per number of a document that has a row
}

func (v *verifier) all() error {
	v.journal()
	err := v.s.main.view(func(tx *bolt.Tx) error {
		v.sequence = tx.Bucket(bucketDocuments).Sequence()
		return nil
	})
	if err != nil {
		v.problem(mainName, "", err)
		return nil
	}
	v.numbers = make([]byte, v.sequence/8+1)
	for after, more := "", true; more; {
		began := time.Now()
		if after, more = v.next(after); more && v.progress != nil {
			v.progress(v.found)
		}
		if err := v.rest(time.Since(began)); err != nil {
			return err
		}
	}
	for _, bucket := range [][]byte{bucketMeta, bucketChunks, bucketSnapshots, bucketSources, bucketMessages} {
		if err := v.strays(bucket); err != nil {
			return err
		}
	}
	return nil
}

// rest waits, so that people who write are not kept waiting.
func (v *verifier) rest(d time.Duration) error {
	select {
	case <-v.ctx.Done():
		return fmt.Errorf("store: verify: %w", v.ctx.Err())
	case <-v.s.flushEnded:
		return ErrClosed
	case <-time.After(d):
		return nil
	}
}

func (v *verifier) problem(file, document string, err error) {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return // the store was closed
	}
	if len(v.found.Problems) < maxProblems {
		v.found.Problems = append(v.found.Problems, Problem{file, document, err})
		return
	}
	v.found.MoreProblems++
}

// next checks the document that follows another. It answers false after the last.
func (v *verifier) next(after string) (id string, more bool) {
	err := v.s.main.view(func(tx *bolt.Tx) error {
		c := readCursor(tx.Bucket(bucketDocuments))
		k, _ := c.Seek([]byte(after))
		if k != nil && string(k) == after {
			k, _ = c.Next()
		}
		if more = k != nil && string(k) > after; more {
			id = string(k)
		} else if k != nil {
			return corrupt(mainName, errShort, "document %q follows %q", k, after)
		}
		return nil
	})
	if err != nil {
		v.problem(mainName, "", err)
		return "", false
	}
	if more {
		v.document(id)
	}
	return id, more
}

// mark notes that a document has a number. Two documents with one number would
// share their records.
func (v *verifier) mark(number uint64) error {
	if number > v.sequence {
		return nil // given meanwhile
	}
	bit := byte(1) << (number % 8)
	if v.numbers[number/8]&bit != 0 {
		return corrupt(mainName, errShort, "number %d belongs to another document as well", number)
	}
	v.numbers[number/8] |= bit
	return nil
}

// strays looks for values of documents that have no row.
func (v *verifier) strays(bucket []byte) error {
	for number, steps := uint64(0), 1; number <= v.sequence; number, steps = number+1, steps+1 {
		began := time.Now()
		err := v.s.main.view(func(tx *bolt.Tx) error {
			k, _ := readCursor(tx.Bucket(bucket)).Seek(numberKey(number))
			if k == nil {
				number = v.sequence
				return nil
			}
			if len(k) < 8 {
				return corrupt(mainName, errShort, "%s have the key %x", bucket, k)
			}
			number = max(number, binary.BigEndian.Uint64(k))
			if number > v.sequence || v.numbers[number/8]&(1<<(number%8)) != 0 {
				return nil
			}
			if readValue(tx.Bucket(bucketDoomed), numberKey(number)) != nil {
				return nil // it waits to be removed
			}
			return corrupt(mainName, errShort, "%s of number %d, which no document has", bucket, number)
		})
		if err != nil {
			v.problem(mainName, "", err)
		}
		if steps%256 == 0 {
			if err := v.rest(time.Since(began)); err != nil {
				return err
			}
		}
	}
	return nil
}
