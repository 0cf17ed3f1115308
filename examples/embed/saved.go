package main

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// saved is what the Quire server has sent of this site's documents. A site of yours puts it into its search, or mails it to people.
type saved struct {
	// secret is what the server signs with.
	secret string

	mu        sync.Mutex
	documents map[string]save
}

// save is the part of such a message that this site uses.
type save struct {
	Document string `json:"document"`
	Revision uint64 `json:"revision"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Authors  []struct {
		Name string `json:"name"`
	} `json:"authors"`
}

const (
	// maxAge is how old a message may be: an older one may be an old one that somebody has recorded.
	maxAge = 5 * time.Minute
	// maxBody is in bytes.
	maxBody = 64 << 20
)

// take keeps what the server sends. Anything but an answer of 2xx has it sent again.
func (s *saved) take(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, maxBody))
	var got save
	switch {
	case err != nil:
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	case !isSigned(s.secret, req.Header.Get("Quire-Signature"), body, time.Now()):
		http.Error(rw, "this is not signed by the Quire server", http.StatusForbidden)
		return
	case json.Unmarshal(body, &got) != nil:
		http.Error(rw, "this is not JSON", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.documents == nil {
		s.documents = map[string]save{}
	}
	if got.Revision >= s.documents[got.Document].Revision { // an older one may come late
		s.documents[got.Document] = got
	}
	log.Printf("%s is saved as of revision %d", got.Document, got.Revision)
}

// isSigned says whether a header "t=SECONDS,v1=HEX" is the signature of a body: HMAC-SHA256 of the seconds, a dot and the body.
func isSigned(secret, header string, body []byte, now time.Time) bool {
	at, signature, ok := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	seconds, err := strconv.ParseInt(at, 10, 64)
	given, bad := hex.DecodeString(signature)
	if !ok || err != nil || bad != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return false
	}
	return hmac.Equal(given, mac(secret, at+"."+string(body)))
}

// show answers with all that was saved.
func (s *saved) show(rw http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(s.documents) // whoever does not read it has gone
}
