package command

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
)

// serveAdmin serves what is for operators alone, profiles of the running process, on a listener of its own until ctx ends.
// Nothing there asks who is asking.
func serveAdmin(ctx context.Context, listener net.Listener, logger *slog.Logger) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	web := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	logger.Info("profiles are served", "url", "http://"+listener.Addr().String()+"/debug/pprof/")
	go func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("profiles are not served any more", "error", err)
		}
	}()
}
