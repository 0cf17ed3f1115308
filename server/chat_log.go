package server

import (
	"context"
	"sync"

	"github.com/quire-editor/quire/store"
)

// storeChat is the chatLog of a room in production. A goroutine stores what waits, together, and ends when nothing does.
type storeChat struct {
	store    *store.Store
	document string
	// reenter has the room run f when it is its turn.
	reenter func(f func())

	mu      sync.Mutex
	waiting []waitingMessage
	writing bool
	failed  error
	writers sync.WaitGroup
}

type waitingMessage struct {
	store.Message
	stored func(error)
}

// chatBatch is how many messages are stored at once.
const chatBatch = 256

func (l *storeChat) Append(m store.Message, stored func(error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, waitingMessage{m, stored})
	if !l.writing {
		l.writing = true
		l.writers.Go(l.write)
	}
}

func (l *storeChat) Messages(from, to uint64, fn func(store.Message) error) error {
	return l.store.Messages(l.document, from, to, fn)
}

// settle waits until the fate of every message is known. Whoever opens the document next then finds them at rest.
func (l *storeChat) settle() { l.writers.Wait() }

func (l *storeChat) write() {
	for {
		batch, err := l.next()
		if len(batch) == 0 {
			return
		}
		if err == nil {
			err = l.append(batch)
		}
		l.reenter(func() {
			for _, m := range batch {
				m.stored(err)
			}
		})
	}
}

// next takes out what is to be stored together, or ends the writing. After a failure nothing more can be: it would leave a gap.
func (l *storeChat) next() ([]waitingMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), chatBatch)
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	l.writing = n > 0
	return batch, l.failed
}

func (l *storeChat) append(batch []waitingMessage) error {
	messages := make([]store.Message, len(batch))
	for i, m := range batch {
		messages[i] = m.Message
	}
	err := l.store.AppendMessages(context.Background(), l.document, messages[0].Index, messages)
	if err != nil {
		l.mu.Lock()
		l.failed = err
		l.mu.Unlock()
	}
	return err
}
