package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/frontend"
	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/store"
)

const (
	// drainTime bounds the end: telling sessions to come back, and making durable what was accepted.
	drainTime = 10 * time.Second
	// headerTime bounds how long a client may take to say what it wants.
	headerTime = 10 * time.Second
	// quietTime is how long a connection may stay open between two requests.
	quietTime = 2 * time.Minute
	// maxHeaderBytes bounds what a client may say of itself before its request.
	maxHeaderBytes = 64 << 10
)

func serveCommand(_ string) *cli.Command {
	return &cli.Command{
		Name:   "serve",
		Usage:  "serve documents until interrupted",
		Flags:  serveFlags(),
		Action: serve,
	}
}

// serveFlags are the server's settings: each is a flag and an environment variable. The README has the same table.
func serveFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "listen", Value: "127.0.0.1:8080", Sources: cli.EnvVars("QUIRE_LISTEN"),
			Usage: "`ADDRESS` to listen on: host:port, where port 0 picks a free one, or unix:/path/of/a/socket",
		},
		&cli.StringFlag{
			Name: "data", Value: "./data", Sources: cli.EnvVars("QUIRE_DATA"),
			Usage: "`FOLDER` that holds everything Quire keeps; made if missing",
		},
		&cli.StringFlag{
			Name: "base-path", Sources: cli.EnvVars("QUIRE_BASE_PATH"), Validator: validBasePath,
			Usage: "`PATH` of the host that the server is below, such as /docs; the proxy passes it on as it is",
		},
		&cli.StringSliceFlag{
			Name: "trusted-proxy", Sources: cli.EnvVars("QUIRE_TRUSTED_PROXIES"), Validator: validProxies,
			Usage: "`ADDRESS`, network or \"unix\" (whoever uses the socket) whose X-Forwarded-For, -Host and -Proto are believed; repeat or separate by commas",
		},
		&cli.StringSliceFlag{
			Name: "origin", Sources: cli.EnvVars("QUIRE_ORIGINS"), Validator: validOrigins,
			Usage: "`ORIGIN` (https://example.org) of another site whose pages may connect; repeat or separate by commas",
		},
		&cli.StringFlag{
			Name: "list", Value: listAuto, Sources: cli.EnvVars("QUIRE_LIST"), Validator: oneOf(listAuto, listAll, listOwn),
			Usage: "who may list documents: all (anyone, every document), own (each their own), auto (all for whoever sits at this machine, else own)",
		},
		&cli.IntFlag{
			Name: "max-message-bytes", Value: int(server.DefaultLimits.MessageBytes), Sources: cli.EnvVars("QUIRE_MAX_MESSAGE_BYTES"),
			Usage: "largest single edit or request body", Validator: atLeast(64 << 10),
		},
		&cli.IntFlag{
			Name: "max-document-units", Value: server.DefaultLimits.DocumentUnits, Sources: cli.EnvVars("QUIRE_MAX_DOCUMENT_UNITS"),
			Usage: "longest document, in characters (UTF-16 code units)", Validator: atLeast(1000),
		},
		&cli.IntFlag{
			Name: "max-image-bytes", Value: int(server.DefaultImageLimits.Bytes), Sources: cli.EnvVars("QUIRE_MAX_IMAGE_BYTES"),
			Usage: "largest picture", Validator: between(1000, store.MaxPayloadBytes),
		},
		&cli.IntFlag{
			Name: "max-document-image-bytes", Value: int(server.DefaultImageLimits.DocumentBytes), Sources: cli.EnvVars("QUIRE_MAX_DOCUMENT_IMAGE_BYTES"),
			Usage: "how much the pictures of one document may take together", Validator: atLeast(0),
		},
		&cli.DurationFlag{
			Name: "idle-after", Value: server.DefaultIdleAfter, Sources: cli.EnvVars("QUIRE_IDLE_AFTER"),
			Usage: "how long a document stays in memory with nobody in it", Validator: positive,
		},
		&cli.StringFlag{
			Name: "admin-listen", Sources: cli.EnvVars("QUIRE_ADMIN_LISTEN"),
			Usage: "`ADDRESS` at which profiles of the running server are served, to anyone who can reach it; by default nowhere",
		},
		&cli.StringFlag{
			Name: "log-level", Value: "info", Sources: cli.EnvVars("QUIRE_LOG_LEVEL"), Validator: oneOf("debug", "info", "warn", "error"),
			Usage: "least important `LEVEL` that is logged: debug, info, warn or error",
		},
		&cli.StringFlag{
			Name: "log-format", Value: "text", Sources: cli.EnvVars("QUIRE_LOG_FORMAT"), Validator: oneOf("text", "json"),
			Usage: "text or json",
		},
	}
}

func serve(ctx context.Context, c *cli.Command) error {
	tune()
	logger := newLogger(c.String("log-level"), c.String("log-format"))
	data := c.String("data")
	st, err := store.Open(data, store.Options{Logger: logger})
	if err != nil {
		return err
	}
	defer closeStore(st, logger)
	secret, err := server.LoadSecret(filepath.Join(data, server.SecretFile))
	if err != nil {
		return err
	}
	listener, err := listen(c.String("listen"))
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if address := c.String("admin-listen"); address != "" {
		admin, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("cannot listen on %s for the admin: %w", address, err)
		}
		serveAdmin(ctx, admin, logger)
	}
	proxies, err := server.ParseProxies(c.StringSlice("trusted-proxy"))
	if err != nil {
		return err
	}
	limits := server.DefaultLimits
	limits.MessageBytes = int64(c.Int("max-message-bytes"))
	limits.DocumentUnits = c.Int("max-document-units")
	images := server.ImageLimits{Bytes: int64(c.Int("max-image-bytes")), DocumentBytes: int64(c.Int("max-document-image-bytes"))}
	quire := server.New(server.Options{
		Store: st, Secret: secret, Pages: frontend.Dist(), Origins: c.StringSlice("origin"),
		ListAll: c.String("list") == listAll, ListLocally: c.String("list") == listAuto && isLoopback(listener.Addr()),
		BasePath: basePath(c), TrustedProxies: proxies,
		Limits: limits, Images: images, IdleAfter: c.Duration("idle-after"), Logger: logger,
		Failed: end,
	})
	serveOperations(ctx, data, quire.Operations(), logger)
	fmt.Fprintf(out(c), "Quire is listening on %s\n", addressOf(listener, basePath(c)))
	return run(ctx, server.Gather(listener), quire, logger)
}

// run serves until ctx ends, and then ends in order: sessions are told to come back, everything accepted becomes durable.
// It returns nil only if that was asked for, and done.
func run(ctx context.Context, listener net.Listener, quire *server.Server, logger *slog.Logger) error {
	web := &http.Server{
		Handler: quire, Protocols: protocols(), ReadHeaderTimeout: headerTime, IdleTimeout: quietTime, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	go returnMemory(ctx)
	go quire.SweepImages(ctx)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("shutting down", "rooms", quire.OpenRooms())
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return errors.Join(failure(ctx), quire.Shutdown(drain), web.Shutdown(drain))
}

// failure returns why ctx ended, nil if it was a signal.
func failure(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, store.ErrUnknown) {
		return fmt.Errorf("the store has to be opened again; start quire again: %w", cause)
	}
	return nil
}

func closeStore(st *store.Store, logger *slog.Logger) {
	if err := st.Close(); err != nil {
		logger.Error("store did not close cleanly; nothing that was confirmed is lost", "error", err)
	}
}

const (
	listAuto = "auto"
	listAll  = "all"
	listOwn  = "own"
)

func newLogger(level, format string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // validated with the flag
	options := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

func oneOf(allowed ...string) func(string) error {
	return func(s string) error {
		for _, a := range allowed {
			if s == a {
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %v", s, allowed)
	}
}

func atLeast(least int) func(int) error {
	return func(n int) error {
		if n < least {
			return fmt.Errorf("%d is less than %d", n, least)
		}
		return nil
	}
}

func between(least, most int) func(int) error {
	return func(n int) error {
		if n < least || n > most {
			return fmt.Errorf("%d is not from %d to %d", n, least, most)
		}
		return nil
	}
}

func positive(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is not a positive duration", d)
	}
	return nil
}

func validOrigins(origins []string) error {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
			return fmt.Errorf("%q is not an origin; it looks like https://example.org", origin)
		}
	}
	return nil
}
