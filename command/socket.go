package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// socketName is the socket in the data folder over which commands ask the server that has the folder open. Whoever may read
// the folder may use it, and nobody else.
const socketName = "admin.sock"

// maxSocketPath is the longest path of a socket, in bytes, on every system that Quire runs on.
const maxSocketPath = 100

// serveOperations serves operations in a data folder until ctx ends. Where the folder takes no sockets, the server does its
// work without: only commands beside it cannot.
func serveOperations(ctx context.Context, data string, operations http.Handler, logger *slog.Logger) {
	path := filepath.Join(data, socketName)
	listener, err := listenSocket(path)
	if err != nil {
		logger.Warn("quire backup, verify, export and import cannot ask this server; stop it to use them", "error", err)
		return
	}
	web := &http.Server{Handler: operations, ReadHeaderTimeout: headerTime, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	go func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("commands are not answered any more", "error", err)
		}
	}()
}

// listenSocket listens on a socket for this user alone. What a process that was killed left under its name is removed: the
// caller sees to it that nobody else listens there.
func listenSocket(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s is longer than the %d bytes that a socket's path may have", path, maxSocketPath)
	}
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

func removeSocket(path string) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case st.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is no socket; move it away", path)
	}
	return os.Remove(path)
}
