package command

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/frontend"
	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/store"
)

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
			Name: "auth", Value: string(server.AuthOpen), Sources: cli.EnvVars("QUIRE_AUTH"),
			Validator: oneOf(string(server.AuthOpen), string(server.AuthCreate), string(server.AuthAll)),
			Usage:     "when people need more than being a guest: open (never), create (to create documents), all (also to open any)",
		},
		&cli.StringFlag{
			Name: "oidc-issuer", Sources: cli.EnvVars("QUIRE_OIDC_ISSUER"), Validator: validIssuer,
			Usage: "`URL` of the OpenID Connect provider where people sign in; by default nobody can",
		},
		&cli.StringFlag{
			Name: "oidc-client-id", Sources: cli.EnvVars("QUIRE_OIDC_CLIENT_ID"),
			Usage: "`ID` of this server at the provider, which has to know the address https://HOST/login/callback",
		},
		&cli.StringFlag{
			Name: secretFlag, Sources: cli.EnvVars("QUIRE_OIDC_CLIENT_SECRET"),
			Usage: "`SECRET` of this server at the provider; better in the environment than in a command line, which others can read",
		},
		&cli.StringSliceFlag{
			Name: "admin", Sources: cli.EnvVars("QUIRE_ADMINS"),
			Usage: "`PERSON` who looks after the server in its pages: an e-mail address that the provider has verified, or the subject that they are there; " +
				"repeat or separate by commas; if nobody is named, whoever sits at this machine",
		},
		&cli.StringFlag{
			Name: "list", Value: listAuto, Sources: cli.EnvVars("QUIRE_LIST"), Validator: oneOf(listAuto, listAll, listOwn),
			Usage: "who may list documents: all (anyone, every document), own (each their own), auto (all for whoever sits at this machine, else own)",
		},
		&cli.IntFlag{
			Name: "max-sessions", Value: server.DefaultLimits.Sessions, Sources: cli.EnvVars("QUIRE_MAX_SESSIONS"), Validator: atLeast(1),
			Usage: "how many connections there may be; others are asked to come later",
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
		&cli.IntFlag{
			Name: "max-data-bytes", Sources: cli.EnvVars("QUIRE_MAX_DATA_BYTES"), Validator: atLeast(0),
			Usage: "how much all documents and pictures may take together; beyond it writes are refused as by a full disk; 0 for as much as there is",
		},
		&cli.DurationFlag{
			Name: "idle-after", Value: server.DefaultIdleAfter, Sources: cli.EnvVars("QUIRE_IDLE_AFTER"),
			Usage: "how long a document stays in memory with nobody in it", Validator: positive,
		},
		&cli.IntFlag{
			Name: "keep-history", Sources: cli.EnvVars("QUIRE_KEEP_HISTORY"), Validator: atLeast(0),
			Usage: "for how many `DAYS` every change is kept; of what is older, named versions and one state of each day; 0 for ever",
		},
		&cli.IntFlag{
			Name: "keep-trash", Value: 30, Sources: cli.EnvVars("QUIRE_KEEP_TRASH"), Validator: atLeast(0),
			Usage: "for how many `DAYS` a document can be restored that was put into the trash; 0 until somebody empties it",
		},
		&cli.StringFlag{
			Name: "admin-listen", Sources: cli.EnvVars("QUIRE_ADMIN_LISTEN"),
			Usage: "`ADDRESS` at which figures for Prometheus and profiles are served, to anyone who can reach it; by default nowhere",
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

// serverOptions makes options of the settings, for a server that listens at an address.
func serverOptions(c *cli.Command, address net.Addr) (server.Options, error) {
	proxies, err := server.ParseProxies(c.StringSlice("trusted-proxy"))
	if err != nil {
		return server.Options{}, err
	}
	secret, err := server.LoadSecret(filepath.Join(c.String("data"), server.SecretFile))
	if err != nil {
		return server.Options{}, err
	}
	signIn := server.OpenID{Issuer: c.String("oidc-issuer"), ClientID: c.String("oidc-client-id"), ClientSecret: c.String(secretFlag)}
	admins := c.StringSlice("admin")
	signIn.NeedsEmail = slices.ContainsFunc(admins, func(admin string) bool { return strings.Contains(admin, "@") })
	if len(admins) > 0 && signIn.Issuer == "" {
		return server.Options{}, errors.New("--admin names people who sign in: that needs --oidc-issuer")
	}
	if (signIn.Issuer == "") != (signIn.ClientID == "") {
		return server.Options{}, errors.New("signing in needs both --oidc-issuer and --oidc-client-id")
	}
	limits := server.DefaultLimits
	limits.MessageBytes = int64(c.Int("max-message-bytes"))
	limits.DocumentUnits = c.Int("max-document-units")
	limits.Sessions = c.Int("max-sessions")
	limits.MemoryBytes = memoryLimit()
	return server.Options{
		Secret: secret, Pages: frontend.Dist(), Origins: c.StringSlice("origin"),
		Auth: server.Auth(c.String("auth")), OpenID: signIn, ListAll: c.String("list") == listAll, ListLocally: c.String("list") == listAuto && isLoopback(address),
		BasePath: basePath(c), TrustedProxies: proxies, Limits: limits,
		Images:    server.ImageLimits{Bytes: int64(c.Int("max-image-bytes")), DocumentBytes: int64(c.Int("max-document-image-bytes"))},
		IdleAfter: c.Duration("idle-after"), KeepHistory: time.Duration(c.Int("keep-history")) * 24 * time.Hour,
		KeepTrash: time.Duration(c.Int("keep-trash")) * 24 * time.Hour,
		Admins:    admins, LocalAdmin: len(admins) == 0 && isLoopback(address),
	}, nil
}

// secretFlag is the one setting that is not shown.
const secretFlag = "oidc-client-secret"

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

func validIssuer(issuer string) error {
	if u, err := url.Parse(issuer); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("%q is not the address of a provider; it looks like https://login.example.org", issuer)
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
