package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

// pictured is a document that nobody but ann may open, with a picture.
func (ts *testServer) pictured() (doc, picture string) {
	ts.t.Helper()
	doc = ts.createAs("ann", "rich", "")
	status, _, answer := ts.do("POST", documentRoutes+"/"+doc+"/images", paint(3), ts.as("ann")...)
	var info imageInfo
	if err := json.Unmarshal([]byte(answer), &info); err != nil || status != http.StatusCreated {
		ts.t.Fatalf("adding a picture answered %d %s", status, answer)
	}
	ts.share(doc, `{"general":"restricted"}`)
	return doc, info.URL
}

// ticketFor is what somebody with a token gets for a document's pictures.
func (ts *testServer) ticketFor(doc, bearer string) (given ticketInfo) {
	ts.t.Helper()
	status, _, answer := ts.do("GET", documentRoutes+"/"+doc+"/images", "", by(bearer)...)
	if err := json.Unmarshal([]byte(answer), &given); err != nil || status != http.StatusOK {
		ts.t.Fatalf("asking for a ticket answered %d %s", status, answer)
	}
	return given
}

func TestPicturesAreShownByATicketWhereThereAreNoCookies(t *testing.T) {
	ts := serveNew(t)
	doc, picture := ts.pictured()
	other, others := ts.pictured()
	h := ts.host()
	link := ts.link(doc, `{"role":"viewer"}`)
	_, redeemed, _ := ts.redeem("ben", doc, link.Key, "")
	session := h.begin(h.claims("u1", doc, access.Viewer), http.StatusCreated)
	for name, bearer := range map[string]string{"link": redeemed.Grant, "site": session.Session} {
		given := ts.ticketFor(doc, bearer)
		if given.Expires <= nowMillis() || given.Expires > nowMillis()+ticketLife {
			t.Errorf("%s: the ticket is good until %d", name, given.Expires)
		}
		if status, _, body := ts.do("GET", picture+"?ticket="+given.Ticket, ""); status != 200 || body != paint(3) {
			t.Errorf("%s: with the ticket the picture answers %d", name, status)
		}
		for what, path := range map[string]string{
			"no ticket": picture, "another document's picture": others + "?ticket=" + given.Ticket,
			"a forged ticket": picture + "?ticket=x" + given.Ticket, "the text": documentRoutes + "/" + doc + "/text?ticket=" + given.Ticket,
		} {
			if status, _, _ := ts.do("GET", path, ""); status != http.StatusForbidden {
				t.Errorf("%s: %s answers %d", name, what, status)
			}
		}
	}
	old := ticket{Document: doc, Link: link.ID, Expires: nowMillis() - 1}
	if status, _, _ := ts.do("GET", picture+"?ticket="+ts.guests.wrap(ticketSeal, old), ""); status != http.StatusForbidden {
		t.Errorf("an expired ticket answers %d", status)
	}
	for name, header := range map[string][]string{"its owner": ts.as("ann"), "a program": by(func() string { text, _ := ts.token(access.Viewer); return text }())} {
		if status, _, answer := ts.do("GET", documentRoutes+"/"+doc+"/images", "", header...); status != http.StatusConflict {
			t.Errorf("%s is given a ticket: %d %s", name, status, answer)
		}
	}
	if status, _, _ := ts.do("GET", documentRoutes+"/"+other+"/images", "", by(session.Session)...); status != http.StatusForbidden {
		t.Errorf("for another document the session is answered %d", status)
	}
}

func TestTicketEndsWithWhatItWasGivenFor(t *testing.T) {
	ts := serveNew(t)
	doc, picture := ts.pictured()
	h := ts.host()
	link := ts.link(doc, `{"role":"editor"}`)
	_, redeemed, _ := ts.redeem("ben", doc, link.Key, "")
	byLink := picture + "?ticket=" + ts.ticketFor(doc, redeemed.Grant).Ticket
	bySite := picture + "?ticket=" + ts.ticketFor(doc, h.begin(h.claims("u1", doc, access.Editor), http.StatusCreated).Session).Ticket
	ts.ask("ann", "DELETE", doc+"/links/"+link.ID, "", http.StatusNoContent, nil)
	if err := ts.RemoveSite(t.Context(), h.ID); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"of a revoked link": byLink, "of a forgotten site": bySite} {
		if status, _, _ := ts.do("GET", path, ""); status != http.StatusForbidden {
			t.Errorf("a ticket %s answers %d", name, status)
		}
	}
	if strings.Contains(byLink, redeemed.Grant) {
		t.Error("the grant is in the address")
	}
}
