package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// claims are what a token says of a user of this site: see docs/access.md.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Name     string `json:"name"`
	Document string `json:"doc"`
	Role     string `json:"role"`
	Create   bool   `json:"create"`
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
}

// sign returns claims as a JSON Web Token, signed with HS256.
func sign(secret string, c claims) string {
	said, err := json.Marshal(c)
	if err != nil {
		panic(err) // they are texts and numbers
	}
	token := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(said)
	return token + "." + encode(mac(secret, token))
}

func mac(secret, text string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// newID names a token: each is for one use.
func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // it never fails
	return encode(id)
}
