package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/server/site"
)

// adminExercises has one request for each address that is for those who look after the server.
var adminExercises = map[string]string{
	"GET /tokens":           "",
	"POST /tokens":          `{"name":"import","scope":{"role":"viewer"}}`,
	"DELETE /tokens/:token": "",
	"GET /sites":            "",
}

func TestOnlyAdminsReachWhatIsForThem(t *testing.T) {
	named := func(o *Options) { o.Admins, o.LocalAdmin = []string{"7", "Boss@Example.org"}, false }
	local := func(o *Options) { o.LocalAdmin = true }
	for name, change := range map[string]func(*Options){"named": named, "local": local, "nobody": func(*Options) {}} {
		ts := serveAt(t, t.TempDir(), change)
		var answered []string
		for _, route := range ts.handler.(*gin.Engine).Routes() {
			if path, ok := strings.CutPrefix(route.Path, "/api/v1"); ok && (strings.HasPrefix(path, "/tokens") || strings.HasPrefix(path, "/sites")) {
				answered = append(answered, route.Method+" "+path)
			}
		}
		if len(answered) != len(adminExercises) {
			t.Fatalf("there are exercises for %d of %v", len(adminExercises), answered)
		}
		owner, _ := ts.token(access.Owner)
		boss := account{Principal: accountOf("https://login.example", "8"), Expires: nowMillis() + accountLife, Subject: "8", Email: "boss@example.ORG"}
		for who, test := range map[string]struct {
			header []string
			let    string // by which of the servers
		}{
			"nobody known":                  {nil, "local"},
			"a guest":                       {ts.as("ann"), "local"},
			"a guest through a proxy":       {append(ts.as("ann"), "X-Forwarded-For", "192.0.2.1"), ""},
			"one who signed in":             {[]string{"Cookie", ts.signedIn("6")}, "local"},
			"an admin by subject":           {[]string{"Cookie", ts.signedIn("7")}, "named local"},
			"an admin by subject, far away": {[]string{"Cookie", ts.signedIn("7"), "X-Forwarded-For", "192.0.2.1"}, "named"},
			"an admin by address":           {[]string{"Cookie", accountCookie + "=" + ts.accounts.wrap("account", boss), "Via", "x"}, "named"},
			"a token for administering":     {by(owner), ""},
			"a token with an admin's":       {append(by(owner), "Cookie", ts.signedIn("7")), ""},
			"another site's page":           {[]string{"Cookie", ts.signedIn("7"), "Sec-Fetch-Site", "cross-site"}, "get"},
		} {
			for exercise, body := range adminExercises {
				method, path, _ := strings.Cut(exercise, " ")
				status, header, answer := ts.do(method, "/api/v1"+strings.Replace(path, ":token", "none", 1), body, test.header...)
				want := strings.Contains(test.let, name)
				if test.let == "get" {
					want = method == "GET" && name != "nobody"
				}
				if refused := status == http.StatusForbidden; refused == want || status >= 500 {
					t.Errorf("%s, %s: %s answers %d %s", name, who, exercise, status, answer)
				}
				if status >= 400 && (header.Get("Content-Type") != problemType || !strings.Contains(answer, `"detail":"`)) {
					t.Errorf("%s, %s: %s is refused without a sentence: %s", name, who, exercise, answer)
				}
			}
			_, _, me := ts.do("GET", "/api/v1/me", "", test.header...)
			if admin := strings.Contains(me, `"admin":true`); admin != (strings.Contains(test.let, name) || test.let == "get" && name != "nobody") {
				t.Errorf("%s, %s: is told %s", name, who, me)
			}
		}
	}
}

func TestTokenMadeByAnAdminLetsAProgramInUntilItIsRevoked(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.LocalAdmin = true })
	doc := ts.restrictedDocument("hello")
	end := nowMillis() + day
	status, _, answer := ts.do("POST", "/api/v1/tokens", fmt.Sprintf(`{"name":" import ","scope":{"role":"editor","documents":[%q]},"expires":%d}`, doc, end))
	var made NewToken
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("making a token answers %d %s", status, answer)
	}
	if status, _, _ := ts.do("PUT", documentRoutes+"/"+doc+"/text", "bye", by(made.Text)...); status != http.StatusOK {
		t.Errorf("with it writing answers %d", status)
	}
	_, _, list := ts.do("GET", "/api/v1/tokens", "")
	if !strings.Contains(list, `"name":"import"`) || strings.Contains(list, made.Text) || strings.Contains(list, "hash") {
		t.Errorf("the list is %s", list)
	}
	if status, _, _ := ts.do("DELETE", "/api/v1/tokens/"+made.ID, ""); status != http.StatusNoContent {
		t.Errorf("revoking answers %d", status)
	}
	if status, _, _ := ts.do("GET", documentRoutes+"/"+doc, "", by(made.Text)...); status != http.StatusUnauthorized {
		t.Errorf("once it is revoked reading answers %d", status)
	}
	if status, _, _ := ts.do("DELETE", "/api/v1/tokens/"+made.ID, ""); status != http.StatusNotFound {
		t.Errorf("revoking it again answers %d", status)
	}
}

func TestTokenIsRefusedForEachReason(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.LocalAdmin = true })
	many, _ := json.Marshal(strings.Split(strings.Repeat("a,", maxTokenDocuments)+"a", ","))
	for name, body := range map[string]string{
		"no JSON":            `token`,
		"nothing":            `{}`,
		"no name":            `{"name":" ","scope":{"role":"viewer"}}`,
		"a long name":        `{"name":"` + strings.Repeat("x", maxTokenName+1) + `","scope":{"role":"viewer"}}`,
		"a name of lines":    `{"name":"a\nb","scope":{"role":"viewer"}}`,
		"no role":            `{"name":"a","scope":{}}`,
		"a role for people":  `{"name":"a","scope":{"role":"commenter"}}`,
		"a role of nobody":   `{"name":"a","scope":{"role":"emperor"}}`,
		"a bad document":     `{"name":"a","scope":{"role":"viewer","documents":["a b"]}}`,
		"too many documents": `{"name":"a","scope":{"role":"viewer","documents":` + string(many) + `}}`,
		"an end in the past": `{"name":"a","scope":{"role":"viewer"},"expires":1}`,
		"an end in words":    `{"name":"a","scope":{"role":"viewer"},"expires":"never"}`,
	} {
		status, header, answer := ts.do("POST", "/api/v1/tokens", body)
		if status != http.StatusBadRequest || header.Get("Content-Type") != problemType {
			t.Errorf("%s: answered %d %s", name, status, answer)
		}
	}
	if _, _, list := ts.do("GET", "/api/v1/tokens", ""); list != `{"tokens":[]}` {
		t.Errorf("afterwards there are %s", list)
	}
	for range maxTokens {
		ts.token(access.Viewer)
	}
	if status, _, answer := ts.do("POST", "/api/v1/tokens", `{"name":"a","scope":{"role":"viewer"}}`); status != http.StatusUnprocessableEntity {
		t.Errorf("one too many: answered %d %s", status, answer)
	}
}

func TestSitesAreListedWithoutTheirSecrets(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.LocalAdmin = true })
	if _, _, list := ts.do("GET", "/api/v1/sites", ""); list != `{"sites":[]}` {
		t.Errorf("at first there are %s", list)
	}
	added, secret, err := ts.AddSite(t.Context(), site.Site{Name: "wiki", Origins: []string{"https://wiki.example"}, Audience: "https://docs.example", Algorithm: site.Secret})
	if err != nil {
		t.Fatal(err)
	}
	_, _, list := ts.do("GET", "/api/v1/sites", "")
	if !strings.Contains(list, added.ID) || strings.Contains(list, secret) {
		t.Errorf("the list is %s", list)
	}
}
