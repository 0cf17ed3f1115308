package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/quire-editor/quire/server/access"
)

// grants recognises what the server gave to whoever redeemed a link: a cookie that lists them, and a token for pages that have
// no cookies. The cookie is bound to who redeemed them.
type grants struct{ sealer }

const (
	// grantPrefix begins a token that stands for one redeemed link.
	grantPrefix = "quire_g_"
	// grantCookie lists the newest links that a guest has redeemed.
	grantCookie = "quire_grants"
	// maxGrantBytes is how much of them is remembered: a cookie may have 4,096 bytes.
	maxGrantBytes = 3500
)

// token returns what stands for one grant of somebody where there are no cookies. Scripts can read it, so it is not for who has the
// cookie: it stands for a guest of its own, the same one for each link of a document.
func (g grants) token(principal string, grant access.Grant) string {
	name := sourceOf(principal + " " + grant.Document)
	said := name + "." + grant.Document + "." + grant.Link
	return grantPrefix + said + "." + g.seal("grant", said)
}

// read returns the guest and the grant that a token stands for.
func (g grants) read(token string) (guest string, grant access.Grant, ok bool) {
	said, seal, _ := cutLast(strings.TrimPrefix(token, grantPrefix), ".")
	parts := strings.Split(said, ".")
	if len(parts) != 3 || !g.isSeal("grant", said, seal) {
		return "", access.Grant{}, false
	}
	return guestPrefix + parts[0], access.Grant{Document: parts[1], Link: parts[2]}, true
}

// of returns the grants that somebody's request lists.
func (g grants) of(req *http.Request, principal string) (list []access.Grant) {
	value, ok := cookie(req, grantCookie)
	if !ok {
		return nil
	}
	said, seal, _ := cutLast(value, ".")
	if !g.isSeal("grants", principal+" "+said, seal) {
		return nil
	}
	for entry := range strings.SplitSeq(said, "~") {
		document, link, _ := strings.Cut(entry, ".")
		list = append(list, access.Grant{Document: document, Link: link})
	}
	return list
}

// list returns the cookie of somebody who has one more grant.
func (g grants) list(principal string, before []access.Grant, one access.Grant) string {
	all := append([]access.Grant{one}, slices.DeleteFunc(slices.Clone(before), func(other access.Grant) bool { return other == one })...)
	said := ""
	for i, grant := range all {
		entry := grant.Document + "." + grant.Link
		if i > 0 {
			entry = "~" + entry
		}
		if len(said)+len(entry) > maxGrantBytes {
			break
		}
		said += entry
	}
	return said + "." + g.seal("grants", principal+" "+said)
}

// cutLast cuts around the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return "", s, false
}
