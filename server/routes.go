package server

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
)

// routes is every address the server answers.
func (s *Server) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.Use(s.logged, s.recovered, secured)

	_ = e.SetTrustedProxies(nil) // they are asked for in forwarded.go
	e.GET("/", s.startPage)
	e.GET("/d/:document", s.known, s.documentAddress)
	e.GET("/ws", s.known, s.anySocket)
	e.GET("/ws/:document", s.known, s.socket)
	e.POST("/stream", uncached, s.known, s.openStream)
	stream := e.Group("/stream/:stream", uncached) // its key says whose it is, also while a token is being renewed
	stream.GET("", s.withStream(s.readStream))
	stream.POST("", s.withStream(s.writeStream))
	stream.DELETE("", s.withStream(s.endStream))
	e.GET("/embed/:document", s.embedPage)
	e.GET("/diagram.html", s.diagramPage)
	e.GET("/oembed", uncached, s.answerOEmbed)
	e.GET("/login", uncached, s.login)
	e.GET("/login/callback", uncached, s.loggedIn)
	e.POST("/logout", uncached, s.ownPages, s.logout)
	e.GET("/healthz", s.health)
	e.GET("/readyz", s.readyz)

	e.GET("/api/v1/openapi.json", s.describeAPI)
	me := e.Group("/api/v1/me", uncached, s.ownPages, s.known, s.paced)
	me.GET("", s.readMe)
	me.GET("/documents", s.listMine)
	me.POST("/documents", s.claimDocuments)
	admin := e.Group("/api/v1", uncached, s.ownPages, s.known, s.paced, s.adminsOnly)
	admin.GET("/tokens", s.listTokens)
	admin.POST("/tokens", s.makeToken)
	admin.DELETE("/tokens/:token", s.deleteToken)
	admin.GET("/sites", s.listSites)
	trash := e.Group("/api/v1/trash", uncached, s.ownPages, s.known, s.paced)
	trash.GET("", s.listTrash)
	trash.DELETE("", s.emptyOwnTrash)
	trash.GET("/:document", s.fromTrash(s.readTrashed))
	trash.DELETE("/:document", s.fromTrash(s.discardTrashed))
	trash.POST("/:document/restore", s.fromTrash(s.restoreTrashed))
	e.POST(sessionsPath, uncached, s.paced, s.beginSession)
	api := e.Group("/api/v1/documents", uncached, s.ownPages, s.known, s.paced)
	api.POST("", s.createDocument)
	api.GET("", s.listDocuments)
	api.GET("/:document", s.may(access.Read, s.readDocument))
	api.PATCH("/:document", s.may(access.Edit, s.amendDocument))
	api.DELETE("/:document", s.may(access.Delete, s.trashDocument))
	api.PUT("/:document/tags", s.may(access.Read, s.tagDocument))
	api.GET("/:document/text", s.may(access.Read, s.readText))
	api.PUT("/:document/text", s.may(access.Edit, s.replaceText))
	api.GET("/:document/events", s.may(access.History, s.followDocument))
	api.POST("/:document/edits", s.may(access.Edit, s.editDocument))
	api.POST("/:document/images", s.may(access.Edit, s.addImage))
	api.GET("/:document/images", s.may(access.Read, s.giveTicket))
	api.GET("/:document/images/:image", s.ticketed, s.may(access.Read, s.readDocumentImage))

	api.GET("/:document/history", s.may(access.History, s.readHistory))
	api.GET("/:document/changes", s.may(access.History, s.listChanges))
	api.GET("/:document/steps", s.may(access.History, s.readSteps))
	api.GET("/:document/diff", s.may(access.History, s.compareRevisions))
	api.GET("/:document/revisions", s.may(access.History, s.findRevision))
	api.GET("/:document/revisions/:revision", s.may(access.History, s.readRevision))
	api.GET("/:document/revisions/:revision/text", s.may(access.History, s.readRevisionText))
	api.GET("/:document/blame", s.may(access.History, s.readBlame))
	api.PUT("/:document/people/me", s.may(access.Edit, s.nameMe))
	api.POST("/:document/restore", s.may(access.Restore, s.restoreRevision))
	api.GET("/:document/undo", s.may(access.History, s.previewUndo))
	api.POST("/:document/undo", s.may(access.Restore, s.undoAuthor))
	api.POST("/:document/forks", s.may(access.Read, s.forkDocument))
	api.GET("/:document/redactions", s.may(access.History, s.listRedactions))
	api.POST("/:document/redactions", s.may(access.Redact, s.redactDocument))
	api.GET("/:document/versions", s.may(access.History, s.listVersions))
	api.POST("/:document/versions", s.may(access.Restore, s.createVersion))
	api.PATCH("/:document/versions/:version", s.may(access.Restore, s.renameVersion))
	api.DELETE("/:document/versions/:version", s.may(access.Restore, s.deleteVersion))

	api.GET("/:document/access", s.may(access.Read, s.readAccess))
	api.PATCH("/:document/access", s.may(access.Share, s.changeAccess))
	api.GET("/:document/access/changes", s.may(access.Share, s.listEvents))
	api.GET("/:document/links", s.may(access.Share, s.listLinks))
	api.POST("/:document/links", s.may(access.Share, s.createLink))
	api.DELETE("/:document/links/:link", s.may(access.Share, s.deleteLink))
	api.POST("/:document/grants", s.redeemLink)

	e.NoRoute(s.file)
	e.NoMethod(func(c *gin.Context) {
		problem(c, http.StatusMethodNotAllowed, "This address does not answer to "+c.Request.Method+".")
	})
	return e
}

const (
	// requestKey is under which a request knows its ID, by which an answer is found in the log.
	requestKey      = "request"
	requestIDLength = 12
)

// logged writes one line for each request, without addresses' queries and without anything people wrote.
func (s *Server) logged(c *gin.Context) {
	begin, id := time.Now(), newID()[:requestIDLength]
	c.Set(requestKey, id)
	c.Header("X-Request-Id", id)
	c.Next()
	s.metrics.requests.WithLabelValues(c.FullPath(), strconv.Itoa(c.Writer.Status())).Inc()
	level := slog.LevelDebug
	if c.Writer.Status() >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.logger.Log(c, level, "request", "request", id,
		"method", c.Request.Method, "path", c.Request.URL.Path, "status", c.Writer.Status(), "from", s.proxies.client(c.Request),
		"ms", time.Since(begin).Milliseconds())
}

// recovered turns a panic in a handler into an answer.
func (s *Server) recovered(c *gin.Context) {
	gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, p any) {
		s.logger.Error("request panicked", "request", c.GetString(requestKey), "path", c.Request.URL.Path, "panic", p)
		problem(c, http.StatusInternalServerError, "Something went wrong on the server. It has been written to its log.")
	})(c)
}

// contentPolicy lets pages load what this server serves and nothing else: no script and no style stands in a page, and text becomes
// HTML only by the named policies of trusted types. Who may show a page in a frame comes last, since it differs.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; " +
	"trusted-types dompurify ProseMirrorClipboard quire; frame-ancestors 'self'"

// diagramPolicy is that of the frame in which diagrams are drawn, by a library that makes style elements and sets HTML. It can run this
// server's scripts and load nothing else. Whatever shows a document may show it.
const diagramPolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// diagramPage answers the page of that frame.
func (s *Server) diagramPage(c *gin.Context) {
	c.Header("Content-Security-Policy", diagramPolicy)
	s.pages.page(c, http.StatusOK, "diagram.html")
}

func secured(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
}

func uncached(c *gin.Context) { c.Writer.Header().Set("Cache-Control", "no-store") }

func (s *Server) health(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }
