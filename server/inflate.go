package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/klauspost/compress/flate"
)

// Compressed messages (RFC 7692) are read here, beneath gorilla/websocket, which counts compressed bytes against its limit: a
// few kilobytes of zeros would fill gigabytes. What gorilla is given instead is the same message, not compressed, in fragments
// of some kilobytes, so that its limit counts what the message takes in memory.

// compression is the only form that is agreed on: no message refers to an earlier one, so that nothing is kept between them.
const compression = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

// offersCompression says whether a client offers what the server's compression agrees with.
func offersCompression(h http.Header) bool {
	for _, list := range h.Values("Sec-WebSocket-Extensions") {
		for offer := range strings.SplitSeq(list, ",") {
			if acceptable(offer) {
				return true
			}
		}
	}
	return false
}

// acceptable says whether one offer can be agreed to. A smaller window than the usual one cannot be promised; a client may
// promise what it likes.
func acceptable(offer string) bool {
	name, parameters, _ := strings.Cut(offer, ";")
	if strings.TrimSpace(name) != "permessage-deflate" {
		return false
	}
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		switch key {
		case "", "server_no_context_takeover", "client_no_context_takeover", "client_max_window_bits":
		case "server_max_window_bits":
			if strings.Trim(value, `"`) != "15" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// agreeToCompression adds the agreement to the answer to a handshake. gorilla lets nobody speak of extensions under the name's
// usual spelling; it copies what it is given under any other, and to clients all are one.
func agreeToCompression(h http.Header) {
	h["Sec-WebSocket-Extensions"] = []string{compression}
}

// inflation turns frames of a client that may be compressed into frames that are not.
type inflation struct {
	from *bufio.Reader
	// ready is to be read before anything else, and pass says how much of a payload then follows as it is.
	ready  []byte
	pass   uint64
	header [maxHeader]byte
	// current is the compressed message that is being read; nil between them.
	current *inflating
	err     error
}

const (
	// inflationBuffer takes the frame of a keystroke; a connection has one for as long as it lasts.
	inflationBuffer = 256
	// fragment is how many bytes of a message gorilla is given at a time.
	fragment = 8 << 10
	// maxAside is how many bytes of control frames may come between the frames of one compressed message.
	maxAside = 4 << 10
	// maxAfter is how much of a compressed message may follow its own end. Some compressors leave a byte there.
	maxAfter = 16
)

func newInflation(from io.Reader) *inflation {
	return &inflation{from: bufio.NewReaderSize(from, inflationBuffer)}
}

// errMalformed is what a client gets to hear whose compressed message cannot be read.
var errMalformed = errors.New("the compressed message is malformed")

// Read gives frames that are not compressed.
func (in *inflation) Read(b []byte) (int, error) {
	for in.err == nil {
		switch {
		case len(in.ready) > 0:
			n := copy(b, in.ready)
			in.ready = in.ready[n:]
			return n, nil
		case in.pass > 0:
			n, err := in.from.Read(b[:min(uint64(len(b)), in.pass)])
			in.pass -= uint64(n)
			in.err = err
			return n, err
		case in.current == nil:
			in.err = in.readHeader()
		case in.current.ended:
			inflatings.Put(in.current)
			in.current = nil
		default:
			in.ready, in.err = in.current.next()
		}
	}
	return 0, in.err
}

// readHeader reads the header of a frame. That of a compressed message begins one; any other is passed on, for gorilla to
// judge.
func (in *inflation) readHeader() error {
	header, err := readFrameHeader(in.from, in.header[:])
	if err != nil {
		return err
	}
	kind := header[0] &^ final
	begins := kind == compressed|websocket.TextMessage || kind == compressed|websocket.BinaryMessage
	if !begins || header[1]&masked == 0 {
		in.ready, in.pass = header, payloadSize(header)
		return nil
	}
	in.current = inflatings.Get().(*inflating)
	in.current.begin(in.from, header)
	return nil
}

// inflating reads one compressed message. There are as many as there are messages being read at the same time.
type inflating struct {
	frames  payload
	buffer  *bufio.Reader
	inflate io.ReadCloser
	piece   []byte
	out     []byte
	// opcode is that of the next fragment.
	opcode byte
	ended  bool
}

var inflatings = sync.Pool{New: func() any {
	return &inflating{
		buffer: bufio.NewReaderSize(nil, fragment), inflate: flate.NewReader(nil), piece: make([]byte, fragment),
	}
}}

func (m *inflating) begin(from *bufio.Reader, header []byte) {
	m.frames = payload{from: from}
	m.frames.begin(header)
	m.buffer.Reset(&m.frames)
	_ = m.inflate.(flate.Resetter).Reset(m.buffer, nil) // without a dictionary it cannot fail
	m.opcode, m.ended = header[0]&opcode, false
}

// next gives the next fragment, behind the control frames that came before it. It is valid until the one after.
func (m *inflating) next() ([]byte, error) {
	n, err := m.inflate.Read(m.piece)
	first := m.opcode
	m.opcode = continuation
	if errors.Is(err, io.EOF) {
		m.ended = true
		first |= final
		err = m.finish()
	}
	switch {
	case m.frames.err != nil:
		return nil, m.frames.err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	m.out = append(m.out[:0], m.frames.aside...)
	m.frames.aside = m.frames.aside[:0]
	m.out = appendMaskedHeader(m.out, first, n)
	m.out = append(m.out, m.piece[:n]...)
	return m.out, nil
}

// finish reads what may follow the end of what is compressed.
func (m *inflating) finish() error {
	n, err := io.Copy(io.Discard, io.LimitReader(m.buffer, maxAfter+int64(len(messageEnd))+1))
	if err == nil && n > maxAfter+int64(len(messageEnd)) {
		err = errors.New("more follows its end")
	}
	return err
}

// payload is the payload of the frames of one compressed message, and then what makes it a whole deflate stream.
type payload struct {
	from *bufio.Reader
	// left is what is left of a frame's payload, key its mask and at the place in that.
	left uint64
	key  [maskBytes]byte
	at   int
	// last says that this frame is the last, given how much has been read of what follows.
	last  bool
	given int
	// aside are control frames that came between.
	aside []byte
	// err is why no more can be read.
	err error
}

// messageEnd is what a sender leaves out, and an empty last block, so that the stream ends there.
const messageEnd = "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff"

func (p *payload) begin(header []byte) {
	p.last = header[0]&final != 0
	p.left, p.at = payloadSize(header), 0
	copy(p.key[:], header[len(header)-maskBytes:])
}

func (p *payload) Read(b []byte) (int, error) {
	for p.left == 0 && p.err == nil {
		if p.last {
			n := copy(b, messageEnd[p.given:])
			if p.given += n; n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
		p.err = p.nextFrame()
	}
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.from.Read(b[:min(uint64(len(b)), p.left)])
	p.left -= uint64(n)
	p.err = noEOF(err)
	for i := range b[:n] {
		b[i] ^= p.key[p.at&(maskBytes-1)]
		p.at++
	}
	return n, p.err
}

// nextFrame goes on with the message's next frame. Control frames may come before it, whole.
func (p *payload) nextFrame() error {
	var room [maxHeader]byte
	for {
		header, err := readFrameHeader(p.from, room[:])
		if err != nil {
			return noEOF(err)
		}
		size := payloadSize(header)
		switch {
		case header[1]&masked == 0:
			return fmt.Errorf("%w: a frame is not masked", errMalformed)
		case header[0]&^final == continuation:
			p.begin(header)
			return nil
		case header[0]&control == 0:
			return fmt.Errorf("%w: another message begins inside it", errMalformed)
		case size >= length16 || len(p.aside)+len(header)+int(size) > maxAside:
			return fmt.Errorf("%w: there are too many control frames in it", errMalformed)
		}
		p.aside = append(p.aside, header...)
		n := len(p.aside)
		p.aside = append(p.aside, make([]byte, size)...)
		if _, err := io.ReadFull(p.from, p.aside[n:]); err != nil {
			return noEOF(err)
		}
	}
}

// readFrameHeader reads a header into b, which has room for the longest.
func readFrameHeader(from *bufio.Reader, b []byte) ([]byte, error) {
	if _, err := io.ReadFull(from, b[:2]); err != nil {
		return nil, err
	}
	size := headerSize(b[1])
	_, err := io.ReadFull(from, b[2:size])
	return b[:size], noEOF(err)
}

// noEOF says that what ends here was not to end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
