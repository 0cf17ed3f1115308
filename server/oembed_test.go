package server

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestAddressOfAnOpenDocumentBecomesAFrame(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ts.do("PATCH", documentRoutes+"/"+doc, `{"title":"\"Plan\" <1>"}`, ts.as("ann")...)
	ask := func(query string) (status int, answer oEmbed, text string) {
		status, _, text = ts.do("GET", "/oembed?"+query, "")
		_ = json.Unmarshal([]byte(text), &answer)
		return status, answer, text
	}
	page := url.QueryEscape(ts.web.URL + "/d/" + doc + "#k=x")
	status, answer, text := ask("maxheight=300&url=" + page)
	want := `<iframe src="` + ts.web.URL + "/embed/" + doc + `?readonly" title="&#34;Plan&#34; &lt;1&gt;" width="800" height="300" style="border:0"></iframe>`
	if status != 200 || answer.Type != "rich" || answer.Version != "1.0" || answer.Title != `"Plan" <1>` || answer.HTML != want {
		t.Errorf("it is %d %s", status, text)
	}
	if status, _, _ := ask("format=xml&url=" + page); status != 501 {
		t.Errorf("XML answers %d", status)
	}
	closed := ts.restrictedDocument("secret")
	for _, address := range []string{
		"", ts.web.URL, ts.web.URL + "/d/", ts.web.URL + "/d/missing", "https://evil.example/d/" + doc, "://", ts.web.URL + "/d/" + doc + "/..", ts.web.URL + "/d/" + closed,
	} {
		if status, _, text := ask("url=" + url.QueryEscape(address)); status != 404 || strings.Contains(text, "iframe") {
			t.Errorf("%q answers %d %s", address, status, text)
		}
	}
}
