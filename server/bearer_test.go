package server

import (
	"strings"
	"testing"
)

func TestTokenThatStandsForNobodyIsRefusedEverywhere(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	link := ts.link(doc, `{"role":"viewer"}`)
	_, grant, _ := ts.redeem("ben", doc, link.Key, "")
	other := strings.Replace(grant.Grant, ".", "x.", 1)
	for _, token := range []string{
		"", "x", grantPrefix, grantPrefix + "...", grant.Grant + "x", grant.Grant[:len(grant.Grant)-1], other,
		strings.Replace(grant.Grant, doc, ts.createAs("ann", "text", "b"), 1), link.Key,
	} {
		for _, path := range []string{"/api/v1/documents", "/api/v1/documents/" + doc, "/ws/" + doc, "/ws"} {
			status, header, answer := ts.do("GET", path, "", append(ts.as("ann"), "Authorization", "Bearer "+token)...)
			if status != 401 || header.Get("WWW-Authenticate") == "" || !strings.Contains(answer, "token-invalid") {
				t.Errorf("%q: %s answers %d %s", token, path, status, answer)
			}
		}
	}
}
