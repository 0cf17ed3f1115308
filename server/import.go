package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/picture"
	"github.com/quire-editor/quire/store"
)

// Errors of Import.
var (
	// errNotPortable is returned for what is no exported document, or is damaged.
	errNotPortable = errors.New("this is no exported document, or it is damaged")
	// errNewerPortable is returned for a file of a newer format.
	errNewerPortable = errors.New("this was exported by a newer Quire")
	// errTaken is returned when the document is there already.
	errTaken = errors.New("there is a document with this ID already, or there was one that was deleted")
)

// Import takes in a document that Export wrote, under the ID that it had, or under another if as is not "". It returns the ID.
// Until all of it is there the document counts as deleted; what an import that was interrupted left is replaced by the next.
func (s *Server) Import(ctx context.Context, r io.Reader, as string) (string, error) {
	in := newPortableReader(r)
	im, err := s.beginImport(ctx, in, as)
	if err != nil {
		return "", err
	}
	err = im.free()
	if err == nil {
		err = im.all()
	}
	if err == nil {
		return im.id, nil
	}
	if im.begun {
		// The reason may be the end of ctx. What stays behind is replaced by the next try.
		err = errors.Join(err, s.store.Delete(context.WithoutCancel(ctx), im.id))
	}
	return "", fmt.Errorf("import, line %d: %w", in.lines, err)
}

type importer struct {
	*Server
	ctx  context.Context
	in   *portableReader
	head portableHead
	id   string
	meta metadata
	// begun says that something of it is in the store.
	begun bool
	state *state
	// pending are records that wait to be stored together, of pendingBytes.
	pending      []store.Record
	pendingBytes int
}

const (
	importRecords = 4096
	importBytes   = 4 << 20
	// maxDropped is how many records may be missing at the beginning. Empty ones take their place for a while (see states), and a
	// damaged number shall not fill the disk with them.
	maxDropped = 1 << 24
)

func (s *Server) beginImport(ctx context.Context, in *portableReader, as string) (*importer, error) {
	im := &importer{Server: s, ctx: ctx, in: in, state: newState()}
	line, err := in.next()
	if err == nil {
		err = json.Unmarshal(line, &im.head)
	}
	switch {
	case err != nil || im.head.Quire != portableName:
		return nil, errNotPortable
	case im.head.Format > portableFormat:
		return nil, fmt.Errorf("%w: it has format %d, this one knows up to %d", errNewerPortable, im.head.Format, portableFormat)
	}
	if im.id = im.head.ID; as != "" {
		im.id = as
	}
	if !validDocument(im.id) {
		return nil, fmt.Errorf("%w: %q cannot be the ID of a document", errNotPortable, im.id)
	}
	if im.head.First > maxDropped {
		return nil, fmt.Errorf("%w: it lacks its first %d records; at most %d may be missing", errNotPortable, im.head.First, maxDropped)
	}
	if im.meta, err = decodeMetadata(im.head.Meta); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotPortable, err)
	}
	return im, nil
}

// free sees to it that the ID is free.
func (im *importer) free() error {
	info, err := im.store.Info(im.id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if meta, err := decodeMetadata(info.Meta); err != nil || !meta.Importing {
		return fmt.Errorf("%s: %w", im.id, errTaken)
	}
	return im.store.Delete(im.ctx, im.id)
}

func (im *importer) all() error {
	states, err := im.states()
	if err == nil {
		err = im.records()
	}
	if err == nil && len(states) > 0 {
		err = im.store.Retain(im.ctx, im.id, im.head.First, states)
	}
	if err == nil {
		err = im.keepSnapshot()
	}
	if err == nil {
		err = im.messages()
	}
	if err == nil {
		err = im.pictures()
	}
	if err == nil {
		err = im.in.end()
	}
	if err == nil {
		err = im.companions()
	}
	if err != nil {
		return err
	}
	info, err := im.store.Info(im.id)
	if err != nil {
		return err
	}
	if err := im.store.SetMeta(im.ctx, im.id, info.MetaVersion, compacted(im.head.Meta)); err != nil {
		return err
	}
	im.holdings.note(im.id, im.meta)
	return nil
}

// states reads the states that replace the oldest records, and puts empty records in the place of those: the store numbers
// records from 0, and drops these again once all are there.
func (im *importer) states() (states []store.Snapshot, err error) {
	for im.head.First > 0 {
		line, err := im.in.line()
		if err != nil {
			return nil, err
		}
		if line.State == nil {
			return nil, fmt.Errorf("%w: a state was expected", errNotPortable)
		}
		content, err := ot.DecodeJSON(line.Content, portableLimits)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotPortable, err)
		}
		text, err := ot.DocumentFromDelta(content)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotPortable, err)
		}
		im.state = &state{revision: *line.State, exists: line.Exists, text: text}
		states = append(states, store.Snapshot{Revision: *line.State, State: im.state.encode()})
		if *line.State >= im.head.First {
			break
		}
	}
	for revision := uint64(0); revision < im.head.First; revision++ {
		if err := im.add(store.Record{Revision: revision, Time: im.head.Created}); err != nil {
			return nil, err
		}
	}
	return states, nil
}

func (im *importer) records() error {
	for revision := im.head.First; revision < im.head.Revision; revision++ {
		line, err := im.in.line()
		if err != nil {
			return err
		}
		if line.Record == nil || *line.Record != revision {
			return fmt.Errorf("%w: record %d was expected", errNotPortable, revision)
		}
		c, err := line.change()
		if err == nil {
			err = im.state.apply(c)
		}
		if err != nil {
			return fmt.Errorf("%w: record %d: %w", errNotPortable, revision, err)
		}
		err = im.add(store.Record{
			Revision: revision, Src: line.Src, Seq: line.Seq, Author: line.Author, Time: line.Time, Payload: c.encode(),
		})
		if err != nil {
			return err
		}
	}
	if im.state.exists == im.meta.Deleted {
		return fmt.Errorf("%w: its records and its metadata differ about whether it is deleted", errNotPortable)
	}
	return im.flush()
}

// add stores a record, together with others.
func (im *importer) add(r store.Record) error {
	im.pending = append(im.pending, r)
	im.pendingBytes += len(r.Payload)
	if len(im.pending) < importRecords && im.pendingBytes < importBytes {
		return nil
	}
	return im.flush()
}

func (im *importer) flush() error {
	if len(im.pending) == 0 {
		return nil
	}
	var meta []byte
	if !im.begun {
		meta = metadata{Kind: im.meta.Kind, Deleted: true, Importing: true}.encode()
	}
	err := im.store.Append(im.ctx, im.id, im.pending[0].Revision, im.pending, meta)
	if err == nil {
		im.begun, im.pending, im.pendingBytes = true, im.pending[:0], 0
	}
	return err
}

// keepSnapshot spares whoever opens the document first the replay of all its records.
func (im *importer) keepSnapshot() error {
	return im.store.PutSnapshot(im.id, store.Snapshot{Revision: im.state.revision, State: im.state.encode()})
}

func (im *importer) messages() error {
	var batch []store.Message
	for index := uint64(0); index < im.head.Messages; index++ {
		line, err := im.in.line()
		if err != nil {
			return err
		}
		if line.Message == nil || *line.Message != index || line.Said == nil {
			return fmt.Errorf("%w: message %d was expected", errNotPortable, index)
		}
		batch = append(batch, store.Message{Index: index, Author: line.Author, Time: line.Time, Payload: line.Said})
		if len(batch) < chatBatch && index+1 < im.head.Messages {
			continue
		}
		if err := im.store.AppendMessages(im.ctx, im.id, batch[0].Index, batch); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return nil
}

func (im *importer) pictures() error {
	for range im.head.Pictures {
		line, err := im.in.line()
		if err != nil {
			return err
		}
		p, err := picture.Clean(line.Data)
		if err != nil || imageID(p.Data) != line.Picture {
			return fmt.Errorf("%w: picture %q", errNotPortable, line.Picture)
		}
		if _, err := im.images.add(im.ctx, im.id, p.Data); err != nil {
			return err
		}
	}
	return nil
}

// companions takes in named versions, and by which names people are shown.
func (im *importer) companions() error {
	if len(im.head.Versions) > 0 {
		keep := func(all *[]version) error { *all = im.head.Versions; return nil }
		if err := im.Server.versions.change(im.ctx, im.id, keep); err != nil {
			return err
		}
	}
	if len(im.head.People) == 0 {
		return nil
	}
	keep := func(all *map[string]personInfo) error { *all = im.head.People; return nil }
	return im.Server.people.change(im.ctx, im.id, keep)
}

// portableReader reads lines and keeps their sum.
type portableReader struct {
	in    *bufio.Reader
	sum   hash.Hash
	lines int
}

func newPortableReader(r io.Reader) *portableReader {
	return &portableReader{in: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
}

// next returns the next line, which is valid until the one after.
func (p *portableReader) next() ([]byte, error) {
	p.lines++
	line, err := p.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(long) > maxPortableLine {
				return nil, fmt.Errorf("%w: the line is too long", errNotPortable)
			}
			line, err = p.in.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	if err != nil {
		return nil, fmt.Errorf("%w: it ends early (%w)", errNotPortable, err)
	}
	p.sum.Write(line)
	return line, nil
}

// line reads a line that is not the first and not the last.
func (p *portableReader) line() (line portableLine, err error) {
	raw, err := p.next()
	if err != nil {
		return line, err
	}
	if err := json.Unmarshal(raw, &line); err != nil {
		return line, fmt.Errorf("%w: %w", errNotPortable, err)
	}
	return line, nil
}

// end reads the last line and compares the sum.
func (p *portableReader) end() error {
	sum := hex.EncodeToString(p.sum.Sum(nil))
	raw, err := p.next()
	if err != nil {
		return err
	}
	var last portableLine
	if err := json.Unmarshal(raw, &last); err != nil || last.End != sum {
		return fmt.Errorf("%w: its sum is wrong", errNotPortable)
	}
	return nil
}

func compacted(b []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return b // it has been read before
	}
	return out.Bytes()
}
