package server

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

func TestAccessIsToldToWhomItConcerns(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ben := personOf("guest:ben")
	ts.ask("ben", "PUT", doc+"/people/me", `{"name":"Ben","color":"#112233"}`, http.StatusOK, nil)
	ts.share(doc, `{"general":"viewer","people":{"`+ben+`":"commenter"}}`)
	var mine, theirs accessInfo
	ts.ask("ann", "GET", doc+"/access", "", http.StatusOK, &mine)
	ts.ask("ben", "GET", doc+"/access", "", http.StatusOK, &theirs)
	if theirs.Role != access.Commenter || theirs.General != "viewer" || theirs.Me != ben || len(theirs.People) != 0 {
		t.Errorf("ben is told %+v", theirs)
	}
	if mine.Role != access.Owner || len(mine.People) != 2 || mine.People[0].Role != access.Owner || mine.People[0].Person != mine.Me {
		t.Fatalf("ann is told %+v", mine)
	}
	if p := mine.People[1]; p.Person != ben || p.Name != "Ben" || p.Color != "#112233" || p.Role != access.Commenter {
		t.Errorf("of ben ann is told %+v", p)
	}
	ts.share(doc, `{"people":{"`+ben+`":null}}`)
	ts.ask("ben", "GET", doc+"/access", "", http.StatusOK, &theirs)
	if theirs.Role != access.Viewer {
		t.Errorf("without a role of his own ben is %s", theirs.Role)
	}
}

func TestChangeOfAccessIsRefusedForEachReasonAndChangesNothing(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ann, ben := personOf("guest:ann"), personOf("guest:ben")
	crowd := strings.Builder{}
	for i := range maxShared + 1 {
		crowd.WriteString(`"` + personOf(string(rune('a'+i%26))+strings.Repeat("x", i)) + `":"viewer",`)
	}
	tests := map[string]struct {
		guest, body string
		header      []string
		status      int
	}{
		"by somebody else":            {"ben", `{"general":"viewer"}`, nil, 403},
		"no JSON":                     {"ann", `viewer`, nil, 400},
		"nothing":                     {"ann", `{}`, nil, 400},
		"no role":                     {"ann", `{"general":""}`, nil, 400},
		"a role unknown to us":        {"ann", `{"general":"emperor"}`, nil, 400},
		"everybody an owner":          {"ann", `{"general":"owner"}`, nil, 400},
		"somebody of an unknown role": {"ann", `{"people":{"` + ben + `":"emperor"}}`, nil, 400},
		"somebody of no role":         {"ann", `{"people":{"` + ben + `":""}}`, nil, 400},
		"nobody":                      {"ann", `{"people":{"":"editor"}}`, nil, 400},
		"a principal for a person":    {"ann", `{"people":{"guest:ben":"editor"}}`, nil, 400},
		"the creator made a viewer":   {"ann", `{"people":{"` + ann + `":"viewer"}}`, nil, 422},
		"too many":                    {"ann", `{"people":{` + strings.TrimSuffix(crowd.String(), ",") + `}}`, nil, 422},
		"made for an older state":     {"ann", `{"general":"viewer"}`, []string{"If-Match", `"7"`}, 412},
	}
	for name, test := range tests {
		status, _, answer := ts.do("PATCH", "/api/v1/documents/"+doc+"/access", test.body, append(ts.as(test.guest), test.header...)...)
		if status != test.status || !strings.Contains(answer, `"detail":"`) {
			t.Errorf("%s: answered %d %s, want %d", name, status, answer, test.status)
		}
	}
	_, header, answer := ts.do("GET", "/api/v1/documents/"+doc+"/access", "", ts.as("ann")...)
	if !strings.Contains(answer, `"general":"editor"`) || strings.Contains(answer, ben) {
		t.Errorf("afterwards the access is %s", answer)
	}
	status, _, answer := ts.do("PATCH", "/api/v1/documents/"+doc+"/access", `{"general":"viewer"}`, append(ts.as("ann"), "If-Match", header.Get("ETag"))...)
	if status != 200 || !strings.Contains(answer, `"general":"viewer"`) {
		t.Errorf("a change made for the state as it is answers %d %s", status, answer)
	}
}

func TestForkIsItsMakersWithDefaultAccess(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ts.share(doc, `{"general":"viewer"}`)
	for _, body := range []string{`{}`, `{"history":true}`} {
		var fork documentInfo
		ts.ask("ben", "POST", doc+"/forks", body, http.StatusCreated, &fork)
		var info accessInfo
		ts.ask("ben", "GET", fork.ID+"/access", "", http.StatusOK, &info)
		if info.Role != access.Owner || info.General != "editor" || len(info.People) != 1 {
			t.Errorf("the fork %s has the access %+v", body, info)
		}
	}
}

func TestListShowsWhatOneMayReadAndHasARoleIn(t *testing.T) {
	for name, all := range map[string]bool{"of all": true, "of one's own": false} {
		ts := serveAt(t, t.TempDir(), func(o *Options) { o.ListAll = all })
		open := ts.createAs("ann", "text", "open")
		hidden := ts.createAs("ann", "text", "hidden")
		ts.share(hidden, `{"general":"restricted"}`)
		shared, _ := ts.shared(access.Commenter)
		_, _, list := ts.do("GET", "/api/v1/documents", "", ts.as("ben")...)
		if strings.Contains(list, open) != all || strings.Contains(list, hidden) || !strings.Contains(list, shared) {
			t.Errorf("the list %s is %s", name, list)
		}
		if !strings.Contains(list, `"role":"commenter"`) {
			t.Errorf("the list %s does not tell the role: %s", name, list)
		}
	}
}

func TestServerMayAskForMoreThanBeingAGuest(t *testing.T) {
	data := t.TempDir()
	ts := serveAt(t, data, nil)
	doc := ts.createAs("ann", "text", "a")
	ts.stop()
	tests := map[Auth]struct{ read, create int }{
		AuthOpen: {200, 201}, AuthCreate: {200, 401}, AuthAll: {401, 401},
	}
	for auth, want := range tests {
		ts := serveAt(t, data, func(o *Options) { o.Auth = auth })
		if status, _, _ := ts.do("GET", "/api/v1/documents/"+doc+"/text", "", ts.as("ann")...); status != want.read {
			t.Errorf("%s: reading answers %d", auth, status)
		}
		for _, path := range []string{"", "/" + doc + "/forks"} {
			status, header, answer := ts.do("POST", "/api/v1/documents"+path, `{}`, ts.as("ann")...)
			if status != want.create || status == 401 && header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: creating answers %d %s", auth, status, answer)
			}
		}
		p := ts.joinAs("", "ann").on("fresh-" + string(auth))
		p.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"create":{"type":"rich-text","data":[]}}`)
		if auth == AuthOpen {
			p.expect(ack(0, 1))
		} else {
			p.expectError("ERR_OP_SUBMIT_REJECTED")
		}
		ts.stop()
	}
}

func TestExportedDocumentIsNotOpenToMoreWhereItIsImported(t *testing.T) {
	ts, other := serveNew(t), serveNew(t)
	doc := ts.restrictedDocument("a")
	ben := personOf("guest:ben")
	ts.share(doc, `{"people":{"`+ben+`":"viewer"}}`)
	ts.link(doc, `{"role":"editor"}`)
	file := exported(t, ts, doc)
	if _, err := other.Import(t.Context(), bytes.NewReader(file), ""); err != nil {
		t.Fatal(err)
	}
	other.ask("eve", "GET", doc, "", http.StatusForbidden, nil)
	var info accessInfo
	other.ask("ben", "GET", doc+"/access", "", http.StatusOK, &info)
	var links struct{ Links []linkInfo }
	other.ask("ann", "GET", doc+"/links", "", http.StatusOK, &links)
	if info.Role != access.Viewer || info.General != restricted || len(links.Links) != 0 {
		t.Errorf("there it has the access %+v and the links %v", info, links.Links)
	}
	if found, err := other.Verify(t.Context(), func(Verification) {}); err != nil || len(found.Problems) > 0 {
		t.Errorf("%v %v", found.Problems, err)
	}
}
