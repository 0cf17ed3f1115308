package access

import (
	"os"
	"strings"
	"testing"
)

func TestDocumentationHasTheMatrix(t *testing.T) {
	text, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), Table()) {
		t.Errorf("docs/access.md does not have the table\n%s", Table())
	}
}

func TestEachRoleMayAllThatTheOnesBeforeItMay(t *testing.T) {
	before := Of(None)
	if len(before.Names()) != 0 {
		t.Fatalf("without a role one may %v", before.Names())
	}
	for _, role := range Roles {
		rights := Of(role)
		for _, a := range Actions() {
			if before.Allow(a) && !rights.Allow(a) {
				t.Errorf("%s may not %s", role, a)
			}
		}
		if rights == before {
			t.Errorf("%s may no more than the role before", role)
		}
		before = rights
	}
	for _, a := range Actions() {
		if !before.Allow(a) || a.String() == "" || a.Refusal() == "" {
			t.Errorf("action %d: a name, a refusal, and that an owner may do it, are missing", a)
		}
	}
}

func TestRightsAreOfAllThatACallerHas(t *testing.T) {
	ann, ben := &Caller{Principal: "guest:ann", Person: "A"}, &Caller{Principal: "guest:ben", Person: "B"}
	barred := &Caller{Principal: "guest:ann", Person: "A", Barred: true}
	people := map[string]Role{"B": Commenter}
	tests := map[string]struct {
		policy Policy
		caller *Caller
		want   Role
	}{
		"nothing was said":                  {Policy{Owner: "guest:ann", Access: Default()}, ben, Editor},
		"the owner":                         {Policy{Owner: "guest:ann"}, ann, Owner},
		"restricted":                        {Policy{Owner: "guest:ann"}, ben, None},
		"a role of one's own":               {Policy{Owner: "guest:ann", Access: Access{People: people}}, ben, Commenter},
		"more than everybody":               {Policy{Access: Access{General: Viewer, People: people}}, ben, Commenter},
		"less than everybody":               {Policy{Access: Access{General: Editor, People: people}}, ben, Editor},
		"nobody owns it":                    {Policy{}, &Caller{}, None},
		"a role unknown to us":              {Policy{Access: Access{General: "emperor"}}, ben, None},
		"an unknown role beside a known":    {Policy{Access: Access{General: Viewer, People: map[string]Role{"B": "emperor"}}}, ben, Viewer},
		"the server asks for more":          {Policy{Owner: "guest:ann", Access: Default()}, barred, None},
		"somebody else's role, by the name": {Policy{Access: Access{People: map[string]Role{"guest:ben": Editor}}}, ben, None},
	}
	for name, test := range tests {
		if got := test.policy.Rights(test.caller, 0); got != Of(test.want) {
			t.Errorf("%s: %q, want %q", name, got.Role, test.want)
		}
	}
}

func TestCurrentVersionOnlyTakesThePastAwayAndNothingElse(t *testing.T) {
	rights := Of(Editor).CurrentOnly()
	if got := strings.Join(rights.Names(), " "); got != "read edit" || rights.Role != Editor {
		t.Errorf("%s may %s", rights.Role, got)
	}
	if both := rights.With(Of(Viewer)); strings.Join(both.Names(), " ") != "read history messages edit" || both.Role != Editor {
		t.Errorf("beside a viewer's rights: %s, %v", both.Role, both.Names())
	}
}
