package server

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quire-editor/quire/server/access"
	"github.com/quire-editor/quire/store"
)

// link makes a link of ann's document, which must be restricted.
func (ts *testServer) link(document, options string) linkInfo {
	ts.t.Helper()
	var info linkInfo
	ts.ask("ann", "POST", document+"/links", options, http.StatusCreated, &info)
	if info.Key == "" || info.Path != "/d/"+document+"#k="+info.Key || !info.Works {
		ts.t.Fatalf("the link is %+v", info)
	}
	return info
}

// restrictedDocument makes a document of ann that nobody else may open.
func (ts *testServer) restrictedDocument(text string) string {
	ts.t.Helper()
	doc := ts.createAs("ann", "text", text)
	ts.share(doc, `{"general":"restricted"}`)
	return doc
}

// redeemed is what redeeming a link answers, or why not.
type redeemed struct {
	grantInfo
	problemDetails
}

// redeem exchanges a key, and returns the status, the code of a refusal, and the headers by which the guest is known from then on.
func (ts *testServer) redeem(guest, document, key, password string) (status int, answer redeemed, header []string) {
	ts.t.Helper()
	body, _ := json.Marshal(grantRequest{key, password})
	status, got, text := ts.do("POST", "/api/v1/documents/"+document+"/grants", string(body), ts.as(guest)...)
	_ = json.Unmarshal([]byte(text), &answer.grantInfo)
	_ = json.Unmarshal([]byte(text), &answer.problemDetails)
	cookies := ts.as(guest)[1]
	for _, cookie := range got.Values("Set-Cookie") {
		cookies += "; " + strings.Split(cookie, ";")[0]
	}
	return status, answer, []string{"Cookie", cookies}
}

// joinWith opens a connection with headers, and shakes hands.
func (ts *testServer) joinWith(document string, header []string) *peer {
	ts.t.Helper()
	p := ts.dialWith(http.Header{header[0]: {header[1]}}, document)
	p.shake("")
	return p
}

func TestLinkGivesItsRoleToWhoeverRedeemsItAndToNobodyElse(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("hello")
	other := ts.restrictedDocument("other")
	for _, role := range []access.Role{access.Viewer, access.Commenter, access.Editor} {
		link := ts.link(doc, fmt.Sprintf(`{"role":%q,"label":"for friends"}`, role))
		guest := "friend-" + string(role)
		status, grant, header := ts.redeem(guest, doc, link.Key, "")
		if status != 200 || grant.Role != role || !slices.Equal(grant.May, access.Of(role).Names()) || grant.Grant == "" {
			t.Fatalf("%s: redeeming answers %d %+v", role, status, grant)
		}
		path := "/api/v1/documents/" + doc + "/text"
		if status, _, text := ts.do("GET", path, "", header...); status != 200 || text != "hello" {
			t.Errorf("%s: reading answers %d", role, status)
		}
		if status, _, _ := ts.do("PUT", path, "hello", header...); (status == 200) != (role == access.Editor) {
			t.Errorf("%s: writing answers %d", role, status)
		}
		p := ts.joinWith(doc, header)
		p.send(hello)
		if m := p.receive(); m["role"] != string(role) {
			t.Errorf("%s: the socket greets by %v", role, m)
		}
		if status, _, _ := ts.do("GET", "/api/v1/documents/"+other+"/text", "", header...); status != 403 {
			t.Errorf("%s: another document answers %d", role, status)
		}
		if status, _, text := ts.do("GET", path, "", "Authorization", "Bearer "+grant.Grant); status != 200 || text != "hello" {
			t.Errorf("%s: without cookies, by the grant itself, reading answers %d", role, status)
		}
		stolen := []string{"Cookie", ts.as("mallory")[1] + "; " + header[1][strings.Index(header[1], grantCookie):]}
		if status, _, _ := ts.do("GET", path, "", stolen...); status != 403 {
			t.Errorf("%s: with somebody else's grants reading answers %d", role, status)
		}
		tampered := []string{"Cookie", strings.Replace(header[1], link.ID, "AAAAAAAAAAAA", 1)}
		if status, _, _ := ts.do("GET", path, "", tampered...); status != 403 {
			t.Errorf("%s: with tampered grants reading answers %d", role, status)
		}
	}
	if status, _, _ := ts.redeem("ben", other, ts.link(doc, `{"role":"viewer"}`).Key, ""); status != 404 {
		t.Errorf("a key of another document answers %d", status)
	}
	var list struct{ Links []linkInfo }
	ts.ask("ann", "GET", doc+"/links", "", http.StatusOK, &list)
	if l := list.Links[0]; l.Uses != 1 || l.LastUsed == 0 || l.Label != "for friends" || l.By != personOf("guest:ann") || l.Key != "" || l.Path != "" {
		t.Errorf("the list describes a link as %+v", l)
	}
}

func TestLinkThatMakesNoSenseIsRefused(t *testing.T) {
	ts := serveNew(t)
	tests := map[string]struct {
		general, body string
		status        int
	}{
		"no role":                     {"restricted", `{}`, 400},
		"an owner":                    {"restricted", `{"role":"owner"}`, 400},
		"a role unknown to us":        {"restricted", `{"role":"emperor"}`, 400},
		"commenting without messages": {"restricted", `{"role":"commenter","currentOnly":true}`, 400},
		"two lines":                   {"restricted", `{"role":"viewer","label":"a\nb"}`, 400},
		"a label of a book":           {"restricted", `{"role":"viewer","label":"` + strings.Repeat("x", maxLabel+1) + `"}`, 400},
		"a password of a book":        {"restricted", `{"role":"viewer","password":"` + strings.Repeat("x", maxPassword+1) + `"}`, 400},
		"the past":                    {"restricted", `{"role":"viewer","expires":1}`, 400},
		"less than nobody":            {"restricted", `{"role":"viewer","maxUses":-1}`, 400},
		"what all may already":        {"viewer", `{"role":"viewer"}`, 422},
		"less than what all may":      {"editor", `{"role":"viewer"}`, 422},
		"a part of what all may":      {"viewer", `{"role":"viewer","currentOnly":true}`, 422},
		"no JSON":                     {"restricted", `viewer`, 400},
	}
	doc := ts.createAs("ann", "text", "a")
	for name, test := range tests {
		ts.share(doc, `{"general":"`+test.general+`"}`)
		status, _, answer := ts.do("POST", "/api/v1/documents/"+doc+"/links", test.body, ts.as("ann")...)
		if status != test.status || test.status == 422 && !strings.Contains(answer, `"code":"link-without-effect"`) {
			t.Errorf("%s: answered %d %s, want %d", name, status, answer, test.status)
		}
	}
}

func TestLinkIsNotRedeemedForEachReason(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	once := ts.link(doc, `{"role":"viewer","maxUses":1}`)
	secret := ts.link(doc, `{"role":"viewer","password":"open sesame"}`)
	revoked := ts.link(doc, `{"role":"viewer"}`)
	ts.ask("ann", "DELETE", doc+"/links/"+revoked.ID, "", http.StatusNoContent, nil)
	expired := ts.link(doc, `{"role":"viewer"}`)
	err := ts.links.change(t.Context(), doc, func(all *[]access.Link) error {
		(*all)[len(*all)-1].Expires = 1
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, first := ts.redeem("first", doc, once.Key, "")
	tests := map[string]struct {
		key, password string
		status        int
		code          string
	}{
		"no key":                     {"", "", 404, "link-unknown"},
		"a key that never was":       {newID(), "", 404, "link-unknown"},
		"half a key":                 {once.Key[:11], "", 404, "link-unknown"},
		"the id for the key":         {once.ID, "", 404, "link-unknown"},
		"revoked":                    {revoked.Key, "", 404, "link-unknown"},
		"expired":                    {expired.Key, "", 410, "link-expired"},
		"replayed by somebody else":  {once.Key, "", 410, "link-used-up"},
		"without its password":       {secret.Key, "", 403, "password-needed"},
		"with a wrong password":      {secret.Key, "sesame", 403, "password-wrong"},
		"with a very long password":  {secret.Key, strings.Repeat("x", 1<<20), 403, "password-wrong"},
		"with its password, at last": {secret.Key, "open sesame", 200, ""},
	}
	for name, test := range tests {
		status, answer, _ := ts.redeem("second", doc, test.key, test.password)
		if status != test.status || answer.Code != test.code {
			t.Errorf("%s: answered %d %q %s, want %d %q", name, status, answer.Code, answer.Detail, test.status, test.code)
		}
	}
	body := `{"key":"` + once.Key + `"}`
	if status, _, answer := ts.do("POST", "/api/v1/documents/"+doc+"/grants", body, first...); status != 200 {
		t.Errorf("whoever used a link up may not open it again: %d %s", status, answer)
	}
}

func TestPasswordCanBeWrongFiveTimesAndThenOnceAMinute(t *testing.T) {
	ts := serveNew(t)
	now := time.Unix(1, 0)
	ts.attempts.now = func() time.Time { return now }
	doc := ts.restrictedDocument("a")
	link, other := ts.link(doc, `{"role":"viewer","password":"right"}`), ts.link(doc, `{"role":"viewer","password":"right"}`)
	for i := range maxAttempts {
		if status, answer, _ := ts.redeem(fmt.Sprint("guest-", i), doc, link.Key, "wrong"); status != 403 {
			t.Fatalf("attempt %d answers %d %s", i, status, answer.Code)
		}
	}
	status, answer, _ := ts.redeem("another", doc, link.Key, "right")
	if status != http.StatusTooManyRequests || answer.Code != "too-many-attempts" {
		t.Fatalf("after that the right password answers %d %s", status, answer.Code)
	}
	if status, _, _ := ts.redeem("another", doc, other.Key, "right"); status != 200 {
		t.Errorf("another link answers %d", status)
	}
	now = now.Add(attemptEvery)
	if status, _, _ := ts.redeem("another", doc, link.Key, "right"); status != 200 {
		t.Errorf("a minute later the right password answers %d", status)
	}
}

func TestRevokedLinkPutsOutWhoeverCameByItAndNobodyElse(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	view, edit := ts.link(doc, `{"role":"viewer"}`), ts.link(doc, `{"role":"editor"}`)
	_, _, ben := ts.redeem("ben", doc, view.Key, "")
	_, _, eve := ts.redeem("eve", doc, edit.Key, "")
	reader, writer := ts.joinWith(doc, ben), ts.joinWith(doc, eve)
	reader.follow()
	writer.follow()
	ts.ask("ann", "DELETE", doc+"/links/"+view.ID, "", http.StatusNoContent, nil)
	reader.expectClosed(CloseDenied)
	writer.edit(1, 1, `[{"insert":"b"}]`)
	writer.expect(ack(1, 1))
	back := ts.joinWith(doc, ben)
	back.send(subscribe)
	back.expectClosed(CloseDenied)
	ts.ask("ann", "DELETE", doc+"/links/"+view.ID, "", http.StatusNotFound, nil)
}

func TestLinkThatExpiresPutsOutWhoeverCameByIt(t *testing.T) {
	r := openHeld(t, "a")
	now, woken := int64(1), int64(0)
	r.now, r.alarm = func() int64 { return now }, func(at int64) { woken = at }
	r.Amend(metadata{Kind: KindText, Access: &access.Access{}}, 1)
	r.Relink([]access.Link{{ID: "long", Role: access.Viewer, Expires: 20}, {ID: "short", Role: access.Editor, Expires: 10}}, 2)
	conn := &notedConn{}
	caller := access.Caller{Principal: "guest:ben", Grants: []access.Grant{{Document: "doc", Link: "long"}, {Document: "doc", Link: "short"}}}
	m := &member{conn: conn, caller: caller, alone: true}
	r.Join(m)
	for _, step := range []struct {
		at, next int64
		role     access.Role
		closed   int
	}{{1, 10, access.Editor, 0}, {10, 20, access.Viewer, 0}, {20, 0, access.None, CloseDenied}} {
		now = step.at
		r.decideAnew()
		if woken != step.next || m.rights.Role != step.role || conn.closed != step.closed {
			t.Errorf("at %d: %q, closed with %d, next at %d; want %+v", now, m.rights.Role, conn.closed, woken, step)
		}
	}
	r.Relink([]access.Link{{ID: "long", Role: access.Editor}}, 1) // heard late
	if m.rights.Role != access.None {
		t.Error("links of an older version replace those of a newer one")
	}
}

func TestCurrentVersionOnlyShowsNothingOfThePast(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("secret ")
	ann := ts.joinAs(doc, "ann")
	ann.edit(1, 1, `[{"delete":7},{"insert":"public"}]`)
	ann.expect(ack(1, 1))
	link := ts.link(doc, `{"role":"editor","currentOnly":true}`)
	status, grant, header := ts.redeem("ben", doc, link.Key, "")
	if status != 200 || !slices.Equal(grant.May, []string{"read", "edit"}) {
		t.Fatalf("it gives %d %v", status, grant.May)
	}
	for route, e := range httpExercises {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer(":document", doc, ":image", "none", ":revision", "1", ":version", "none", ":link", "none").Replace(path)
		if method != "GET" {
			continue
		}
		status, _, answer := ts.do(method, documentRoutes+path+e.query, e.body, header...)
		if (status == 403) == access.Of(access.Editor).CurrentOnly().Allow(e.action) || strings.Contains(answer, "secret") {
			t.Errorf("%s answers %d %s", route, status, answer)
		}
	}
	for _, body := range []string{`{"revision":1}`, `{"history":true}`} {
		if status, _, _ := ts.do("POST", documentRoutes+"/"+doc+"/forks", body, header...); status != 403 {
			t.Errorf("a fork of %s answers %d", body, status)
		}
	}
	p := ts.joinWith(doc, header)
	for message, code := range map[string]string{
		`{"a":"s","c":"documents","d":"<doc>","v":1}`:         "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
		`{"a":"f","c":"documents","d":"<doc>","v":0}`:         "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
		op(`[{"insert":"x"}]`):                                "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
		`{"a":"nf","id":1,"c":"documents","d":"<doc>","v":1}`: "ERR_SNAPSHOT_READS_REJECTED",
		`{"a":"q:chats","c":"documents","d":"<doc>"}`:         "ERR_FORBIDDEN",
	} {
		p.send(message)
		p.expectError(code)
	}
	p.follow()
	p.edit(2, 1, `[{"insert":"more "}]`)
	p.expect(ack(2, 1))
}

func TestStoreHasNoKeyNoPasswordAndNoToken(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.restrictedDocument("a")
	link := ts.link(doc, `{"role":"viewer","password":"open sesame","label":"a label to find"}`)
	token, _ := ts.token(access.Viewer)
	ts.stop()
	found := false
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range []string{link.Key, "open sesame", token, strings.TrimPrefix(token, tokenPrefix)} {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s has %q", path, secret)
			}
		}
		found = found || strings.Contains(string(content), "a label to find")
		return err
	})
	if err != nil || !found {
		t.Errorf("the link is not where it was looked for: %v", err)
	}
}

func TestLinksStayWithTheirDocumentAndGoWithIt(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	link := ts.link(doc, `{"role":"viewer"}`)
	var fork documentInfo
	ts.ask("ann", "POST", doc+"/forks", `{"history":true}`, http.StatusCreated, &fork)
	var out strings.Builder
	if err := ts.Export(t.Context(), doc, &out); err != nil || strings.Contains(out.String(), link.ID) {
		t.Errorf("the export has the link: %v", err)
	}
	count := func() (n int) {
		err := ts.images.each("~links.", func(store.Info) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 1 {
		t.Fatalf("links are kept for %d documents", n)
	}
	ts.deleteDocument(doc)
	if err := ts.links.sweep(t.Context(), ts.exists); err != nil || count() != 0 {
		t.Errorf("links of a deleted document stay: %v", err)
	}
}
