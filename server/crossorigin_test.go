package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

func TestPagesOfOtherSitesChangeNothingWithTheUsersCookies(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Origins = []string{"https://friend.example"}
		o.TrustedProxies, _ = ParseProxies([]string{"127.0.0.1"})
	})
	doc := ts.createAs("ann", "text", "hello")
	token, _ := ts.token(access.Owner)
	here := strings.TrimPrefix(ts.web.URL, "http://")
	tests := map[string]struct {
		header []string
		want   int
	}{
		"a program":                               {nil, 200},
		"our own page":                            {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://" + here}, 200},
		"a page of another site":                  {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		"a page of a neighbour":                   {[]string{"Sec-Fetch-Site", "same-site", "Origin", "https://evil." + here}, 403},
		"a page in a sandbox":                     {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, 403},
		"another site in an old browser":          {[]string{"Origin", "https://evil.example"}, 403},
		"our own page in an old browser":          {[]string{"Origin", "http://" + here}, 200},
		"our own page behind a proxy":             {[]string{"Origin", "https://docs.example", "X-Forwarded-Host", "docs.example"}, 200},
		"a site that was allowed":                 {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://friend.example"}, 200},
		"a page of another site that has a token": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Authorization", "Bearer " + token}, 200},
	}
	for name, test := range tests {
		header := append(ts.as("ann"), test.header...)
		for method, body := range map[string]string{"PUT": "hello", "GET": ""} {
			want := test.want
			if method == "GET" {
				want = 200
			}
			if status, _, answer := ts.do(method, documentRoutes+"/"+doc+"/text", body, header...); status != want {
				t.Errorf("%s: %s answers %d %s", name, method, status, answer)
			}
		}
	}
}

func TestCookiesAreBoundToTheHostWhereThatIsPossible(t *testing.T) {
	secure := []string{"X-Forwarded-Proto", "https"}
	for name, test := range map[string]struct {
		base   string
		header []string
		want   string
	}{
		"plain HTTP":           {"", nil, "quire_guest="},
		"encrypted":            {"", secure, "__Host-quire_guest="},
		"encrypted, on a path": {"/docs", secure, "quire_guest="},
	} {
		ts := serveAt(t, t.TempDir(), func(o *Options) {
			o.BasePath = test.base
			o.TrustedProxies, _ = ParseProxies([]string{"127.0.0.1"})
		})
		_, got, _ := ts.do("GET", test.base+"/", "", test.header...)
		set := got.Get("Set-Cookie")
		if !strings.HasPrefix(set, test.want) || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
			t.Errorf("%s: the cookie is %s", name, set)
		}
		// A neighbouring host can plant a cookie of another name only.
		known := append([]string{"Cookie", strings.Split(set, ";")[0] + "; quire_guest=" + ts.guests.value("guest:planted")}, test.header...)
		status, created, answer := ts.do("POST", test.base+documentRoutes, `{"kind":"text"}`, known...)
		var info documentInfo
		if err := json.Unmarshal([]byte(answer), &info); err != nil || status != http.StatusCreated || created.Get("Set-Cookie") != "" {
			t.Fatalf("%s: whoever has the cookie is somebody new: %d %s", name, status, answer)
		}
		if owner := ts.ownerOf(info.ID); owner == "planted" {
			t.Errorf("%s: the planted cookie counts", name)
		}
	}
}
