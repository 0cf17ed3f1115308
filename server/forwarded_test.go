package server

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// arrived makes a request as it arrives from a peer.
func arrived(peer string, header ...string) *http.Request {
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.RemoteAddr, req.Host = peer, "quire.internal:8080"
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	return req
}

func overUnix(req *http.Request) *http.Request {
	local := &net.UnixAddr{Name: "/run/quire.sock", Net: "unix"}
	return req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, net.Addr(local)))
}

func TestOnlyTrustedProxiesSayForWhomTheySpeak(t *testing.T) {
	claims := []string{
		"X-Forwarded-For", "203.0.113.9, 198.51.100.7, 10.1.1.1",
		"X-Forwarded-Host", "evil.example, docs.example.org", "X-Forwarded-Proto", "http, https",
	}
	proxies, err := ParseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::1", TrustUnix})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		req          *http.Request
		host, client string
		secure       bool
	}{
		"a trusted network":         {arrived("10.2.3.4:99", claims...), "docs.example.org", "198.51.100.7", true},
		"a trusted address":         {arrived("192.0.2.1:99", claims...), "docs.example.org", "198.51.100.7", true},
		"an IPv6 address":           {arrived("[2001:db8::1]:99", claims...), "docs.example.org", "198.51.100.7", true},
		"a mapped IPv4 address":     {arrived("[::ffff:10.2.3.4]:99", claims...), "docs.example.org", "198.51.100.7", true},
		"a Unix socket":             {overUnix(arrived("@", claims...)), "docs.example.org", "198.51.100.7", true},
		"anybody":                   {arrived("203.0.113.9:99", claims...), "quire.internal:8080", "203.0.113.9", false},
		"a proxy that says nothing": {arrived("10.2.3.4:99"), "quire.internal:8080", "10.2.3.4", false},
		"nonsense":                  {arrived("10.2.3.4:99", "X-Forwarded-For", "unknown, <b>"), "quire.internal:8080", "10.2.3.4", false},
	} {
		if host := proxies.host(c.req); host != c.host {
			t.Errorf("%s: host %q, want %q", name, host, c.host)
		}
		if client := proxies.client(c.req); client != c.client {
			t.Errorf("%s: client %q, want %q", name, client, c.client)
		}
		if secure := proxies.secure(c.req); secure != c.secure {
			t.Errorf("%s: secure %v, want %v", name, secure, c.secure)
		}
	}
	none := Proxies{}
	if none.trusts(arrived("127.0.0.1:1")) || none.trusts(overUnix(arrived("@"))) {
		t.Error("nobody is trusted unless that is said")
	}
	for _, bad := range []string{"", "proxy.example", "10.0.0.0/99"} {
		if _, err := ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q was taken for a proxy", bad)
		}
	}
}

// Behind a proxy on the same machine everybody seems to be there: the list of all documents is not for them.
func TestTheListOfAllIsForWhoSitsAtTheMachineAndComesThroughNoProxy(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.ListAll, o.ListLocally = false, true })
	id := ts.create("text", "secret")
	listed := func(header ...string) bool {
		_, _, body := ts.do(http.MethodGet, "/api/v1/documents", "", header...)
		return strings.Contains(body, id)
	}
	if !listed() {
		t.Error("whoever sits at the machine does not see the document")
	}
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via"} {
		if listed(header, "203.0.113.9") {
			t.Errorf("a request with %s sees everybody's documents", header)
		}
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, ts.web.URL+"/api/v1/documents", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "docs.example.org"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, 1000)
	if n, _ := resp.Body.Read(body); strings.Contains(string(body[:n]), id) {
		t.Error("a request for a public host sees everybody's documents")
	}
}

func TestOriginIsComparedWithTheHostThatATrustedProxyNames(t *testing.T) {
	trusted, err := ParseProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		proxies Proxies
		status  int
	}{"trusted": {trusted, http.StatusUpgradeRequired}, "not trusted": {Proxies{}, http.StatusForbidden}} {
		ts := serveAt(t, t.TempDir(), func(o *Options) { o.TrustedProxies = c.proxies })
		status, _, body := ts.do(http.MethodGet, "/ws/doc", "", "Origin", "https://docs.example.org", "X-Forwarded-Host", "docs.example.org")
		if status != c.status {
			t.Errorf("%s: answered %d %s", name, status, body)
		}
	}
}

// Below a path every address is below it, and cookies are for it alone.
func TestServerBelowAPath(t *testing.T) {
	trusted, err := ParseProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.BasePath, o.TrustedProxies = "/team/docs", trusted
		o.Pages = fstest.MapFS{
			"index.html":        {Data: []byte(`<script src="./assets/app-1a2.js">`)},
			"assets/app-1a2.js": {Data: []byte("script")},
		}
	})
	status, header, body := ts.do(http.MethodPost, "/team/docs/api/v1/documents", `{"kind":"text","text":"below"}`, "X-Forwarded-Proto", "https")
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	location := header.Get("Location")
	if !strings.HasPrefix(location, "/team/docs/api/v1/documents/") {
		t.Errorf("a new document is at %q", location)
	}
	if _, _, got := ts.do(http.MethodGet, location+"/text", ""); got != "below" {
		t.Errorf("its text is %q", got)
	}
	if cookie := header.Get("Set-Cookie"); !strings.Contains(cookie, "Path=/team/docs;") || !strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
	if _, _, page := ts.do(http.MethodGet, "/team/docs/assets/app-1a2.js", ""); page != "script" {
		t.Errorf("the script is %q", page)
	}
	if _, _, page := ts.do(http.MethodGet, "/team/docs/", ""); !strings.Contains(page, `src="/team/docs/assets/app-1a2.js"`) {
		t.Errorf("the page names its script so: %q", page)
	}
	for path, want := range map[string]int{
		"/":                  http.StatusNotFound,
		"/api/v1/documents":  http.StatusNotFound,
		"/team/docsomething": http.StatusNotFound,
		"/healthz":           http.StatusOK,
		"/team/docs/healthz": http.StatusOK,
	} {
		if status, _, body := ts.do(http.MethodGet, path, ""); status != want {
			t.Errorf("%s is answered %d %s", path, status, body)
		}
	}
	client := *http.DefaultClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for from, to := range map[string]string{"/team/docs": "/team/docs/", "/team/docs/d/x/": "/team/docs/d/x"} {
		resp, err := client.Get(ts.web.URL + from)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != to {
			t.Errorf("%s leads to %q (%s)", from, got, resp.Status)
		}
	}
}
