package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
)

// host is another site whose server signs tokens.
type host struct {
	site.Site
	ts     *testServer
	secret string
}

func (ts *testServer) host(documents ...string) host {
	ts.t.Helper()
	added, secret, err := ts.AddSite(ts.t.Context(), site.Site{
		Name: "wiki", Origins: []string{"https://wiki.example", "https://intranet.example"}, Audience: "https://docs.example",
		Algorithm: site.Secret, Documents: documents,
	})
	if err != nil {
		ts.t.Fatal(err)
	}
	return host{added, ts, secret}
}

// claims are what the site says of a user.
func (h host) claims(user, document string, role access.Role) site.Claims {
	now := time.Now()
	return site.Claims{
		Claims: jwt.Claims{
			Issuer: h.ID, Subject: user, Audience: jwt.Audience{h.Audience}, ID: newID(),
			IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute)),
		},
		Name: "Ann of the wiki", Document: document, Role: role,
	}
}

func (h host) sign(claims site.Claims) string {
	h.ts.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(h.secret)}, nil)
	if err != nil {
		h.ts.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		h.ts.t.Fatal(err)
	}
	return token
}

// begin exchanges what the site says for a session.
func (h host) begin(claims site.Claims, status int) (answer struct {
	sessionInfo
	problemDetails
},
) {
	h.ts.t.Helper()
	body, _ := json.Marshal(sessionRequest{h.sign(claims)})
	got, _, text := h.ts.do("POST", "/api/v1/sessions", string(body))
	if got != status {
		h.ts.t.Fatalf("a session is answered by %d %s, want %d", got, text, status)
	}
	_ = json.Unmarshal([]byte(text), &answer.sessionInfo)
	_ = json.Unmarshal([]byte(text), &answer.problemDetails)
	return answer
}

func TestUserOfAnotherSiteMayDoWhatTheSiteSays(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Auth = AuthAll })
	h := ts.host()
	admin, _ := ts.token(access.Owner)
	_, _, created := ts.do("POST", documentRoutes, `{"kind":"text","text":"hello"}`, by(admin)...)
	var info documentInfo
	if err := json.Unmarshal([]byte(created), &info); err != nil {
		t.Fatal(err)
	}
	doc := info.ID
	for _, role := range access.Roles {
		session := h.begin(h.claims("ann", doc, role), http.StatusCreated)
		if session.Role != role || session.Name != "Ann of the wiki" || session.Me != personOf("embed:"+h.ID+":ann") || len(session.Origins) != 2 {
			t.Errorf("%s: the session is %+v", role, session.sessionInfo)
		}
		p := ts.dial(doc)
		p.shakeWith(session.Session)
		p.receive()
		p.send(hello)
		if m := p.receive(); m["role"] != string(role) {
			t.Errorf("%s: the socket greets by %v", role, m)
		}
		for path, want := range map[string]bool{
			"GET /text":     true,
			"PATCH /access": role == access.Owner,
			"PUT /text":     role.Includes(access.Editor),
		} {
			method, rest, _ := strings.Cut(path, " ")
			body := map[bool]string{true: `{"general":"viewer"}`, false: "hello"}[method == "PATCH"]
			if status, _, answer := ts.do(method, documentRoutes+"/"+doc+rest, body, by(session.Session)...); (status == 200) != want {
				t.Errorf("%s: %s answers %d %s", role, path, status, answer)
			}
		}
		if status, _, _ := ts.do("POST", documentRoutes, `{}`, by(session.Session)...); status != 401 {
			t.Errorf("%s: creating answers %d", role, status)
		}
	}
	narrow := h.claims("ann", doc, access.Viewer)
	narrow.Origins = []string{"https://intranet.example", "https://evil.example"}
	if session := h.begin(narrow, http.StatusCreated); len(session.Origins) != 1 || session.Origins[0] != "https://intranet.example" {
		t.Errorf("of origins of its own the token allows %v", session.Origins)
	}
}

func TestTokenOfASiteIsExchangedOnceAndInTime(t *testing.T) {
	ts := serveNew(t)
	h := ts.host("wiki-*")
	token := h.sign(h.claims("ann", "wiki-1", access.Viewer))
	body := `{"token":"` + token + `"}`
	ts.do("POST", "/api/v1/sessions", body)
	if status, _, answer := ts.do("POST", "/api/v1/sessions", body); status != 401 || !strings.Contains(answer, `"code":"token-invalid"`) {
		t.Errorf("a token that is replayed answers %d %s", status, answer)
	}
	old := h.claims("ann", "wiki-1", access.Viewer)
	old.Expiry = jwt.NewNumericDate(time.Now().Add(-2 * time.Minute))
	if answer := h.begin(old, http.StatusUnauthorized); answer.Code != "token-expired" {
		t.Errorf("an old token answers %+v", answer.problemDetails)
	}
	if answer := h.begin(h.claims("ann", "secret", access.Viewer), http.StatusUnauthorized); answer.Code != "token-invalid" {
		t.Errorf("a document that the site may not embed answers %+v", answer.problemDetails)
	}
	if status, _, _ := ts.do("GET", documentRoutes, "", by(h.sign(h.claims("ann", "wiki-1", access.Owner)))...); status != 401 {
		t.Errorf("a token that was not exchanged answers %d", status)
	}
}

func TestSiteHasADocumentMadeThatIsItsOwn(t *testing.T) {
	ts := serveNew(t)
	h := ts.host("wiki-*")
	claims := h.claims("ann", "wiki-minutes", access.Editor)
	claims.Create, claims.Kind, claims.Title = true, "markdown", "Minutes"
	session := h.begin(claims, http.StatusCreated)
	_, _, answer := ts.do("GET", documentRoutes+"/wiki-minutes", "", by(session.Session)...)
	if !strings.Contains(answer, `"kind":"markdown","title":"Minutes"`) || !strings.Contains(answer, `"role":"editor"`) {
		t.Errorf("it is %s", answer)
	}
	ts.ask("ben", "GET", "wiki-minutes", "", http.StatusForbidden, nil)
	claims.ID = newID()
	h.begin(claims, http.StatusCreated) // it is there already
	for _, bad := range []func(*site.Claims){
		func(c *site.Claims) { c.Document = "wiki-*" },
		func(c *site.Claims) { c.Kind = "opera" },
		func(c *site.Claims) { c.Title = "a\nb" },
	} {
		other := claims
		other.ID = newID()
		bad(&other)
		if answer := h.begin(other, http.StatusUnprocessableEntity); answer.Code != "token-invalid" {
			t.Errorf("%+v answers %+v", other, answer.problemDetails)
		}
	}
}

func TestForgedSessionIsNone(t *testing.T) {
	ts := serveNew(t)
	h := ts.host()
	good := h.begin(h.claims("ann", "plan", access.Viewer), http.StatusCreated).Session
	as := embeddedAs{Site: h.ID, Subject: "ann", Scope: access.Scope{Role: access.Owner}, Expires: nowMillis() + 60_000}
	forged := sessions{sealer{[]byte("another secret")}}.token(as)
	gone := ts.sessions.token(embeddedAs{Site: "removed", Subject: "ann", Scope: as.Scope, Expires: as.Expires})
	for _, token := range []string{forged, gone, good + "x", sessionPrefix, sessionPrefix + ".", strings.Split(good, ".")[0]} {
		if status, _, answer := ts.do("GET", documentRoutes, "", by(token)...); status != 401 || !strings.Contains(answer, "token-invalid") {
			t.Errorf("%s answers %d %s", token, status, answer)
		}
	}
	as.Expires = nowMillis() - 1
	if status, _, answer := ts.do("GET", documentRoutes, "", by(ts.sessions.token(as))...); status != 401 || !strings.Contains(answer, "token-expired") {
		t.Errorf("an expired session answers %d %s", status, answer)
	}
}

func TestRemovedSiteTakesItsUsersAlong(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	h, other := ts.host(), ts.host()
	ann, ben := ts.dial(doc), ts.dial(doc)
	session := h.begin(h.claims("ann", doc, access.Editor), http.StatusCreated)
	ann.shakeWith(session.Session)
	ben.shakeWith(other.begin(other.claims("ben", doc, access.Editor), http.StatusCreated).Session)
	for _, p := range []*peer{ann, ben} {
		p.id, _ = p.receive()["id"].(string)
		p.follow()
	}
	if err := ts.RemoveSite(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	ann.expectClosed(CloseUnauthorized)
	ben.edit(1, 1, `[{"insert":"b"}]`)
	ben.expect(ack(1, 1))
	if status, _, _ := ts.do("GET", documentRoutes+"/"+doc, "", by(session.Session)...); status != 401 {
		t.Errorf("afterwards a request answers %d", status)
	}
	h.begin(h.claims("ann", doc, access.Editor), http.StatusUnauthorized)
}

// Who types when a token expires is asked for another one, and keeps the connection meanwhile.
func TestExpiredSessionReadsForAWhileAndIsRenewedWithoutANewConnection(t *testing.T) {
	r := openHeld(t, "a")
	now, woken := int64(1000), int64(0)
	r.now, r.alarm = func() int64 { return now }, func(at int64) { woken = at }
	caller := access.Caller{Principal: "embed:wiki:ann", Expires: 2000, Scope: &access.Scope{Role: access.Editor}}
	conn := &notedConn{}
	m := &member{conn: conn, id: "ann", src: sourceOf("ann"), principal: caller.Principal, caller: caller, alone: true}
	r.Join(m)
	ann := &guest{conn, r, m}
	ann.say(`{"a":"q:hello","c":"documents","d":"doc"}`)
	ann.take()
	if woken != 2000 {
		t.Errorf("the room is woken at %d", woken)
	}
	now = 2000
	r.decideAnew()
	if got := ann.take(); !strings.Contains(got, `"a":"q:role"`) || !strings.Contains(got, `"viewer"`) || woken != 2000+access.Grace {
		t.Errorf("at the end ann is told %s; next at %d", got, woken)
	}
	caller.Expires = 9000
	r.renew(m, caller)
	if got := ann.take(); !strings.Contains(got, `"editor"`) || woken != 9000 || conn.closed != 0 {
		t.Errorf("with a new token ann is told %s; next at %d", got, woken)
	}
	ann.edit(1, 1, `[{"insert":"b"}]`)
	r.sync()
	if got := ann.take(); !strings.Contains(got, `"seq":1}`) {
		t.Errorf("an edit is answered by %s", got)
	}
	now = 9000 + access.Grace
	r.decideAnew()
	if conn.closed != CloseUnauthorized || woken != 0 {
		t.Errorf("after the grace the connection is closed with %d; next at %d", conn.closed, woken)
	}
}
