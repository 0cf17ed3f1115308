package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

func TestWhoSignsInCanMakeTheirDocumentsAsAGuestTheirs(t *testing.T) {
	ts := serveNew(t)
	own, trashed := ts.titled("ann", "own"), ts.titled("ann", "thrown away")
	ts.ask("ann", "PATCH", own+"/access", `{"general":"restricted"}`, http.StatusOK, nil)
	ts.ask("ann", "PUT", own+"/tags", `{"tags":["work"]}`, http.StatusOK, nil)
	ts.ask("ann", "DELETE", trashed, "", http.StatusOK, nil)
	shared := ts.titled("ben", "shared")
	ts.ask("ben", "PATCH", shared+"/access", `{"general":"restricted","people":{"`+personOf("guest:ann")+`":"commenter"}}`, http.StatusOK, nil)
	before := ts.mine("ann", "").Documents

	both := []string{"Cookie", ts.as("ann")[1] + "; " + ts.signedIn("7")}
	open := ts.joinWith(own, both)
	open.send(subscribe)
	open.expectClosed(CloseDenied) // it is the guest's yet
	if _, _, me := ts.do("GET", "/api/v1/me", "", both...); !strings.Contains(me, `"claimable":3`) {
		t.Fatalf("who signed in is told %s", me)
	}
	for range 2 { // the second time there is nothing to do
		if status, _, answer := ts.do("POST", "/api/v1/me/documents", "", both...); status != http.StatusOK {
			t.Fatalf("answered %d %s", status, answer)
		}
	}
	_, _, me := ts.do("GET", "/api/v1/me", "", both...)
	if strings.Contains(me, "claimable") {
		t.Errorf("afterwards they are told %s", me)
	}
	_, _, list := ts.do("GET", "/api/v1/me/documents?sort=title", "", both...)
	for _, want := range []string{`"title":"own"`, `"role":"owner"`, `"tags":["work"]`, `"title":"shared"`, `"role":"commenter"`} {
		if !strings.Contains(list, want) {
			t.Errorf("%s is not in %s", want, list)
		}
	}
	if _, _, trash := ts.do("GET", "/api/v1/trash", "", both...); !strings.Contains(trash, "thrown away") {
		t.Errorf("the trash has %s", trash)
	}
	for _, d := range before {
		after, err := lookUp(ts.store, d.ID)
		if err != nil || after.modified() != d.Modified {
			t.Errorf("%s is modified at %d, was at %d: %v", d.Title, after.modified(), d.Modified, err)
		}
	}
	if left := ts.mine("ann", ""); len(left.Documents) != 0 {
		t.Errorf("the guest still has %+v", left.Documents)
	}
	again := ts.joinWith(own, both)
	again.follow()
	if _, _, changes := ts.do("GET", documentRoutes+"/"+own+"/access/changes", "", both...); !strings.Contains(changes, `"to":"owner"`) {
		t.Errorf("the log of access has %s", changes)
	}
}

func TestNobodyMakesSomebodyElsesDocumentsTheirs(t *testing.T) {
	ts := serveNew(t)
	doc := ts.titled("ann", "own")
	token, _ := ts.token(access.Owner)
	signed := ts.signedIn("7")
	for name, test := range map[string]struct {
		header []string
		status int
	}{
		"a guest":                 {ts.as("ben"), 409},
		"their own guest":         {ts.as("ann"), 409},
		"signed in, no guest":     {[]string{"Cookie", signed}, 409},
		"signed in, forged guest": {[]string{"Cookie", signed + "; " + guestCookie + "=ann.x"}, 409},
		"signed in, other guest":  {[]string{"Cookie", signed + "; " + ts.as("ben")[1]}, 200},
		"a program":               {append(by(token), "Cookie", signed+"; "+ts.as("ann")[1]), 409},
		"another site's page":     {[]string{"Cookie", signed + "; " + ts.as("ann")[1], "Sec-Fetch-Site", "cross-site"}, 403},
	} {
		if status, _, answer := ts.do("POST", "/api/v1/me/documents", "", test.header...); status != test.status {
			t.Errorf("%s: answered %d %s", name, status, answer)
		}
	}
	if ts.ownerOf(doc) != "ann" {
		t.Errorf("the document is %s's", ts.ownerOf(doc))
	}
}
