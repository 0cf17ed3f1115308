package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/server/access"
)

// exercise is a request that takes a right.
type exercise struct {
	action access.Action
	// body of a request; <me> is the caller as others know them.
	body string
	// query of a request's address.
	query string
}

// httpExercises has one request for each address of a document in the API. What is in it need not make sense, as long as it is
// only after rights that it is looked at.
var httpExercises = map[string]exercise{
	"GET /:document":                          {action: access.Read},
	"PATCH /:document":                        {action: access.Edit, body: `{"title":"new"}`},
	"DELETE /:document":                       {action: access.Delete},
	"PUT /:document/tags":                     {action: access.Read, body: `{"tags":[]}`},
	"GET /:document/text":                     {action: access.Read},
	"PUT /:document/text":                     {action: access.Edit, body: "new"},
	"POST /:document/images":                  {action: access.Edit},
	"GET /:document/images":                   {action: access.Read},
	"GET /:document/images/:image":            {action: access.Read},
	"GET /:document/history":                  {action: access.History},
	"GET /:document/changes":                  {action: access.History},
	"GET /:document/steps":                    {action: access.History, query: "?from=0&to=1"},
	"GET /:document/diff":                     {action: access.History, query: "?from=0&to=1"},
	"GET /:document/revisions":                {action: access.History, query: "?at=1"},
	"GET /:document/revisions/:revision":      {action: access.History},
	"GET /:document/revisions/:revision/text": {action: access.History},
	"GET /:document/blame":                    {action: access.History},
	"PUT /:document/people/me":                {action: access.Edit, body: `{"name":"Ann"}`},
	"POST /:document/restore":                 {action: access.Restore, body: `{"revision":1}`},
	"GET /:document/undo":                     {action: access.History, query: "?person=x&from=0&to=1"},
	"POST /:document/undo":                    {action: access.Restore, body: `{"person":"x","from":0,"to":1}`},
	"POST /:document/forks":                   {action: access.Read, body: `{}`},
	"GET /:document/redactions":               {action: access.History},
	"POST /:document/redactions":              {action: access.Redact, body: `{"index":0,"length":1}`},
	"GET /:document/versions":                 {action: access.History},
	"POST /:document/versions":                {action: access.Restore, body: `{"name":"first"}`},
	"PATCH /:document/versions/:version":      {action: access.Restore, body: `{"name":"other"}`},
	"DELETE /:document/versions/:version":     {action: access.Restore},
	"GET /:document/access":                   {action: access.Read},
	"PATCH /:document/access":                 {action: access.Share, body: `{"people":{"AAAAAAAAAAAAAAAAAAAA":"viewer"}}`},
	"GET /:document/access/changes":           {action: access.Share},
	"GET /:document/links":                    {action: access.Share},
	"GET /:document/events":                   {action: access.History, query: "?since=99"},
	"POST /:document/edits":                   {action: access.Edit, body: `{"base":1,"delta":[{"insert":"x"}]}`},
	"POST /:document/links":                   {action: access.Share, body: `{"role":"viewer"}`},
	"DELETE /:document/links/:link":           {action: access.Share},
}

// socketExercises has the messages that take a right, by their action and what they are about.
var socketExercises = map[string]struct {
	action  access.Action
	message string
}{
	"f":                   {access.Read, `{"a":"f","c":"documents","d":"<doc>","v":null}`},
	"s":                   {access.Read, `{"a":"s","c":"documents","d":"<doc>","v":null}`},
	"bf":                  {access.Read, `{"a":"bf","c":"documents","b":["<doc>"]}`},
	"bs":                  {access.Read, `{"a":"bs","c":"documents","b":["<doc>"]}`},
	"p":                   {access.Read, `{"a":"p","ch":"documents.<doc>","id":"1","p":{"index":0,"length":0},"pv":1,"v":1,"c":"documents","d":"<doc>"}`},
	"ps":                  {access.Read, `{"a":"ps","ch":"documents.<doc>","seq":1}`},
	"pr":                  {access.Read, `{"a":"pr","ch":"documents.<doc>"}`},
	"q:hello":             {access.Read, `{"a":"q:hello","c":"documents","d":"<doc>"}`},
	"nf now":              {access.Read, `{"a":"nf","id":1,"c":"documents","d":"<doc>","v":null}`},
	"nt now":              {access.Read, `{"a":"nt","id":1,"c":"documents","d":"<doc>","ts":null}`},
	"nf":                  {access.History, `{"a":"nf","id":1,"c":"documents","d":"<doc>","v":0}`},
	"nt":                  {access.History, `{"a":"nt","id":1,"c":"documents","d":"<doc>","ts":1}`},
	"q:chats":             {access.Messages, `{"a":"q:chats","c":"documents","d":"<doc>"}`},
	"q:chat":              {access.Comment, `{"a":"q:chat","c":"documents","d":"<doc>","id":"1","v":null,"m":{"text":"hi"}}`},
	"q:typing":            {access.Comment, `{"a":"q:typing","c":"documents","d":"<doc>","m":{"name":"Ann"}}`},
	"op edit":             {access.Edit, `{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"op":[{"insert":"x"}]}`},
	"op create of a twin": {access.Edit, `{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"create":{"type":"rich-text","data":[]}}`},
	"op delete":           {access.Delete, `{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"del":true}`},
}

const documentRoutes = "/api/v1/documents"

// shared makes a document in which a guest has a role and nobody else has any, but its owner.
func (ts *testServer) shared(role access.Role) (document, guest string) {
	ts.t.Helper()
	document = ts.createAs("ann", "text", "hello")
	if role == access.Owner {
		return document, "ann"
	}
	ts.share(document, fmt.Sprintf(`{"general":"restricted","people":{%q:%s}}`, personOf("guest:ben"), roleJSON(role)))
	return document, "ben"
}

func roleJSON(role access.Role) string {
	if role == access.None {
		return "null"
	}
	return fmt.Sprintf("%q", role)
}

// share changes the access to a document, for its owner.
func (ts *testServer) share(document, change string) {
	ts.t.Helper()
	ts.ask("ann", "PATCH", document+"/access", change, http.StatusOK, nil)
}

func everyRole() []access.Role { return append([]access.Role{access.None}, access.Roles...) }

func TestEveryRoleMayOverHTTPExactlyWhatTheMatrixSays(t *testing.T) {
	ts := serveNew(t)
	var answered []string
	for _, route := range ts.handler.(*gin.Engine).Routes() {
		// A link is redeemed by those who have no role yet.
		if path, ok := strings.CutPrefix(route.Path, documentRoutes); ok && path != "" && path != "/:document/grants" {
			answered = append(answered, route.Method+" "+path)
		}
	}
	slices.Sort(answered)
	if known := slices.Sorted(maps.Keys(httpExercises)); !slices.Equal(known, answered) {
		t.Fatalf("the exercises are for\n%v\nbut there are\n%v", known, answered)
	}
	for _, role := range everyRole() {
		for route, e := range httpExercises {
			document, guest := ts.shared(role)
			method, path, _ := strings.Cut(route, " ")
			path = strings.NewReplacer(":document", document, ":image", "none", ":revision", "1", ":version", "none", ":link", "none").Replace(path)
			status, header, answer := ts.do(method, documentRoutes+path+e.query, e.body, ts.as(guest)...)
			refused, want := status == http.StatusForbidden, !access.Of(role).Allow(e.action)
			if refused != want || status >= 500 {
				t.Errorf("%q: %s answered %d %s; refused should be %t", role, route, status, answer, want)
			}
			if refused && (header.Get("Content-Type") != "application/problem+json" || !strings.Contains(answer, `"detail":"`)) {
				t.Errorf("%q: %s is refused without a sentence: %s", role, route, answer)
			}
		}
	}
}

func TestEveryRoleMayOverTheSocketExactlyWhatTheMatrixSays(t *testing.T) {
	source, err := os.ReadFile("wire/request.go")
	if err != nil {
		t.Fatal(err)
	}
	exercised := map[string]bool{}
	for name := range socketExercises {
		exercised[strings.Fields(name)[0]] = true
	}
	rightless := "hs pp init u bu pu qf qs qu q:about q:role q:notice" // handshake, pings, going, what only the server says, and what is never offered
	for _, found := range regexp.MustCompile(`Action = "(.*)"`).FindAllStringSubmatch(string(source), -1) {
		if !exercised[found[1]] && !slices.Contains(strings.Fields(rightless), found[1]) {
			t.Errorf("there is no exercise for %q", found[1])
		}
	}
	ts := serveNew(t)
	for _, role := range everyRole() {
		for name, e := range socketExercises {
			document, guest := ts.shared(role)
			p := ts.joinAs("", guest).on(document)
			p.send(e.message)
			p.send(`{"a":"f","c":"documents","d":"<doc>","v":null}`) // answered by the room, after what came before
			refused, want := p.refusedBeforeFetch(e.message), !access.Of(role).Allow(e.action)
			if refused != want {
				t.Errorf("%q: %s is refused: %t, should be %t", role, name, refused, want)
			}
			p.conn.Close()
		}
	}
}

// refusedBeforeFetch reads until a fetch is answered that was sent behind a message, and says whether that was refused.
func (p *peer) refusedBeforeFetch(message string) (refused bool) {
	p.t.Helper()
	fetches := 1 + strings.Count(message, `"a":"f"`)
	for fetches > 0 {
		m := p.receive()
		text, _ := json.Marshal(m)
		forbidden := regexp.MustCompile(`ERR_(SNAPSHOT_READS_REJECTED|OP_SUBMIT_REJECTED|FORBIDDEN)`).Match(text)
		if m["a"] == "f" {
			fetches--
			refused = refused || forbidden && fetches > 0
			continue
		}
		refused = refused || forbidden
	}
	return refused
}

func TestWhoeverMayNotReadIsPutOutOfTheDocumentsOwnSocket(t *testing.T) {
	ts := serveNew(t)
	document, guest := ts.shared(access.None)
	for name, e := range socketExercises {
		if strings.HasPrefix(name, "n") {
			continue // answered by the session, by a refusal
		}
		p := ts.joinAs(document, guest)
		p.send(e.message)
		p.expectClosed(CloseDenied)
	}
}

// expectRole checks that the next message tells of a role.
func (p *peer) expectRole(role access.Role) {
	p.t.Helper()
	m := p.receive()
	may, _ := json.Marshal(m["may"])
	want, _ := json.Marshal(access.Of(role).Names())
	if m["a"] != "q:role" || m["role"] != string(role) || string(may) != string(want) {
		p.t.Fatalf("got %v, want the role %s", m, role)
	}
}

const hello = `{"a":"q:hello","c":"documents","d":"<doc>"}`

func TestChangedRoleAppliesToLiveSessionsAtOnce(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ben := ts.joinAs(doc, "ben")
	ben.send(hello)
	if m := ben.receive(); m["role"] != "editor" {
		t.Fatalf("greeted by %v", m)
	}
	ben.send(subscribe)
	ben.receive()
	ts.share(doc, `{"general":"viewer"}`)
	ben.expectRole(access.Viewer)
	ben.edit(1, 1, `[{"insert":"b"}]`)
	ben.expectError("ERR_OP_SUBMIT_REJECTED")
	ts.share(doc, `{"general":"commenter"}`)
	ben.expectRole(access.Commenter)
	ben.send(`{"a":"q:chat","c":"documents","d":"<doc>","id":"1","v":null,"m":{"text":"may I?"}}`)
	if m := ben.receive(); m["text"] != "may I?" {
		t.Fatalf("told %v", m)
	}
	ts.share(doc, fmt.Sprintf(`{"people":{%q:"editor"}}`, personOf("guest:ben")))
	ben.expectRole(access.Editor)
	ben.edit(1, 2, `[{"insert":"b"}]`)
	ben.expect(ack(1, 2))
	if text := ts.text(doc); text != "ba" {
		t.Fatalf("the text is %q", text)
	}
}

func TestWhoeverLosesAccessIsPutOutAndStaysOut(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ann, ben := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben")
	ann.follow()
	ben.follow()
	ben.send(`{"a":"p","ch":"documents.<doc>","id":"1","p":{"index":0,"length":0},"pv":1,"v":1,"c":"documents","d":"<doc>"}`)
	ben.receive()
	ts.share(doc, `{"general":"restricted"}`)
	_, err := ben.read()
	closed, ok := err.(*websocket.CloseError)
	if !ok || closed.Code != CloseDenied || closed.Text == "" {
		t.Fatalf("ben's connection ended with %v", err)
	}
	ann.edit(1, 1, `[{"insert":"b"}]`)
	ann.expect(ack(1, 1))
	again := ts.joinAs(doc, "ben")
	again.send(subscribe)
	again.expectClosed(CloseDenied)
	ts.ask("ben", "GET", doc+"/text", "", http.StatusForbidden, nil)
}

func TestConnectionOfSeveralDocumentsComesBackToTheOthersWhenOneIsLost(t *testing.T) {
	ts := serveNew(t)
	lost, kept := ts.createAs("ann", "text", "a"), ts.createAs("ann", "text", "b")
	ben := ts.joinAs("", "ben")
	for _, doc := range []string{lost, kept} {
		ben.on(doc).follow()
	}
	ts.share(lost, `{"general":"restricted"}`)
	ben.expectClosed(CloseTryAgain)
	ben = ts.joinAs("", "ben")
	ben.on(lost).send(subscribe)
	ben.expectError("ERR_SNAPSHOT_READS_REJECTED")
	ben.on(kept).follow()
}

func TestDeletedDocumentIsBroughtBackByItsOwnerOnlyAndKeepsItsAccess(t *testing.T) {
	ts := serveNew(t)
	doc := ts.createAs("ann", "text", "a")
	ts.share(doc, `{"general":"commenter"}`)
	ann, ben := ts.joinAs(doc, "ann"), ts.joinAs(doc, "ben")
	ann.send(`{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1,"del":true}`)
	ann.expect(ack(1, 1))
	create := `{"a":"op","c":"documents","d":"<doc>","v":2,"src":"<id>","seq":2,"create":{"type":"rich-text","kind":"text","data":[]}}`
	ben.send(create)
	ben.expectError("ERR_OP_SUBMIT_REJECTED")
	ann.send(create)
	ann.expect(ack(2, 2))
	var info accessInfo
	ts.ask("ben", "GET", doc+"/access", "", http.StatusOK, &info)
	if info.General != "commenter" || info.Role != access.Commenter {
		t.Fatalf("the access is %+v", info)
	}
	ts.ask("ann", "GET", doc+"/access", "", http.StatusOK, &info)
	if info.Role != access.Owner {
		t.Fatalf("its creator is %s", info.Role)
	}
}
