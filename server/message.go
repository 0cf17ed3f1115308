package server

import (
	"bytes"
	"runtime"
	"sync"

	"github.com/klauspost/compress/flate"
)

// message is a text on its way to clients. The same one may go to many.
type message struct {
	text []byte
	// packed is what goes to clients that take compressed messages; nil if the text is too short for that.
	packed *packed
}

// packed is a text compressed, by whoever needs it first.
type packed struct {
	once  sync.Once
	bytes []byte
}

// packable is the size, in bytes, from which on a text is compressed. Of what people type nothing is as long; documents are.
const packable = 4 << 10

func newMessage(text []byte) message {
	m := message{text: text}
	if len(text) >= packable {
		m.packed = &packed{}
	}
	return m
}

// pack returns the payload of a compressed frame, RFC 7692 section 7.2.1; nil if the text is to go as it is. It may take
// milliseconds.
func (m message) pack() []byte {
	if m.packed == nil {
		return nil
	}
	m.packed.once.Do(func() {
		if small := deflate(m.text); len(small) < len(m.text) {
			m.packed.bytes = small
		}
	})
	return m.packed.bytes
}

// deflaters are all the compressors that there are: one for each processor. Each is held while one text is compressed, never
// while somebody reads it.
var deflaters = func() chan *flate.Writer {
	all := make(chan *flate.Writer, runtime.GOMAXPROCS(0))
	for range cap(all) {
		all <- nil
	}
	return all
}()

// flushed ends what is compressed and flushed; a message is sent without it.
var flushed = []byte{0x00, 0x00, 0xff, 0xff}

func deflate(text []byte) []byte {
	d := <-deflaters
	defer func() { deflaters <- d }()
	var b bytes.Buffer
	b.Grow(len(text) / 4)
	if d == nil {
		d, _ = flate.NewWriter(&b, flate.BestSpeed) // only an unknown level is an error
	} else {
		d.Reset(&b)
	}
	_, _ = d.Write(text) // into memory: it cannot fail
	_ = d.Flush()
	return bytes.TrimSuffix(b.Bytes(), flushed)
}
