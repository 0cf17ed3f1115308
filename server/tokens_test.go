package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/quire-editor/quire/server/access"
)

// token makes a token and returns its text and ID.
func (ts *testServer) token(role access.Role, documents ...string) (text, id string) {
	ts.t.Helper()
	token, text, err := ts.CreateToken(ts.t.Context(), "robot", access.Scope{Role: role, Documents: documents}, 0)
	if err != nil {
		ts.t.Fatal(err)
	}
	return text, token.ID
}

func by(token string) []string { return []string{"Authorization", "Bearer " + token} }

// joinBy opens a connection with a token in its header, and shakes hands.
func (ts *testServer) joinBy(document, token string) *peer {
	ts.t.Helper()
	return ts.joinWith(document, by(token))
}

// shakeWith shakes hands with a token.
func (p *peer) shakeWith(token string) {
	p.send(`{"a":"hs","id":null,"protocol":1,"token":"` + token + `"}`)
}

func TestTokenMayDoWhatItIsForAndNothingElse(t *testing.T) {
	ts := serveNew(t)
	open := ts.createAs("ann", "text", "open to all")
	for _, role := range []access.Role{access.Viewer, access.Editor, access.Owner} {
		for route, e := range httpExercises {
			doc := ts.restrictedDocument("hello")
			text, _ := ts.token(role, doc)
			method, path, _ := strings.Cut(route, " ")
			path = strings.NewReplacer(":document", doc, ":image", "none", ":revision", "1", ":version", "none", ":link", "none").Replace(path)
			status, _, answer := ts.do(method, documentRoutes+path+e.query, e.body, by(text)...)
			want := access.Of(role).Allow(e.action) && path != "/"+doc+"/forks" // a token for one document makes no other
			if allowed := status != 403 && status != 401; allowed != want {
				t.Errorf("%s: %s answers %d %s", role, route, status, answer)
			}
			if status, _, _ := ts.do("GET", documentRoutes+"/"+open, "", by(text)...); status != 403 {
				t.Fatalf("%s: a document that it is not for answers %d", role, status)
			}
		}
		doc := ts.restrictedDocument("hello")
		text, _ := ts.token(role, doc[:20]+"*")
		p := ts.joinBy(doc, text)
		p.send(hello)
		if m := p.receive(); m["role"] != string(role) {
			t.Errorf("the socket greets a token for %s by %v", role, m)
		}
	}
}

func TestTokenForAllDocumentsCreatesAndListsThem(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Auth = AuthAll })
	for role, want := range map[access.Role]int{access.Viewer: 401, access.Editor: 201, access.Owner: 201} {
		text, _ := ts.token(role)
		status, _, answer := ts.do("POST", documentRoutes, `{"kind":"text","title":"`+string(role)+`"}`, by(text)...)
		if status != want {
			t.Errorf("%s: creating answers %d %s", role, status, answer)
		}
	}
	text, _ := ts.token(access.Viewer)
	if _, _, list := ts.do("GET", documentRoutes, "", by(text)...); strings.Count(list, `"id"`) != 2 {
		t.Errorf("it lists %s", list)
	}
	if status, _, _ := ts.do("GET", documentRoutes, ""); status != 200 {
		t.Errorf("a guest's list answers %d", status)
	}
}

func TestRevokedTokenEndsItsConnectionsWhereverTheyAre(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	text, id := ts.token(access.Editor)
	kept, _ := ts.token(access.Editor)
	inRoom, idle, inBand, other := ts.joinBy(doc, text), ts.joinBy("", text), ts.dial(doc), ts.joinBy(doc, kept)
	inRoom.follow()
	inBand.shakeWith(text)
	inBand.receive()
	inBand.follow()
	other.follow()
	if err := ts.RevokeToken(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*peer{inRoom, idle, inBand} {
		p.expectClosed(CloseUnauthorized)
	}
	if status, _, _ := ts.do("GET", documentRoutes+"/"+doc, "", by(text)...); status != 401 {
		t.Errorf("afterwards a request answers %d", status)
	}
	back := ts.dial(doc)
	back.shakeWith(text)
	back.expectClosed(CloseUnauthorized)
	other.edit(1, 1, `[{"insert":"b"}]`)
	other.expect(`{"a":"op","c":"documents","d":"<doc>","v":1,"src":"<id>","seq":1}`)
	if err := ts.RevokeToken(t.Context(), id); err == nil {
		t.Error("a token is revoked twice")
	}
}

func TestTokenInTheHandshakeSaysWhoOneIs(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Auth = AuthAll })
	text, _ := ts.token(access.Editor)
	p := ts.dial("made-by-token")
	p.shakeWith(text)
	p.id, _ = p.receive()["id"].(string)
	p.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"create":{"type":"rich-text","kind":"text","data":[]}}`)
	p.expect(ack(0, 1))
	if owner := ts.ownerOf("made-by-token"); !strings.HasPrefix(owner, tokenPrincipal) {
		t.Errorf("the document is %s's", owner)
	}
	another, _ := ts.token(access.Editor)
	p.shakeWith(another) // the connection has been used
	p.expectClosed(CloseUnauthorized)
	for _, wrong := range []string{"x", tokenPrefix, text + "x", tokenPrefix + newID()} {
		p := ts.dial("made-by-token")
		p.shakeWith(wrong)
		p.expectClosed(CloseUnauthorized)
	}
	p = ts.dial("made-by-token")
	p.send(`{"a":"hs","id":null,"protocol":1,"token":7}`)
	p.expectError("ERR_MESSAGE_BADLY_FORMED")
}

func TestTokenOfTheSamePersonIsRenewedOnTheSameConnection(t *testing.T) {
	ts := serveNew(t)
	doc := ts.restrictedDocument("a")
	view, edit := ts.link(doc, `{"role":"viewer"}`), ts.link(doc, `{"role":"editor"}`)
	_, viewing, _ := ts.redeem("ben", doc, view.Key, "")
	_, editing, _ := ts.redeem("ben", doc, edit.Key, "")
	p := ts.dial(doc)
	p.shakeWith(viewing.Grant)
	p.id, _ = p.receive()["id"].(string)
	p.send(hello)
	p.receive()
	p.edit(1, 1, `[{"insert":"b"}]`)
	p.expectError("ERR_OP_SUBMIT_REJECTED")
	p.shakeWith(editing.Grant)
	if m := p.receive(); m["a"] == "hs" && m["id"] != p.id {
		t.Errorf("with another token the client is %v", m)
	}
	p.receive() // the handshake, or the new role
	p.edit(1, 2, `[{"insert":"b"}]`)
	p.expect(ack(1, 2))
}

func TestTokenIsMadeOnlyAsItMakesSense(t *testing.T) {
	ts := serveNew(t)
	good := access.Scope{Role: access.Viewer}
	for name, test := range map[string]struct {
		name    string
		scope   access.Scope
		expires int64
	}{
		"no name":              {"", good, 0},
		"two lines":            {"a\nb", good, 0},
		"a long name":          {strings.Repeat("x", maxTokenName+1), good, 0},
		"no role":              {"a", access.Scope{}, 0},
		"a role unknown to us": {"a", access.Scope{Role: "emperor"}, 0},
		"the past":             {"a", good, 1},
		"no document":          {"a", access.Scope{Role: access.Viewer, Documents: []string{"a/b"}}, 0},
	} {
		if _, _, err := ts.CreateToken(t.Context(), test.name, test.scope, test.expires); err == nil {
			t.Errorf("%s: a token is made", name)
		}
	}
	for i := range maxTokens {
		if _, _, err := ts.CreateToken(t.Context(), fmt.Sprint(i), good, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := ts.CreateToken(t.Context(), "one too many", good, 0); err == nil {
		t.Error("there is one token too many")
	}
}

func TestTokenThatHasExpiredIsNone(t *testing.T) {
	ts := serveNew(t)
	text, _ := ts.token(access.Viewer)
	err := ts.tokens.change(t.Context(), func(all *[]keptToken) error {
		(*all)[0].Expires = 1
		return nil
	})
	if status, _, _ := ts.do("GET", documentRoutes, "", by(text)...); err != nil || status != http.StatusUnauthorized {
		t.Errorf("it answers %d, %v", status, err)
	}
}
