package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v3"

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

func serveCommand(version string) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "serve documents until interrupted",
		Flags: serveFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return serve(ctx, c, version)
		},
	}
}

func serve(ctx context.Context, c *cli.Command, version string) error {
	slacken()
	tune(c.String("admin-listen") != "")
	logger := newLogger(c.String("log-level"), c.String("log-format"))
	data, metrics := c.String("data"), server.NewMetrics()
	st, err := store.Open(data, store.Options{Logger: logger, Committed: metrics.Committed, MaxBytes: int64(c.Int("max-data-bytes"))})
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("this user (%s) may not write the data folder; run: %s (%w)", userName(), ownershipRemedy(data), err)
	}
	if err != nil {
		return err
	}
	defer closeStore(st, logger)
	listener, err := listen(c.String("listen"))
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	o, err := serverOptions(c, listener.Addr())
	if err != nil {
		return err
	}
	o.Store, o.Metrics, o.Logger, o.Failed = st, metrics, logger, end
	quire := server.New(o)
	if address := c.String("admin-listen"); address != "" {
		admin, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("cannot listen on %s for the admin: %w", address, err)
		}
		serveAdmin(ctx, admin, quire, version, logger)
	}
	if err := quire.CompleteRedactions(); err != nil {
		return err
	}
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
	go quire.Sweep(ctx)
	go quire.TrimHistories(ctx)
	go quire.SendCallbacks(ctx)
	go quire.EmptyTrash(ctx)
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
