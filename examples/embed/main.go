// Command embed is a small site with documents of a Quire server in its pages: it signs tokens that say who its users are, and hears
// what they have saved. It needs nothing but Go's standard library.
package main

import (
	"embed"
	"flag"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/url"
	"time"
)

//go:embed page
var files embed.FS

// wiki is the site.
type wiki struct {
	// quire is the address of the Quire server as browsers know it, and what tokens are for.
	quire string
	// site and secret are what "quire site add" printed.
	site, secret string
	// life is how long a token is good for.
	life  time.Duration
	page  *template.Template
	saved saved
}

func main() {
	w := &wiki{page: template.Must(template.ParseFS(files, "page/index.html"))}
	listen := flag.String("listen", "127.0.0.1:8090", "where this site is to be found")
	flag.StringVar(&w.quire, "quire", "http://localhost:8080", "the address of the Quire server")
	flag.StringVar(&w.site, "site", "", "the ID of this site there")
	flag.StringVar(&w.secret, "secret", "", "the secret of this site there")
	flag.StringVar(&w.saved.secret, "callback-secret", "", "the secret with which the server signs what it sends")
	flag.DurationVar(&w.life, "life", 5*time.Minute, "how long a token is good for")
	flag.Parse()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("The wiki is at http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, w.routes()))
}

func (w *wiki) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.showPage)
	mux.Handle("GET /page/", http.FileServerFS(files))
	mux.HandleFunc("GET /token", w.giveToken)
	mux.HandleFunc("POST /saved", w.saved.take)
	mux.HandleFunc("GET /saved", w.saved.show)
	return mux
}

// showPage shows a page with two documents in it. Its policy lets the script and the frames of the Quire server in, and nothing else.
func (w *wiki) showPage(rw http.ResponseWriter, req *http.Request) {
	header, origin := rw.Header(), originOf(w.quire)
	header.Set("Content-Security-Policy", fmt.Sprintf(
		"default-src 'self'; script-src 'self' %s; frame-src %s; style-src 'self' 'unsafe-inline'", origin, origin))
	header.Set("Content-Type", "text/html; charset=utf-8")
	if err := w.page.Execute(rw, struct{ Quire, User string }{w.quire, userOf(req)}); err != nil {
		log.Print(err)
	}
}

// originOf returns the origin of an address, which may be below a path.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "'none'"
	}
	return u.Scheme + "://" + u.Host
}

// giveToken signs a token for the user who is signed in here. A site of yours asks its own session who that is, and its own rules what
// they may do.
func (w *wiki) giveToken(rw http.ResponseWriter, req *http.Request) {
	document := req.URL.Query().Get("doc")
	user, now := userOf(req), time.Now()
	token := sign(w.secret, claims{
		Issuer: w.site, Audience: w.quire, Subject: user, Name: names[user],
		Document: document, Role: "editor", Create: true, Kind: "rich", Title: titles[document],
		IssuedAt: now.Unix(), Expires: now.Add(w.life).Unix(), ID: newID(),
	})
	rw.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(rw, token)
}

var (
	names  = map[string]string{"ann": "Ann Archer", "ben": "Ben Baker"}
	titles = map[string]string{"wiki-minutes": "Minutes of Monday", "wiki-notes": "Notes"}
)

// userOf stands for what a real site knows from its own session.
func userOf(req *http.Request) string {
	referer, _ := url.Parse(req.Referer())
	for _, query := range []url.Values{req.URL.Query(), referer.Query()} {
		if user := query.Get("user"); names[user] != "" {
			return user
		}
	}
	return "ann"
}
