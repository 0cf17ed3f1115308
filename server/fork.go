package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

type forkRequest struct {
	Revision *uint64 `json:"revision"`
	// History has all records up to there taken along.
	History bool    `json:"history"`
	Title   *string `json:"title"`
}

// forkDocument makes a new document of a revision of one, for whoever asks.
func (s *Server) forkDocument(c *gin.Context, d described) {
	var body forkRequest
	if !s.mayCreate(c) || !s.readJSON(c, &body) {
		return
	}
	if (body.History || body.Revision != nil && *body.Revision != d.Revision) && !s.allows(c, d, access.History) {
		return
	}
	revision := d.Revision
	if body.Revision != nil {
		revision = *body.Revision
	}
	if !s.checkRevision(c, d, revision) {
		return
	}
	if body.History && !s.checkRange(c, d, revision, d.Revision) {
		return
	}
	meta := metadata{Kind: d.meta.Kind, Title: d.meta.Title, Language: d.meta.Language, Owner: s.principal(c)}
	if body.Title != nil {
		if meta.Title = *body.Title; !validTitle(c, meta.Title) {
			return
		}
	}
	f := fork{server: s, from: d, to: newID(), revision: revision, meta: meta}
	make := f.text
	if body.History {
		make = f.history
	}
	if err := make(c); err != nil {
		s.failHistory(c, d, fmt.Errorf("fork at revision %d: %w", revision, err))
		return
	}
	s.holdings.note(f.to, f.meta)
	c.Header("Location", s.base+"/api/v1/documents/"+f.to)
	c.JSON(http.StatusCreated, documentInfo{ID: f.to, Kind: meta.Kind, Title: meta.Title, Language: meta.Language, Revision: f.next})
}

// fork is a document in the making. Nobody knows of it before it is whole.
type fork struct {
	server   *Server
	from     described
	to       string
	revision uint64
	meta     metadata
	// next is how many records it has.
	next uint64
}

// text makes it of the text alone.
func (f *fork) text(ctx context.Context) error {
	text, err := f.server.past(f.from.Document).At(f.revision)
	if err != nil {
		return err
	}
	if err := f.server.images.share(ctx, f.from.Document, f.to); err != nil {
		return err
	}
	return f.append(ctx, []store.Record{f.created(text, f.meta.Owner, nowMillis())}, f.meta)
}

// created is the record that creates the document with a text.
func (f *fork) created(text *ot.Document, author string, at int64) store.Record {
	content := f.readdressed(text.Delta(), true)
	return store.Record{Src: historySource + newID(), Seq: 1, Author: author, Time: at, Payload: change{changeCreate, content}.encode()}
}

const (
	// forkBatch is how many bytes of records are stored at a time.
	forkBatch = 8 << 20
	// forkSnapshot is how many records apart states are stored, so that the past is read fast.
	forkSnapshot = 1 << 15
)

// history makes it of all records up to the revision, with their authors and times. Until the last of them is stored the
// document counts as deleted.
func (f *fork) history(ctx context.Context) error {
	if err := f.server.images.share(ctx, f.from.Document, f.to); err != nil {
		return err
	}
	st, _, err := replay(f.server.past(f.from.Document), f.from.First)
	if err != nil {
		return err
	}
	var batch []store.Record
	bytes, unfinished := 0, f.meta
	unfinished.Deleted, unfinished.Importing = true, true
	if f.from.First > 0 && st.exists { // what was before is one record
		batch = append(batch, f.created(st.text, "", f.from.Created))
	}
	err = f.server.past(f.from.Document).Records(f.from.First, f.revision, func(r store.Record) error {
		c, err := decodeChange(r.Payload)
		if err != nil {
			return err
		}
		if err := st.apply(c); err != nil {
			return err
		}
		c.delta = f.readdressed(c.delta, false)
		r.Payload, r.Revision = c.encode(), 0
		batch, bytes = append(batch, r), bytes+len(r.Payload)+len(r.Src)+len(r.Author)
		if bytes < forkBatch && len(batch) < forkSnapshot {
			return nil
		}
		if err := f.append(ctx, batch, unfinished); err != nil {
			return err
		}
		batch, bytes = nil, 0
		return f.snapshot(ctx, st)
	})
	if err != nil {
		return err
	}
	if !st.exists {
		batch = append(batch, f.created(ot.NewDocument(), f.meta.Owner, nowMillis()))
	}
	if err := f.take(ctx); err != nil {
		return err
	}
	if len(batch) > 0 {
		return f.append(ctx, batch, f.meta)
	}
	info, err := f.server.store.Info(f.to)
	if err != nil {
		return err
	}
	return f.server.store.SetMeta(ctx, f.to, info.MetaVersion, f.meta.encode())
}

func (f *fork) append(ctx context.Context, records []store.Record, meta metadata) error {
	err := f.server.store.Append(ctx, f.to, f.next, records, meta.encode())
	f.next += uint64(len(records))
	return err
}

// snapshot keeps the state at the end of what is stored.
func (f *fork) snapshot(ctx context.Context, st *state) error {
	content, err := ot.DocumentFromDelta(f.readdressed(st.text.Delta(), false))
	if err != nil {
		return err
	}
	at := &state{revision: f.next, exists: st.exists, text: content}
	if err := f.server.store.PutSnapshot(f.to, store.Snapshot{Revision: at.revision, State: at.encode()}); err != nil {
		return err
	}
	return f.server.store.Flush(ctx)
}

// take takes the names of people and of versions along.
func (f *fork) take(ctx context.Context) error {
	names, err := f.server.people.of(f.from.Document)
	if err == nil && len(names) > 0 {
		err = f.server.people.change(ctx, f.to, func(all *map[string]personInfo) error {
			*all = names
			return nil
		})
	}
	if err != nil || f.from.First > 0 { // revisions have other numbers
		return err
	}
	named, err := f.server.versions.read(f.from.Document)
	if err != nil || len(named.Value) == 0 {
		return err
	}
	return f.server.versions.change(ctx, f.to, func(all *[]version) error {
		for _, v := range named.Value {
			if v.Revision <= f.revision {
				*all = append(*all, v)
			}
		}
		return nil
	})
}

// readdressed gives pictures the address that they have in the new document: the old one would tell where the old document is. In
// text that is only done where no position changes, unless they may.
func (f *fork) readdressed(d ot.Delta, mayMove bool) ot.Delta {
	from := "/documents/" + f.from.Document + "/images/"
	to := "/documents/" + f.to + "/images/"
	var out ot.Delta
	for i, op := range d {
		moved := op
		switch {
		case op.Kind() == ot.Embed && strings.Contains(op.EmbedJSON(), from):
			if embed, err := ot.InsertEmbed(strings.ReplaceAll(op.EmbedJSON(), from, to), op.Attributes()); err == nil {
				moved = embed
			}
		case op.Kind() == ot.Insert && strings.Contains(op.Text(), from) && (mayMove || len(from) == len(to)):
			moved = ot.InsertText(strings.ReplaceAll(op.Text(), from, to), op.Attributes())
		default:
			continue
		}
		if out == nil {
			out = append(ot.Delta{}, d...)
		}
		out[i] = moved
	}
	if out == nil {
		return d
	}
	return out
}
