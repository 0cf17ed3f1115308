package site

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Verifier checks tokens of sites. Each token is believed once.
type Verifier struct {
	now    func() time.Time
	memory Memory

	mu sync.Mutex
	// recalled says that used has what memory had from before.
	recalled bool
	// keys are the published keys of sites, by their address.
	keys map[string]*oidc.RemoteKeySet
	// used are the tokens that were shown and have not expired, by site and jti, with the time when they have.
	used map[string]time.Time
}

// Memory keeps beyond the end of the process which tokens were shown.
type Memory interface {
	// Remember notes that a token was shown, which expires at a time. It returns once that is durable.
	Remember(ctx context.Context, name string, now, until time.Time) error
	// Each calls fn for all that were noted and may not have expired.
	Each(now time.Time, fn func(name string, until time.Time)) error
}

// NewVerifier makes a verifier by a clock.
func NewVerifier(now func() time.Time, memory Memory) *Verifier {
	return &Verifier{now: now, memory: memory, keys: map[string]*oidc.RemoteKeySet{}, used: map[string]time.Time{}}
}

// maxToken is the longest token, in bytes; maxUsed is how many are remembered at a time.
const (
	maxToken = 8 << 10
	maxUsed  = 100_000
)

// ErrBusy is returned while so many tokens are shown that it is not known which were shown before.
var ErrBusy = errors.New("too many tokens at once")

// Verify returns what a token says, after checking that a site says it and that it was not shown before. find returns a site by its
// ID, and the secret that it was given. Errors: ErrExpired, ErrInvalid, ErrBusy.
func (v *Verifier) Verify(ctx context.Context, token string, find func(id string) (s *Site, secret []byte, ok bool)) (*Site, *Claims, error) {
	if len(token) > maxToken {
		return nil, nil, invalid("it is longer than %d bytes", maxToken)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256, jose.RS256, jose.ES256, jose.EdDSA})
	if err != nil {
		return nil, nil, invalid("%w", err)
	}
	var said struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &said); err != nil {
		return nil, nil, invalid("%w", err)
	}
	s, secret, ok := find(said.Issuer)
	if !ok {
		return nil, nil, invalid("there is no site %q (iss)", said.Issuer)
	}
	payload, err := v.signature(ctx, s, secret, signed, token)
	if err != nil {
		return nil, nil, err
	}
	claims := &Claims{}
	if err := json.Unmarshal(payload, claims); err != nil {
		return nil, nil, invalid("%w", err)
	}
	if err := claims.check(s, v.now()); err != nil {
		return nil, nil, err
	}
	name, until := s.ID+" "+claims.ID, claims.Expiry.Time().Add(Leeway)
	if err := v.use(name, until); err != nil {
		return nil, nil, err
	}
	return s, claims, v.memory.Remember(ctx, name, v.now(), until)
}

// signature returns the payload of a token that a site has signed, with the one algorithm that the site signs with.
func (v *Verifier) signature(ctx context.Context, s *Site, secret []byte, signed *jose.JSONWebSignature, token string) ([]byte, error) {
	if used := signed.Signatures[0].Header.Algorithm; used != s.Algorithm {
		return nil, invalid("it is signed with %s, and the site signs with %s (alg)", used, s.Algorithm)
	}
	if s.Algorithm == Secret {
		payload, err := signed.Verify(secret)
		if err != nil {
			return nil, invalid("its signature is not the site's")
		}
		return payload, nil
	}
	config := &oidc.Config{ClientID: s.Audience, SupportedSigningAlgs: []string{s.Algorithm}, SkipExpiryCheck: true, Now: v.now}
	verified, err := oidc.NewVerifier(s.ID, v.keysOf(s), config).Verify(ctx, token)
	if err != nil {
		return nil, invalid("%w", err)
	}
	var payload json.RawMessage
	err = verified.Claims(&payload)
	return payload, err
}

const (
	// keysTime is how long a site may take to tell its keys.
	keysTime = 10 * time.Second
	// keysEvery is how often it is asked at most, whatever keys tokens name.
	keysEvery = 10 * time.Second
)

func (v *Verifier) keysOf(s *Site) *oidc.RemoteKeySet {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys := v.keys[s.JWKS]
	if keys == nil {
		client := &http.Client{Timeout: keysTime, Transport: &sparing{next: http.DefaultTransport, now: v.now}}
		keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), s.JWKS)
		v.keys[s.JWKS] = keys
	}
	return keys
}

// sparing makes one request every keysEvery: a token can name any key, and each unknown one is asked for.
type sparing struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	last time.Time
}

var errSparing = errors.New("the site was asked for its keys a moment ago")

func (s *sparing) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	now := s.now()
	early := !s.last.IsZero() && now.Sub(s.last) < keysEvery
	if !early {
		s.last = now
	}
	s.mu.Unlock()
	if early {
		return nil, errSparing
	}
	return s.next.RoundTrip(req)
}

// use notes in memory that a token was shown, and refuses one that was before.
func (v *Verifier) use(name string, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.recalled {
		if err := v.memory.Each(v.now(), func(name string, until time.Time) { v.used[name] = until }); err != nil {
			return err
		}
		v.recalled = true
	}
	if _, again := v.used[name]; again {
		return invalid("it was shown before (jti); a token is for one use")
	}
	if len(v.used) >= maxUsed {
		for other, until := range v.used {
			if v.now().After(until) {
				delete(v.used, other)
			}
		}
		if len(v.used) >= maxUsed {
			return ErrBusy
		}
	}
	v.used[name] = until
	return nil
}
