package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/store"
)

// Options are what a server is made of. Store and Secret are required.
type Options struct {
	Store *store.Store
	// Secret signs guests' cookies; see LoadSecret.
	Secret []byte
	// Pages is the built front end; nil if there is none.
	Pages fs.FS
	// Origins are the sites, besides this one, whose pages may open a socket: scheme://host[:port].
	Origins []string
	// OpenID is where people sign in; nobody can if it has no issuer.
	OpenID OpenID
	// Auth says what is needed to create and to open documents; "" for AuthOpen.
	Auth Auth
	// ListAll lets anyone list every document; ListLocally lets whoever sits at this machine and comes through no proxy. Otherwise
	// a caller sees those it created.
	ListAll, ListLocally bool
	// BasePath is the path that the server is below, such as "/docs"; "" if it is below none.
	BasePath string
	// TrustedProxies may say for whom they speak: addresses, networks, or TrustUnix; see ParseProxies.
	TrustedProxies Proxies
	Limits         Limits
	// Images bound the pictures in documents; zero for DefaultImageLimits.
	Images ImageLimits
	// IdleAfter is how long a room stays open without anybody in it; 0 for DefaultIdleAfter.
	IdleAfter time.Duration
	// KeepHistory is how long every change is kept; after that, named versions and one state of each day. 0 for ever.
	KeepHistory time.Duration
	// KeepTrash is how long a document can be restored that was put into the trash; 0 for as long as nobody empties it.
	KeepTrash time.Duration
	// Admins are people who look after the server, by the subject or the verified e-mail address that they have at the provider where they
	// sign in. LocalAdmin makes one of whoever sits at this machine and comes through no proxy.
	Admins     []string
	LocalAdmin bool
	// Failed is called when the store no longer knows what is on disk. The server has to be started again: the store is then
	// read anew, and clients send again what they have no acknowledgement for.
	Failed func(error)
	Logger *slog.Logger
	// Metrics count what happens; nil for new ones.
	Metrics *Metrics
}

// DefaultIdleAfter is long enough for a reload, short enough to keep no memory for what nobody reads.
const DefaultIdleAfter = 30 * time.Second

// Limits bound what one peer can ask of the server. Each refusal names the limit it met.
type Limits struct {
	// MessageBytes is the largest WebSocket message or request body that is read as one edit.
	MessageBytes int64
	// DocumentUnits is the longest document, in UTF-16 code units.
	DocumentUnits int
	// BacklogBytes is how much may wait for one slow reader before its connection is closed.
	BacklogBytes int
	// DocumentsPerConnection is how many documents one connection may use at a time.
	DocumentsPerConnection int
	// Sessions is how many connections there may be in all. Beyond that others are asked to come later.
	Sessions int
	// MemoryBytes is how much memory the process may take, 0 for any. Before it is reached nobody else is let in.
	MemoryBytes uint64
	// SessionsPerPrincipal is how many connections one person (one browser, one program with a cookie) may have.
	SessionsPerPrincipal int
	// DocumentsPerPrincipal is how many documents one person may use at a time, counted for each connection.
	DocumentsPerPrincipal int
	// MessagesPerSecond is how many messages of one person are read, and BytesPerSecond how many bytes of them; what comes faster
	// waits on the network.
	MessagesPerSecond, BytesPerSecond int
	// ChangesPerSecond is how many requests that change something one person may make.
	ChangesPerSecond int
	// Arrivals is how many connections may be in the making at a time; others are asked to come a little later.
	Arrivals int
}

// DefaultLimits hold a pasted book and an hour of work offline.
var DefaultLimits = Limits{
	MessageBytes:  8 << 20,
	DocumentUnits: 10_000_000,
	BacklogBytes:  64 << 20,

	DocumentsPerConnection: 1000,
	Sessions:               20_000,
	SessionsPerPrincipal:   200,
	DocumentsPerPrincipal:  5000,
	MessagesPerSecond:      2000,
	BytesPerSecond:         16 << 20,
	ChangesPerSecond:       100,
	Arrivals:               512,
}

// maxReading is how many documents are read from the store at the same time: everyone at once would only wait longer, and fill
// the memory.
const maxReading = 16

// maxHashing is how many passwords are hashed at the same time: each takes 19 MiB.
const maxHashing = 4

// maxTitle is the longest title, in bytes.
const maxTitle = 500

// Server answers everything that comes over HTTP.
type Server struct {
	store *store.Store
	rooms *rooms
	// lobby carries the connections of several documents; closing is closed when they have to end.
	lobby *hub
	// streams are the connections over HTTP.
	streams     *streams
	closing     chan struct{}
	closingOnce sync.Once
	// reading holds a token for each document that is being read from the store.
	reading chan struct{}
	// arriving holds a token for each connection that is being made.
	arriving   chan struct{}
	principals *principals
	images     *images
	holdings   *holdings
	timelines  timelines
	// keepHistory is Options.KeepHistory, keepTrash Options.KeepTrash.
	keepHistory, keepTrash time.Duration

	tags       tags
	admins     []string
	localAdmin bool
	people     people
	versions   versions
	links      companion[[]access.Link]
	audit      audit
	guests     guests
	grants     grants
	accounts   accounts
	openID     openID
	tokens     shelf[keptToken]
	sites      shelf[site.Site]
	callbacks  *callbacks
	assertions *site.Verifier
	sessions   sessions
	attempts   *attempts
	paces      *paces
	// hashing holds a token for each password that is being hashed.
	hashing    chan struct{}
	pages      pages
	base       string
	proxies    Proxies
	origins    []string
	protection *http.CrossOriginProtection
	auth       Auth
	listAll    bool
	// listLocally lets those list all who sit at this machine.
	listLocally bool
	limits      Limits
	// notice is what whoever runs the server has to say, if anything.
	notice  atomic.Pointer[string]
	memory  memoryWatch
	ready   readiness
	metrics *Metrics
	failed  func(error)
	logger  *slog.Logger
	handler http.Handler
}

// New makes a server. It starts no goroutine before the first document is opened.
func New(o Options) *Server {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits
	}
	if o.IdleAfter == 0 {
		o.IdleAfter = DefaultIdleAfter
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	sealed := sealer{o.Secret}
	s := &Server{
		store:   o.Store,
		logger:  o.Logger,
		metrics: o.Metrics,
		failed:  o.Failed,

		pages:       pages{o.Pages, o.BasePath},
		base:        o.BasePath,
		proxies:     o.TrustedProxies,
		origins:     o.Origins,
		protection:  newProtection(o.Origins),
		listAll:     o.ListAll,
		listLocally: o.ListLocally,

		auth:       o.Auth,
		admins:     o.Admins,
		localAdmin: o.LocalAdmin,
		openID:     openID{config: o.OpenID},
		guests:     guests{sealed},
		grants:     grants{sealed},
		accounts:   accounts{sealed},
		sessions:   sessions{sealed},
		tokens:     shelf[keptToken]{kept: companion[[]keptToken]{o.Store, "~tokens."}},
		sites:      shelf[site.Site]{kept: companion[[]site.Site]{o.Store, "~sites."}},
		assertions: site.NewVerifier(time.Now, spent{companion[struct{}]{o.Store, "~spent."}}),
		attempts:   newAttempts(),

		limits:     o.Limits,
		principals: newPrincipals(o.Limits),
		paces:      newPaces(),
		memory:     memoryWatch{limit: o.Limits.MemoryBytes},
		ready:      readiness{store: o.Store},
		closing:    make(chan struct{}),
		reading:    make(chan struct{}, maxReading),
		arriving:   make(chan struct{}, o.Limits.Arrivals),
		hashing:    make(chan struct{}, maxHashing),

		keepHistory: o.KeepHistory,
		keepTrash:   o.KeepTrash,
		images:      newImages(o.Store, o.Images),
		holdings:    newHoldings(o.Store),
		tags:        tags{companion[[]string]{o.Store, "~tags."}},
		people:      people{companion[map[string]personInfo]{o.Store, "~people."}},
		versions:    versions{companion[[]version]{o.Store, "~versions."}},
		links:       companion[[]access.Link]{o.Store, "~links."},
		audit:       audit{companion[struct{}]{o.Store, "~audit."}},
		callbacks:   newCallbacks(o.Store),
	}
	s.principals.siteOf = s.siteOf
	s.rooms = &rooms{
		bringUp: s.bringUp, takeDown: s.takeDown, vacated: s.callbacks.vacated,
		idleAfter: o.IdleAfter, open: map[string]*place{},
	}
	s.lobby = newHub(s.meetAny, s.limits, s.closing, s.logger)
	s.lobby.metrics = s.metrics
	s.streams = &streams{meet: s.meetStream, limits: s.limits, metrics: s.metrics, here: map[string]*stream{}}
	s.handler = below(o.BasePath, s.routes())
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) { s.handler.ServeHTTP(w, req) }

// Shutdown closes every session with a code that tells it to come back, and returns when everything accepted is durable.
// Requests that need a room are refused from then on.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.rooms.closeAll(ctx); err != nil {
		return fmt.Errorf("rooms did not end: %w", err)
	}
	s.closeLobby()
	return nil
}

// closeLobby ends the connections that are in no room.
func (s *Server) closeLobby() {
	s.closingOnce.Do(func() {
		close(s.closing)
		s.lobby.close(CloseRestart, "the server is restarting; your changes are safe")
		s.streams.close(CloseRestart, "the server is restarting; your changes are safe")
	})
}

// OpenRooms returns how many documents are open.
func (s *Server) OpenRooms() int { return s.rooms.count() }

func (s *Server) bringUp(p *place) error {
	s.reading <- struct{}{}
	from, err := s.load(p.document)
	<-s.reading
	if err != nil {
		s.logger.Error("document not opened", "document", p.document, "error", err)
		return err
	}
	p.log = &storeLog{store: s.store, writer: s.store.Writer(p.document), document: p.document}
	logger := s.logger.With("document", p.document)
	room := openRoom(p.document, from, p.log, nowMillis, s.limits, logger)
	room.deleted = s.images.documentGone
	room.edited = func() { s.callbacks.edited(p.document) }
	room.began = func(m metadata) { s.holdings.note(p.document, m) }
	room.metrics = s.metrics
	room.notice = s.currentNotice()
	room.failing = func() { s.rooms.end(p) } // whoever comes back at once waits for the next room
	p.runner = newRunner(room, p.log.writer.Wake())
	room.alarm = p.wakeAt
	p.chat = &storeChat{store: s.store, document: p.document, reenter: room.reenter}
	room.chat = chat{log: p.chat, head: from.Messages, durable: from.Messages}
	meet := func(conn Conn, v *visit) *session {
		s.begin(v)
		return newSession(conn, oneRoom{archive{s}, p.runner}, p.document, v, &s.limits)
	}
	p.hub = newHub(meet, s.limits, p.runner.done, logger)
	p.hub.metrics = s.metrics
	logger.Debug("room opened", "revision", from.head.revision)
	return nil
}

// meetAny makes the session of a connection of several documents.
func (s *Server) meetAny(conn Conn, v *visit) *session {
	s.begin(v)
	return newSession(conn, anyRoom{archive{s}, conn}, "", v, &s.limits)
}

// meetStream makes the session of a client that comes over HTTP.
func (s *Server) meetStream(st *stream, v *visit) *session {
	s.begin(v)
	return newSession(st, anyRoom{archive{s}, st}, st.document, v, &s.limits)
}

func (s *Server) takeDown(p *place) {
	p.wakeAt(0)
	p.hub.close(CloseTryAgain, "the document was closed")
	p.log.settle()
	p.chat.settle()
	p.log.writer.Close()
	s.considerFailure(p.runner.room.failed)
	s.logger.Debug("room closed", "document", p.document, "revision", p.runner.room.durable)
}

// considerFailure ends the server when an error says that the store no longer knows what is on disk.
func (s *Server) considerFailure(err error) {
	if errors.Is(err, store.ErrUnknown) {
		s.failed(err)
	}
}

func nowMillis() int64 { return time.Now().UnixMilli() }
