package server

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// routes is every address the server answers.
func (s *Server) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.Use(s.logged, s.recovered, secured)

	_ = e.SetTrustedProxies(nil) // they are asked for in forwarded.go
	e.GET("/", s.startPage)
	e.GET("/d/:document", s.documentPage)
	e.GET("/ws", s.anySocket)
	e.GET("/ws/:document", s.socket)
	e.GET("/healthz", s.health)
	e.GET("/readyz", s.readyz)

	e.GET("/api/v1/openapi.json", s.describeAPI)
	api := e.Group("/api/v1/documents", uncached)
	api.POST("", s.createDocument)
	api.GET("", s.listDocuments)
	api.GET("/:document", s.withDocument(s.readDocument))
	api.PATCH("/:document", s.withDocument(s.amendDocument))
	api.GET("/:document/text", s.withDocument(s.readText))
	api.PUT("/:document/text", s.withDocument(s.replaceText))
	api.POST("/:document/images", s.withDocument(s.addImage))
	api.GET("/:document/images/:image", s.withDocument(s.readDocumentImage))

	api.GET("/:document/history", s.withDocument(s.readHistory))
	api.GET("/:document/changes", s.withDocument(s.listChanges))
	api.GET("/:document/steps", s.withDocument(s.readSteps))
	api.GET("/:document/diff", s.withDocument(s.compareRevisions))
	api.GET("/:document/revisions", s.withDocument(s.findRevision))
	api.GET("/:document/revisions/:revision", s.withDocument(s.readRevision))
	api.GET("/:document/revisions/:revision/text", s.withDocument(s.readRevisionText))
	api.GET("/:document/blame", s.withDocument(s.readBlame))
	api.PUT("/:document/people/me", s.withDocument(s.nameMe))
	api.POST("/:document/restore", s.withDocument(s.restoreRevision))
	api.GET("/:document/undo", s.withDocument(s.previewUndo))
	api.POST("/:document/undo", s.withDocument(s.undoAuthor))
	api.POST("/:document/forks", s.withDocument(s.forkDocument))
	api.GET("/:document/redactions", s.withDocument(s.listRedactions))
	api.POST("/:document/redactions", s.withDocument(s.redactDocument))
	api.GET("/:document/versions", s.withDocument(s.listVersions))
	api.POST("/:document/versions", s.withDocument(s.createVersion))
	api.PATCH("/:document/versions/:version", s.withDocument(s.renameVersion))
	api.DELETE("/:document/versions/:version", s.withDocument(s.deleteVersion))

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

// contentPolicy lets pages load what this server serves and nothing else. The editors make style elements of their own.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: https:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

func secured(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

func uncached(c *gin.Context) { c.Writer.Header().Set("Cache-Control", "no-store") }

func (s *Server) health(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }
