package server

import (
	"net/http"
	"strings"
)

// below serves what next does, below a path of the host. Probes of the process itself are answered at the root as well.
func below(base string, next http.Handler) http.Handler {
	if base == "" {
		return next
	}
	inside := http.StripPrefix(base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch p := req.URL.Path; {
		case p == base:
			http.Redirect(w, req, base+"/", http.StatusPermanentRedirect)
		case strings.HasPrefix(p, base+"/"):
			req.Header.Set("X-Forwarded-Prefix", base) // by this the router finds the way back when it redirects
			inside.ServeHTTP(w, req)
		case p == "/healthz", p == "/readyz":
			next.ServeHTTP(w, req)
		default:
			http.Error(w, "This server is at "+base+"/. If you came through a proxy, it has to pass the path on as it is.", http.StatusNotFound)
		}
	})
}
