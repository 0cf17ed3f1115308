package command

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/quire-editor/quire/server"
)

// serveAdmin serves what is for operators alone, on a listener of its own until ctx ends: figures for Prometheus, whether the
// server is well, and profiles of the running process. Nothing there asks who is asking.
func serveAdmin(ctx context.Context, listener net.Listener, quire *server.Server, version string, logger *slog.Logger) {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry(quire, version), promhttp.HandlerOpts{}))
	mux.Handle("/healthz", quire)
	mux.Handle("/readyz", quire)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	web := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	logger.Info("figures and profiles are served", "url", "http://"+listener.Addr().String()+"/metrics")
	go func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("figures and profiles are not served any more", "error", err)
		}
	}()
}

// registry has the figures of the server, of the process and of the Go runtime.
func registry(quire *server.Server, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "quire_build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	r.MustRegister(quire.Collector(), build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}
