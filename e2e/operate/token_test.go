package operate

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// answersTo is the status with which a site lists documents to whoever shows a token.
func (s *site) answersTo(token string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL+"/api/v1/documents", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestTokensAreMadeListedAndRevokedWhileTheServerRunsAndWithoutIt(t *testing.T) {
	s := newSite(t)
	live := strings.TrimSpace(run(t, 0, "token", "create", "--data", s.data, "--allow", "write", "live").Out)
	if status := s.answersTo(live); status != 200 {
		t.Fatalf("a new token is answered %d", status)
	}
	s.stop()
	still := strings.TrimSpace(run(t, 0, "token", "create", "--data", s.data, "--document", "team-*", "--days", "30", "still").Out)
	s.start()
	for _, token := range []string{live, still} {
		if status := s.answersTo(token); status != 200 {
			t.Errorf("after a restart a token is answered %d", status)
		}
	}
	list := run(t, 0, "token", "list", "--data", s.data).Out
	row := regexp.MustCompile(`(?m)^(\S+) +live +write +all +\S+ +never$`).FindStringSubmatch(list)
	if row == nil || !regexp.MustCompile(`(?m) still +read +team-\* +\S+ +20\d\d-`).MatchString(list) || strings.Contains(list, live) {
		t.Fatalf("the list is\n%s", list)
	}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"/ws", http.Header{"Authorization": {"Bearer " + live}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	run(t, 0, "token", "revoke", "--data", s.data, row[1])
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, 4401) {
		t.Errorf("the connection of a revoked token ends with %v", err)
	}
	if a, b := s.answersTo(live), s.answersTo(still); a != 401 || b != 200 {
		t.Errorf("the revoked token is answered %d, the other %d", a, b)
	}
	if o := run(t, 1, "token", "revoke", "--data", s.data, row[1]); !strings.Contains(o.Err, "no such token") {
		t.Errorf("revoking it again says %q", o.Err)
	}
}
