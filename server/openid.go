package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OpenID is where people sign in: a provider of OpenID Connect, and as what this server is known there. Without an issuer nobody can.
type OpenID struct {
	Issuer, ClientID, ClientSecret string
	// NeedsEmail has people's e-mail addresses asked for.
	NeedsEmail bool
}

// openID signs people in.
type openID struct {
	config OpenID

	mu sync.Mutex
	// provider is nil until it was reached.
	provider *oidc.Provider
}

// providerTime is how long the provider may take to answer.
const providerTime = 10 * time.Second

func (o *openID) isConfigured() bool { return o.config.Issuer != "" }

// reach asks the provider for its addresses and keys, unless that is known. It need not be there when the server starts.
func (o *openID) reach(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil {
		return o.provider, nil
	}
	provider, err := oidc.NewProvider(withPatience(ctx), o.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("reach the provider %s: %w", o.config.Issuer, err)
	}
	o.provider = provider
	return provider, nil
}

// withPatience bounds the requests that the libraries make.
func withPatience(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: providerTime})
}

// client is this server to a provider; people come back to an address of it.
func (o *openID) client(p *oidc.Provider, back string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: o.config.ClientID, ClientSecret: o.config.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: back,
		Scopes: o.scopes(),
	}
}

// scopes are what a provider is asked to tell: the e-mail address only where admins are named by theirs.
func (o *openID) scopes() []string {
	if o.config.NeedsEmail {
		return []string{oidc.ScopeOpenID, "profile", "email"}
	}
	return []string{oidc.ScopeOpenID, "profile"}
}

// signingIn is what is remembered of somebody who is on their way to the provider and back, in a sealed cookie.
type signingIn struct {
	State    string `json:"s"`
	Nonce    string `json:"o"`
	Verifier string `json:"v"`
	// Next is where they go then, below the host.
	Next string `json:"n"`
	// Expires is in milliseconds since the epoch.
	Expires int64 `json:"e"`
}

// errSignIn is in the error of whoever does not come back as they went.
var errSignIn = errors.New("the provider did not sign you in")

// exchange returns whom a provider has signed in, for the code that it gave them.
func (o *openID) exchange(ctx context.Context, back, code string, went signingIn) (account, error) {
	provider, err := o.reach(ctx)
	if err != nil {
		return account{}, err
	}
	ctx = withPatience(ctx)
	tokens, err := o.client(provider, back).Exchange(ctx, code, oauth2.VerifierOption(went.Verifier))
	if err != nil {
		return account{}, fmt.Errorf("%w: %w", errSignIn, err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: o.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return account{}, fmt.Errorf("%w: %w", errSignIn, err)
	}
	if token.Nonce != went.Nonce {
		return account{}, fmt.Errorf("%w: the nonce is another", errSignIn)
	}
	var claims struct {
		Name              string `json:"name"`
		PreferredUsername string `json:"preferred_username"`
		Email             string `json:"email"`
		EmailVerified     bool   `json:"email_verified"`
	}
	if err := token.Claims(&claims); err != nil {
		return account{}, fmt.Errorf("%w: %w", errSignIn, err)
	}
	name := claims.Name
	if name == "" {
		name = claims.PreferredUsername
	}
	who := account{
		Principal: accountOf(token.Issuer, token.Subject), Subject: token.Subject,
		Name: strings.ToValidUTF8(name[:min(len(name), maxPersonName)], ""), Expires: nowMillis() + accountLife,
	}
	if claims.EmailVerified {
		who.Email = claims.Email
	}
	return who, nil
}

// isBelowHost says whether an address leads to a page of this server: "//host" and "/\host" do not, to browsers.
func isBelowHost(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.ContainsAny(address, "\\\r\n\t")
}
