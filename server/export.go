package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/store"
)

// Export writes all that is kept of a document: every change with its author and time, named versions, what people said, and the pictures.
// Import reads it. Whatever is added while it runs is left out.
func (s *Server) Export(ctx context.Context, document string, w io.Writer) error {
	d, err := lookUp(s.store, document)
	if err != nil {
		return err
	}
	if d.meta.Trashed != 0 { // whoever imports it wants to have it
		d.meta.Trashed, d.meta.Discarded = 0, false
		d.Info.Meta = d.meta.encode()
	}
	pictures, err := s.images.list(document)
	if err != nil {
		return err
	}
	versions, err := s.versions.read(document)
	if err != nil {
		return err
	}
	people, err := s.people.read(document)
	if err != nil {
		return err
	}
	out := newPortableWriter(w)
	e := exporter{s, ctx, d, out}
	err = out.line(portableHead{
		Quire: portableName, Format: portableFormat, ID: document, Revision: d.Revision, First: d.First,
		Created: d.Created, Messages: d.Messages, Pictures: len(pictures.Images), Meta: d.Info.Meta,
		Versions: versions.Value, People: people.Value,
	})
	if err == nil {
		err = e.states()
	}
	if err == nil {
		err = e.records()
	}
	if err == nil {
		err = e.messages()
	}
	if err == nil {
		err = e.pictures(pictures)
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", document, err)
	}
	return out.end()
}

type exporter struct {
	*Server
	ctx context.Context
	described
	out *portableWriter
}

// states writes the states that replace the records before the first: all up to that.
func (e *exporter) states() error {
	if e.First == 0 {
		return nil
	}
	var lines []portableLine
	for at := e.First; ; {
		found, ok, err := e.store.Snapshot(e.Document, at)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		st, err := decodeState(found.Revision, found.State)
		if err != nil {
			return err
		}
		lines = append(lines, portableLine{State: &found.Revision, Exists: st.exists, Content: ot.AppendJSON(nil, st.text.Delta())})
		if found.Revision == 0 {
			break
		}
		at = found.Revision - 1
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if err := e.out.line(lines[i]); err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) records() error {
	return e.store.Records(e.Document, e.First, e.Revision, func(r store.Record) error {
		line, err := portableRecord(r)
		if err == nil {
			err = e.write(line)
		}
		return err
	})
}

func (e *exporter) messages() error {
	return e.store.Messages(e.Document, 0, e.Messages, func(m store.Message) error {
		return e.write(portableLine{Message: &m.Index, Author: m.Author, Time: m.Time, Said: m.Payload})
	})
}

func (e *exporter) pictures(list imageList) error {
	for _, entry := range list.Images {
		data, err := e.images.read(e.Document, entry.ID)
		if err == nil {
			err = e.write(portableLine{Picture: entry.ID, Data: data})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) write(line portableLine) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	return e.out.line(line)
}

// portableWriter writes lines and keeps their sum.
type portableWriter struct {
	out     *bufio.Writer
	sum     hash.Hash
	buffer  bytes.Buffer
	encoder *json.Encoder
}

func newPortableWriter(w io.Writer) *portableWriter {
	p := &portableWriter{out: bufio.NewWriter(w), sum: sha256.New()}
	p.encoder = json.NewEncoder(&p.buffer)
	p.encoder.SetEscapeHTML(false) // what people said comes back as it was
	return p
}

func (p *portableWriter) line(v any) error {
	p.buffer.Reset()
	if err := p.encoder.Encode(v); err != nil {
		return err
	}
	p.sum.Write(p.buffer.Bytes())
	_, err := p.out.Write(p.buffer.Bytes())
	return err
}

func (p *portableWriter) end() error {
	if err := p.line(portableLine{End: hex.EncodeToString(p.sum.Sum(nil))}); err != nil {
		return err
	}
	return p.out.Flush()
}
