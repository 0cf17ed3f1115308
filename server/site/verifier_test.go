package site

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/quire-editor/quire/server/access"
)

// noon is when the tests take place.
var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// scene is a verifier that knows one site of each kind.
type scene struct {
	*Verifier
	t     *testing.T
	sites map[string]*Site
	// keys are what each site signs with.
	keys map[string]any
	// published are the keys that the sites publish; asked counts how often they were asked for.
	published jose.JSONWebKeySet
	asked     int
}

var secret = []byte("a secret of forty-three letters, as sites ge")

// notes are a memory that lasts as long as a test.
type notes map[string]time.Time

func (n notes) Remember(_ context.Context, name string, _, until time.Time) error {
	n[name] = until
	return nil
}

func (n notes) Each(_ time.Time, fn func(name string, until time.Time)) error {
	for name, until := range n {
		fn(name, until)
	}
	return nil
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, sites: map[string]*Site{}, keys: map[string]any{Secret: secret}}
	s.Verifier = NewVerifier(func() time.Time { return noon }, notes{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked++
		_ = json.NewEncoder(w).Encode(s.published)
	}))
	t.Cleanup(web.Close)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	s.keys[string(jose.RS256)], s.keys[string(jose.ES256)], s.keys[string(jose.EdDSA)] = rsaKey, ecKey, edKey
	for _, algorithm := range append([]string{Secret}, Algorithms...) {
		site := &Site{ID: algorithm, Name: "a site", Origins: []string{"https://wiki.example"}, Audience: "https://docs.example", Algorithm: algorithm}
		if algorithm != Secret {
			site.JWKS = web.URL
			public := s.keys[algorithm].(crypto.Signer).Public()
			s.published.Keys = append(s.published.Keys, jose.JSONWebKey{Key: public, KeyID: algorithm, Algorithm: algorithm, Use: "sig"})
		}
		if err := site.Check(); err != nil {
			t.Fatal(err)
		}
		s.sites[algorithm] = site
	}
	return s
}

func (s *scene) find(id string) (*Site, []byte, bool) {
	site, ok := s.sites[id]
	return site, secret, ok
}

// claims are good ones.
func (s *scene) claims(issuer string) *Claims {
	return &Claims{
		Claims: jwt.Claims{
			Issuer: issuer, Subject: "user-7", Audience: jwt.Audience{"https://docs.example"}, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(noon), Expiry: jwt.NewNumericDate(noon.Add(5 * time.Minute)),
		},
		Name: "Ann", Color: "#112233", Document: "plan", Role: access.Editor,
	}
}

// sign makes a token of claims.
func (s *scene) sign(algorithm string, key any, c any) string {
	s.t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", algorithm)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key}, options)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *scene) verify(token string) (*Claims, error) {
	_, claims, err := s.Verify(s.t.Context(), token, s.find)
	return claims, err
}

func TestTokenOfEachAlgorithmIsBelievedOnce(t *testing.T) {
	s := newScene(t)
	for algorithm, key := range s.keys {
		token := s.sign(algorithm, key, s.claims(algorithm))
		claims, err := s.verify(token)
		if err != nil || claims.Subject != "user-7" || claims.Role != access.Editor || claims.Document != "plan" || claims.Name != "Ann" {
			t.Errorf("%s: %+v, %v", algorithm, claims, err)
		}
		if _, err := s.verify(token); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "jti") {
			t.Errorf("%s: shown again: %v", algorithm, err)
		}
	}
	same := s.claims(Secret)
	same.ID = "one"
	for _, algorithm := range []string{Secret, string(jose.ES256)} {
		same.Issuer = algorithm
		if _, err := s.verify(s.sign(algorithm, s.keys[algorithm], same)); err != nil {
			t.Errorf("%s: another site's jti stands in the way: %v", algorithm, err)
		}
	}
}

func TestTokenIsNotBelievedForEachReason(t *testing.T) {
	s := newScene(t)
	tests := map[string]struct {
		change func(*Claims)
		says   string
	}{
		"expired": {func(c *Claims) {
			c.Expiry = jwt.NewNumericDate(noon.Add(-2 * time.Minute))
			c.IssuedAt = jwt.NewNumericDate(noon.Add(-4 * time.Minute))
		}, "expired"},
		"not valid yet":                    {func(c *Claims) { c.NotBefore = jwt.NewNumericDate(noon.Add(2 * time.Minute)) }, "nbf"},
		"issued in the future":             {func(c *Claims) { c.IssuedAt = jwt.NewNumericDate(noon.Add(2 * time.Minute)) }, "iat"},
		"good for too long":                {func(c *Claims) { c.Expiry = jwt.NewNumericDate(noon.Add(MaxLife + time.Second)) }, "exp"},
		"good for ever":                    {func(c *Claims) { c.Expiry = nil }, "exp"},
		"issued at no time":                {func(c *Claims) { c.IssuedAt = nil }, "iat"},
		"for another audience":             {func(c *Claims) { c.Audience = jwt.Audience{"https://other.example"} }, "aud"},
		"for no audience":                  {func(c *Claims) { c.Audience = nil }, "aud"},
		"of a site unknown to us":          {func(c *Claims) { c.Issuer = "nobody" }, "iss"},
		"of no site":                       {func(c *Claims) { c.Issuer = "" }, "iss"},
		"of a role unknown to us":          {func(c *Claims) { c.Role = "emperor" }, "role"},
		"of no role":                       {func(c *Claims) { c.Role = "" }, "role"},
		"without a name for itself":        {func(c *Claims) { c.ID = "" }, "jti"},
		"with a name like a book":          {func(c *Claims) { c.ID = strings.Repeat("x", maxID+1) }, "jti"},
		"of nobody":                        {func(c *Claims) { c.Subject = "" }, "sub"},
		"for no document":                  {func(c *Claims) { c.Document = "" }, "document"},
		"for a document of others":         {func(c *Claims) { c.Document = "secret" }, "document"},
		"for more than the site may embed": {func(c *Claims) { c.Document = "pl*" }, "document"},
		"with a colour that is a style":    {func(c *Claims) { c.Color = "red;background:url(x)" }, "color"},
		"longer than tokens are":           {func(c *Claims) { c.Name = strings.Repeat("x", maxToken) }, "longer"},
	}
	for _, site := range s.sites {
		site.Documents = []string{"plan*", "list"}
	}
	for name, test := range tests {
		for algorithm, key := range s.keys {
			claims := s.claims(algorithm)
			test.change(claims)
			_, err := s.verify(s.sign(algorithm, key, claims))
			if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrExpired) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s, %s: %v", algorithm, name, err)
			}
		}
	}
	for _, document := range []string{"plan", "plan-b", "plan-*", "list"} {
		claims := s.claims(Secret)
		claims.Document = document
		if _, err := s.verify(s.sign(Secret, secret, claims)); err != nil {
			t.Errorf("the document %s: %v", document, err)
		}
	}
}

func TestForgedTokenIsNotBelieved(t *testing.T) {
	s := newScene(t)
	encode := base64.RawURLEncoding.EncodeToString
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := func(head string, c *Claims) string {
		payload, _ := json.Marshal(c)
		return encode([]byte(head)) + "." + encode(payload) + "."
	}
	tampered := func(algorithm string) string {
		parts := strings.Split(s.sign(algorithm, s.keys[algorithm], s.claims(algorithm)), ".")
		owner := s.claims(algorithm)
		owner.Role = access.Owner
		payload, _ := json.Marshal(owner)
		return parts[0] + "." + encode(payload) + "." + parts[2]
	}
	public, err := json.Marshal(s.published.Keys[0])
	if err != nil {
		t.Fatal(err)
	}
	soon := struct {
		Issuer string `json:"iss"`
		Expiry string `json:"exp"`
	}{Secret, "soon"}
	rs := string(jose.RS256)
	tests := map[string]string{
		"nothing":                        "",
		"no token":                       "a.b.c",
		"four parts":                     s.sign(Secret, secret, s.claims(Secret)) + ".x",
		"alg none":                       unsigned(`{"alg":"none","typ":"JWT"}`, s.claims(Secret)),
		"alg nOnE":                       unsigned(`{"alg":"nOnE"}`, s.claims(Secret)),
		"no alg":                         unsigned(`{"typ":"JWT"}`, s.claims(Secret)),
		"alg none of a site with keys":   unsigned(`{"alg":"none"}`, s.claims(rs)),
		"another secret":                 s.sign(Secret, []byte(strings.Repeat("x", 43)), s.claims(Secret)),
		"another key":                    s.sign(rs, otherKey, s.claims(rs)),
		"the public key for a secret":    s.sign(Secret, public, s.claims(rs)),
		"the secret's algorithm":         s.sign(Secret, secret, s.claims(rs)),
		"a key's algorithm for a secret": s.sign(rs, s.keys[rs], s.claims(Secret)),
		"another site's key":             s.sign(string(jose.ES256), s.keys[string(jose.ES256)], s.claims(rs)),
		"a longer secret's algorithm":    s.sign(string(jose.HS512), []byte(strings.Repeat(string(secret), 2)), s.claims(Secret)),
		"tampered":                       tampered(Secret),
		"tampered, of a site with keys":  tampered(rs),
		"times that are none":            s.sign(Secret, secret, soon),
	}
	for name, token := range tests {
		if claims, err := s.verify(token); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %+v, %v", name, claims, err)
		}
	}
}

func TestKeysAreAskedForOnceInAWhileWhateverTokensName(t *testing.T) {
	s := newScene(t)
	now := noon
	s.now = func() time.Time { return now }
	es := string(jose.ES256)
	if _, err := s.verify(s.sign(es, s.keys[es], s.claims(es))); err != nil {
		t.Fatal(err)
	}
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for i := range 20 {
		signer, _ := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: stranger}, (&jose.SignerOptions{}).WithHeader("kid", fmt.Sprint(i)))
		token, _ := jwt.Signed(signer).Claims(s.claims(es)).Serialize()
		if _, err := s.verify(token); err == nil {
			t.Fatal("a key that is not published is believed")
		}
	}
	if s.asked != 1 {
		t.Errorf("the site was asked %d times for its keys", s.asked)
	}
	// A new key is learned of later.
	fresh, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.published.Keys = []jose.JSONWebKey{{Key: fresh.Public(), KeyID: es, Algorithm: es, Use: "sig"}}
	now = now.Add(keysEvery)
	token := s.sign(es, fresh, s.claims(es))
	_, err := s.verify(token)
	for tries := 0; err != nil && tries < 10_000; tries++ { // the library may not have put its last try away
		runtime.Gosched()
		_, err = s.verify(token)
	}
	if err != nil || s.asked != 2 {
		t.Errorf("a new key: %v; the site was asked %d times", err, s.asked)
	}
}

func TestTokensThatHaveExpiredAreForgotten(t *testing.T) {
	s := newScene(t)
	for i := range maxUsed {
		s.used[fmt.Sprint(i)] = noon.Add(time.Minute)
	}
	if _, err := s.verify(s.sign(Secret, secret, s.claims(Secret))); !errors.Is(err, ErrBusy) {
		t.Errorf("one token too many: %v", err)
	}
	for i := range maxUsed / 2 {
		s.used[fmt.Sprint(i)] = noon.Add(-time.Second)
	}
	if _, err := s.verify(s.sign(Secret, secret, s.claims(Secret))); err != nil || len(s.used) != maxUsed/2+1 {
		t.Errorf("afterwards: %v, %d remembered", err, len(s.used))
	}
}

func TestSiteIsCheckedBeforeItIsKnown(t *testing.T) {
	good := Site{Name: "a", Origins: []string{"https://a.example"}, Audience: "https://b.example", Algorithm: Secret}
	for name, change := range map[string]func(*Site){
		"no name":                func(s *Site) { s.Name = "" },
		"two lines":              func(s *Site) { s.Name = "a\nb" },
		"no audience":            func(s *Site) { s.Audience = "" },
		"no origin":              func(s *Site) { s.Origins = nil },
		"a page for an origin":   func(s *Site) { s.Origins = []string{"https://a.example/page"} },
		"every origin":           func(s *Site) { s.Origins = []string{"*"} },
		"a policy for an origin": func(s *Site) { s.Origins = []string{"https://a.example; script-src *"} },
		"a script for an origin": func(s *Site) { s.Origins = []string{"javascript:alert(1)"} },
		"no algorithm":           func(s *Site) { s.Algorithm = "" },
		"none":                   func(s *Site) { s.Algorithm, s.JWKS = "none", "https://a.example/keys" },
		"a secret and keys":      func(s *Site) { s.JWKS = "https://a.example/keys" },
		"keys at no address":     func(s *Site) { s.Algorithm = "RS256" },
		"keys that can be read":  func(s *Site) { s.Algorithm, s.JWKS = "RS256", "http://a.example/keys" },
		"keys in a file":         func(s *Site) { s.Algorithm, s.JWKS = "RS256", "file:///etc/passwd" },
	} {
		s := good
		change(&s)
		if s.Check() == nil {
			t.Errorf("%s: %+v passes", name, s)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func FuzzVerify(f *testing.F) {
	s := &scene{sites: map[string]*Site{"HS256": {ID: "HS256", Algorithm: Secret, Audience: "a"}}}
	f.Add("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiJ9.AAAA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		v := NewVerifier(time.Now, notes{})
		if _, claims, err := v.Verify(t.Context(), token, s.find); err == nil {
			t.Fatalf("%q is believed to say %+v", token, claims)
		}
	})
}
