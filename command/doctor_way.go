package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// wayTime bounds each question to the server.
const wayTime = 10 * time.Second

// server asks the server on this machine how it is.
func (d *doctor) server(ctx context.Context, listen string) {
	if err := health(ctx, listen, "/healthz"); err != nil {
		d.note("no server answers at %s: %v", listen, err)
		return
	}
	if err := health(ctx, listen, "/readyz"); err != nil {
		d.ill(fmt.Sprintf("the server at %s cannot commit: %v", listen, err), "its log says why; a full disk is the usual reason")
		return
	}
	d.well("the server at %s answers, and commits", listen)
}

// way goes the way that a browser goes, through whatever proxy there is.
func (d *doctor) way(ctx context.Context, site string) {
	ctx, cancel := context.WithTimeout(ctx, 3*wayTime)
	defer cancel()
	page, cookie, ok := d.page(ctx, site)
	if !ok {
		return
	}
	if !d.subpath(site, page) {
		return
	}
	d.cookie(site, cookie)
	d.socket(ctx, site)
}

// page loads the start page.
func (d *doctor) page(ctx context.Context, site string) (page []byte, cookie *http.Cookie, ok bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/", nil)
	if err != nil {
		d.ill(err.Error(), "name the address with --url")
		return nil, nil, false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.ill(fmt.Sprintf("%s/ cannot be reached: %v", site, err), "look at the name, the proxy and its certificate")
		return nil, nil, false
	}
	defer resp.Body.Close()
	page, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	switch {
	case err != nil:
		d.ill(fmt.Sprintf("%s/ ends early: %v", site, err), "look at the proxy's log")
	case resp.StatusCode == http.StatusBadGateway || resp.StatusCode == http.StatusGatewayTimeout:
		d.ill(fmt.Sprintf("the proxy answers %s: it does not reach Quire", resp.Status), "have it pass on to the address of --listen; from a container 127.0.0.1 is the container itself")
	case bytes.Contains(page, []byte("This server is at ")):
		d.ill("Quire runs with a --base-path that the address does not have: "+strings.TrimSpace(string(page)),
			"have the proxy pass the path on as it is (nginx: no path and no slash behind proxy_pass's port), or change --base-path")
	case resp.StatusCode != http.StatusOK || !bytes.Contains(page, []byte(`<meta name="root"`)):
		d.ill(fmt.Sprintf("%s/ answers %s, and not with a page of Quire", site, resp.Status), "have the proxy pass this address on to Quire")
	default:
		d.well("%s/ is a page of Quire", site)
		for _, c := range resp.Cookies() {
			if c.Name == "quire_guest" {
				cookie = c
			}
		}
		return page, cookie, true
	}
	return nil, nil, false
}

// subpath compares where the page believes to be with where it is.
func (d *doctor) subpath(site string, page []byte) bool {
	u, err := url.Parse(site)
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(page, []byte(`<meta name="root" content="`))
	root, _, _ := bytes.Cut(rest, []byte(`"`))
	if want := u.Path + "/"; string(root) != want {
		remedy := "run quire serve with --base-path " + u.Path + ", and have the proxy pass the path on as it is"
		if u.Path == "" {
			remedy = "run quire serve without --base-path"
		}
		d.ill(fmt.Sprintf("the page is at %s, and Quire believes to be at %s: nothing that it loads will be found", want, root), remedy)
		return false
	}
	d.well("the path is right: %s", root)
	return true
}

// cookie looks whether Quire knows that the way is encrypted.
func (d *doctor) cookie(site string, cookie *http.Cookie) {
	if cookie != nil && strings.HasPrefix(site, "https:") && !cookie.Secure {
		d.ill("Quire does not know that browsers come over TLS: its cookie lacks Secure",
			"have the proxy set X-Forwarded-Proto, and name the proxy's address with --trusted-proxy")
	}
}

// socket opens a WebSocket as a page does.
func (d *doctor) socket(ctx context.Context, site string) {
	u, err := url.Parse(site)
	if err != nil {
		return
	}
	header := http.Header{"Origin": {u.Scheme + "://" + u.Host}}
	dialer := websocket.Dialer{HandshakeTimeout: wayTime, Proxy: http.ProxyFromEnvironment}
	conn, resp, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(site, "http")+"/ws", header)
	switch {
	case err == nil:
		defer conn.Close()
		d.talk(conn)
	case resp == nil:
		d.ill(fmt.Sprintf("no WebSocket can be opened: %v", err), "look at the proxy's log")
	case resp.StatusCode == http.StatusUpgradeRequired:
		d.ill("the proxy does not pass WebSockets on: Quire got a request without the Upgrade header",
			"nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; (deploy/nginx.conf)")
	case resp.StatusCode == http.StatusForbidden:
		d.ill(fmt.Sprintf("Quire refuses pages of %s: the proxy passes another host on", header.Get("Origin")),
			"nginx: proxy_set_header Host $http_host; or run quire serve with --origin "+header.Get("Origin"))
	case errors.Is(err, websocket.ErrBadHandshake):
		d.ill(fmt.Sprintf("a WebSocket is answered %s", resp.Status), "have the proxy pass /ws and everything below it on to Quire")
	default:
		d.ill(fmt.Sprintf("no WebSocket can be opened: %v", err), "look at the proxy's log")
	}
}

// talk says something over a WebSocket and waits for the answer: some boxes between let it be opened and nothing through.
func (d *doctor) talk(conn *websocket.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(wayTime))
	err := conn.WriteMessage(websocket.TextMessage, []byte(`{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`))
	if err == nil {
		_, _, err = conn.ReadMessage()
	}
	if err != nil {
		d.ill(fmt.Sprintf("a WebSocket opens, but nothing comes through: %v", err), "look for a firewall or a proxy between that inspects traffic, and except this host from that")
		return
	}
	d.well("WebSockets pass, and the Origin is accepted")
}
