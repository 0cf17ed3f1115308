package ot

// session is an editing session as a server sees it, in commit order.
type session struct {
	doc     Delta
	submits []submit
	records []Delta
	final   Delta

	authors []int // of records
}

// submit is a client's delta, made when it knew the first revision records.
type submit struct {
	revision int
	op       Delta
}

// client is a ShareDB client: one delta on its way, what came after composed
// into another.
type client struct {
	doc               Delta
	revision          int
	inFlight, pending *Delta
}

// receive takes in the record at the client's revision.
func (c *client) receive(t failer, record Delta, own bool) {
	c.revision++
	if own {
		c.inFlight, c.pending = c.pending, nil
		return
	}
	for _, waiting := range []*Delta{c.inFlight, c.pending} {
		if waiting != nil {
			record, *waiting = Transform(*waiting, record, false), Transform(record, *waiting, true)
		}
	}
	c.doc = after(t, c.doc, record)
}

// edit makes a change of the client's own.
func (c *client) edit(t failer, change Delta) {
	c.doc = after(t, c.doc, change)
	switch {
	case c.inFlight == nil:
		c.inFlight = &change
	case c.pending == nil:
		c.pending = &change
	default:
		composed := Compose(*c.pending, change)
		c.pending = &composed
	}
}

// session has 2 to 5 clients edit at once, and fails unless all end with what
// the server has.
func (g generator) session(t failer, steps int) *session {
	s := &session{doc: g.document(4)}
	s.final = s.doc
	clients := make([]client, 2+g.pick(4))
	for i := range clients {
		clients[i].doc = s.doc
	}
	for range steps {
		i := g.pick(len(clients))
		c := &clients[i]
		switch g.pick(3) {
		case 0:
			c.edit(t, g.change(c.doc.Len(), 4))
		case 1:
			s.commit(t, c, i)
		case 2:
			s.deliver(t, c, i, c.revision+1)
		}
	}
	for i := range clients {
		for clients[i].inFlight != nil {
			s.commit(t, &clients[i], i)
		}
	}
	for i := range clients {
		s.deliver(t, &clients[i], i, len(s.records))
		mustEqual(t, clients[i].doc, s.final, append([]Delta{s.doc}, s.records...)...)
	}
	return s
}

// commit takes in what client i has on its way, if anything.
func (s *session) commit(t failer, c *client, i int) {
	if c.inFlight == nil {
		return
	}
	s.submits = append(s.submits, submit{c.revision, *c.inFlight})
	record := Rebase(*c.inFlight, s.records[c.revision:])
	s.records, s.authors = append(s.records, record), append(s.authors, i)
	s.final = after(t, s.final, record)
	s.deliver(t, c, i, len(s.records))
}

// deliver sends client i the records up to but not including revision.
func (s *session) deliver(t failer, c *client, i, revision int) {
	for c.revision < min(revision, len(s.records)) {
		c.receive(t, s.records[c.revision], s.authors[c.revision] == i)
	}
}
