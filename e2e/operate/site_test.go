package operate

import (
	"regexp"
	"strings"
	"testing"
)

func TestSitesAreAddedListedAndRemoved(t *testing.T) {
	s := newSite(t)
	add := []string{"site", "add", "--data", s.data, "--audience", "https://docs.example", "--origin", "https://wiki.example"}
	added := regexp.MustCompile(`^site (\S+)\nsecret (\S{43})\n$`).FindStringSubmatch(run(t, 0, append(add, "wiki")...).Out)
	if added == nil {
		t.Fatal("a site and its secret are not told")
	}
	keyed := append(add, "--algorithm", "ES256", "--jwks", "https://wiki.example/keys", "--document", "team-*", "keyed")
	if out := run(t, 0, keyed...).Out; strings.Contains(out, "secret") {
		t.Errorf("a site with keys of its own gets %q", out)
	}
	if o := run(t, 1, append(add, "--algorithm", "ES256", "no keys")...); !strings.Contains(o.Err, "address of keys") {
		t.Errorf("a site without keys: %q", o.Err)
	}
	list := run(t, 0, "site", "list", "--data", s.data).Out
	if !strings.Contains(list, added[1]) || !regexp.MustCompile(`keyed +https://wiki.example +ES256 +team-\*`).MatchString(list) || strings.Contains(list, added[2]) {
		t.Errorf("the list is\n%s", list)
	}
	run(t, 0, "site", "remove", "--data", s.data, added[1])
	if list := run(t, 0, "site", "list", "--data", s.data).Out; strings.Contains(list, added[1]) {
		t.Errorf("a removed site is listed:\n%s", list)
	}
	if o := run(t, 1, "site", "remove", "--data", s.data, added[1]); !strings.Contains(o.Err, "no such site") {
		t.Errorf("removing it again says %q", o.Err)
	}
}
