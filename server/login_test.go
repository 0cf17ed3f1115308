package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

// visitBy asks for a page with cookies, and does not follow where it leads.
func (ts *testServer) visitBy(cookies, path string) (status int, to string, header http.Header) {
	ts.t.Helper()
	req := httptest.NewRequestWithContext(ts.t.Context(), http.MethodGet, path, nil)
	req.Header.Set("Cookie", cookies)
	answer := httptest.NewRecorder()
	ts.ServeHTTP(answer, req)
	return answer.Code, answer.Header().Get("Location"), answer.Header()
}

// signedIn is the cookie of somebody who signed in.
func (ts *testServer) signedIn(subject string) string {
	who := account{Principal: accountOf("https://login.example", subject), Name: "Ann", Expires: nowMillis() + accountLife, Subject: subject}
	return accountCookie + "=" + ts.accounts.wrap("account", who)
}

func TestWhoeverSignedInIsNoGuest(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) {
		o.Auth, o.OpenID = AuthAll, OpenID{Issuer: "https://login.example", ClientID: "quire"}
	})
	ann := []string{"Cookie", ts.as("ann")[1] + "; " + ts.signedIn("7")}
	status, _, answer := ts.do("POST", documentRoutes, `{"kind":"text"}`, ann...)
	if status != http.StatusCreated {
		t.Fatalf("creating answers %d %s", status, answer)
	}
	if _, _, me := ts.do("GET", "/api/v1/me", "", ann...); !strings.Contains(me, `"name":"Ann","guest":false,"signIn":"/login"`) {
		t.Errorf("who signed in is told %s", me)
	}
	if _, _, me := ts.do("GET", "/api/v1/me", "", ts.as("ann")...); !strings.Contains(me, `"guest":true`) {
		t.Errorf("a guest is told %s", me)
	}
	for name, cookies := range map[string]string{
		"a guest":          ts.as("ann")[1],
		"signed by others": accountCookie + "=" + accounts{sealer{[]byte("x")}}.wrap("account", account{Principal: "account:x", Expires: nowMillis() + 1000}),
		"sealed for else":  accountCookie + "=" + ts.accounts.wrap("login", account{Principal: "account:x", Expires: nowMillis() + 1000}),
		"too long ago":     accountCookie + "=" + ts.accounts.wrap("account", account{Principal: "account:x", Expires: nowMillis() - 1}),
		"a guest's seal":   accountCookie + "=" + ts.guests.value("guest:ann"),
	} {
		if status, _, _ := ts.do("POST", documentRoutes, `{"kind":"text"}`, "Cookie", cookies); status != http.StatusUnauthorized {
			t.Errorf("%s: creating answers %d", name, status)
		}
	}
	if status, _, header := ts.visitBy(ann[1], "/"); status != 200 || header.Get("Set-Cookie") != "" {
		t.Errorf("the start page answers %d", status)
	}
	if accountOf("https://a.example", "1") == accountOf("https://b.example", "1") {
		t.Error("people of two providers are one")
	}
}

func TestGuestsAreSentToSignInWhereTheyCanDoNothing(t *testing.T) {
	for auth, want := range map[Auth]string{AuthAll: "/docs/login?next=%2Fdocs%2Fd%2Fplan%3Fa%3Db", AuthCreate: "", AuthOpen: ""} {
		ts := serveAt(t, t.TempDir(), func(o *Options) {
			o.Auth, o.OpenID, o.BasePath = auth, OpenID{Issuer: "https://login.example", ClientID: "quire"}, "/docs"
		})
		if _, to, _ := ts.visitBy("", "/docs/d/plan?a=b"); to != want {
			t.Errorf("%s: sent to %q", auth, to)
		}
	}
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Auth = AuthAll })
	if status, to, _ := ts.visitBy("", "/"); status != 200 || to != "" {
		t.Errorf("where nobody can sign in a guest is answered %d, and sent to %q", status, to)
	}
	if status, _, _ := ts.visitBy("", "/login"); status != http.StatusNotFound {
		t.Errorf("there signing in answers %d", status)
	}
}

func TestNobodyIsSignedInWhoDoesNotComeBackAsTheyWent(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.OpenID = OpenID{Issuer: "http://127.0.0.1:1", ClientID: "quire"} })
	went := signingIn{State: "state", Nonce: "nonce", Verifier: "verifier", Next: "/", Expires: nowMillis() + 60_000}
	old := went
	old.Expires = nowMillis() - 1
	good := loginCookie + "=" + ts.accounts.wrap("login", went)
	for name, test := range map[string]struct {
		cookies, query string
		status         int
	}{
		"who never went":            {"", "code=x&state=state", 400},
		"with another state":        {good, "code=x&state=other", 400},
		"with no state":             {good, "code=x", 400},
		"who was away for too long": {loginCookie + "=" + ts.accounts.wrap("login", old), "code=x&state=state", 400},
		"with a forged cookie":      {good + "x", "code=x&state=state", 400},
		"whom the provider refused": {good, "error=access_denied&state=state", 403},
		"when it cannot be reached": {good, "code=x&state=state", 502},
	} {
		status, _, header := ts.visitBy(test.cookies, "/login/callback?"+test.query)
		if status != test.status || strings.Contains(strings.Join(header.Values("Set-Cookie"), " "), accountCookie) {
			t.Errorf("%s: answered %d %v, want %d", name, status, header, test.status)
		}
	}
	if status, _, _ := ts.visitBy("", "/login"); status != http.StatusBadGateway {
		t.Errorf("signing in where the provider cannot be reached answers %d", status)
	}
}

func TestSignedInOnesAreLedToPagesOfThisServerOnly(t *testing.T) {
	for address, want := range map[string]bool{
		"/": true, "/d/plan#k=x": true, "": false, "//evil.example": false, "/\\evil.example": false, "https://evil.example": false,
		"javascript:alert(1)": false, "/\t/evil.example": false, "d/plan": false,
	} {
		if isBelowHost(address) != want {
			t.Errorf("%q: %t", address, !want)
		}
	}
}

func TestWhoeverLogsOutIsAGuestAgain(t *testing.T) {
	ts := serveNew(t)
	signed := ts.signedIn("7")
	status, header, _ := ts.do("POST", "/logout", "", "Cookie", signed, "Sec-Fetch-Site", "same-origin")
	if status != http.StatusNoContent || !strings.Contains(header.Get("Set-Cookie"), accountCookie+"=; Path=/; Max-Age=0") {
		t.Errorf("answered %d %v", status, header)
	}
	if status, _, _ := ts.do("POST", "/logout", "", "Cookie", signed, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("another site's page logs somebody out: %d", status)
	}
}

func TestRolesAndLinksAreForAccountsToo(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	ann := ts.signedIn("7")
	person := personOf(accountOf("https://login.example", "7"))
	ts.share(doc, `{"people":{"`+person+`":"commenter"}}`)
	if _, _, answer := ts.do("GET", documentRoutes+"/"+doc+"/access", "", "Cookie", ann); !strings.Contains(answer, `"role":"commenter"`) {
		t.Errorf("with a role: %s", answer)
	}
	link := ts.link(doc, `{"role":"editor"}`)
	status, header, answer := ts.do("POST", documentRoutes+"/"+doc+"/grants", `{"key":"`+link.Key+`"}`, "Cookie", ann)
	if status != 200 || !strings.Contains(answer, string(access.Editor)) {
		t.Fatalf("redeeming answers %d %s", status, answer)
	}
	cookies := ann + "; " + strings.Split(header.Get("Set-Cookie"), ";")[0]
	if status, _, _ := ts.do("PUT", documentRoutes+"/"+doc+"/text", "a", "Cookie", cookies); status != 200 {
		t.Errorf("writing answers %d", status)
	}
}
