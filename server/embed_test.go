package server

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/quire-editor/quire/server/site"
)

func TestOnlyPagesOfKnownSitesShowDocumentsInFrames(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	framed := func(path, referer string) (status int, policy, body string) {
		status, header, body := ts.do("GET", path, "", "Sec-Fetch-Dest", "iframe", "Referer", referer)
		policy = header.Get("Content-Security-Policy")
		_, ancestors, _ := strings.Cut(policy, "frame-ancestors ")
		return status, ancestors, body
	}
	page := "/embed/" + doc
	if status, ancestors, body := framed(page, "https://wiki.example/page"); status != 403 || ancestors != "*" || !strings.Contains(body, "--origin https://wiki.example ") {
		t.Errorf("a page of nobody's gets %d %q %s", status, ancestors, body)
	}
	ts.host()
	other, _, err := ts.AddSite(t.Context(), site.Site{Name: "b", Origins: []string{"http://b.example:8080"}, Audience: "a", Algorithm: site.Secret})
	if err != nil {
		t.Fatal(err)
	}
	allowed := "'self' https://wiki.example https://intranet.example http://b.example:8080"
	for referer, want := range map[string]int{
		"https://wiki.example/page?q": 200, "http://b.example:8080/": 200, "": 200, ts.web.URL + "/": 200,
		"http://wiki.example/": 403, "https://evil.example/": 403, "https://wiki.example.evil.example/": 403,
	} {
		status, ancestors, body := framed(page, referer)
		if status != want || want == 200 && (ancestors != allowed || body != "document page") {
			t.Errorf("a page of %q gets %d %q %s", referer, status, ancestors, body)
		}
	}
	if _, ancestors, _ := framed("/d/"+doc, "https://wiki.example/"); ancestors != "'self'" {
		t.Errorf("the page itself may be shown by %q", ancestors)
	}
	if err := ts.RemoveSite(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if _, ancestors, _ := framed(page, ""); strings.Contains(ancestors, "b.example") {
		t.Errorf("a site that was removed is among %q", ancestors)
	}
	if status, _, body := framed("/embed/missing", "https://wiki.example/"); status != 404 || body != "document page" {
		t.Errorf("a document that is not there answers %d %s", status, body)
	}
}

// The page believes nobody else who says that it is in their frame.
func TestFrameIsToldWhichSitesMayEmbedItsDocument(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Pages = fstest.MapFS{"document.html": {Data: []byte("<head></head>page")}}
	})
	ts.host("wiki-*")
	_, _, _ = ts.AddSite(t.Context(), site.Site{Name: "b", Origins: []string{"http://b.example:8080"}, Audience: "a", Algorithm: site.Secret})
	for document, want := range map[string]string{
		"wiki-1": "https://wiki.example https://intranet.example http://b.example:8080",
		"other":  "http://b.example:8080",
	} {
		_, header, body := ts.do("GET", "/embed/"+document, "")
		if !strings.Contains(body, `<meta name="embedders" content="`+want+`"></head>`) {
			t.Errorf("%s: the page is %s", document, body)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors 'self' "+want) {
			t.Errorf("%s: the policy is %s", document, policy)
		}
	}
}

func TestScriptForPagesOfOtherSitesMayBeLoadedThere(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Pages = fstest.MapFS{"embed.js": {Data: []byte("script")}, "embed@1.0.0.js": {Data: []byte("script")}}
	})
	for name, kept := range map[string]bool{"/embed.js": false, "/embed@1.0.0.js": true} {
		status, header, _ := ts.do("GET", name, "", "Sec-Fetch-Site", "cross-site")
		if status != 200 || header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s answers %d %v", name, status, header)
		}
		if immutable := strings.Contains(header.Get("Cache-Control"), "immutable"); immutable != kept {
			t.Errorf("%s may be kept: %s", name, header.Get("Cache-Control"))
		}
	}
}
