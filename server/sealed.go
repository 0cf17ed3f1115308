package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// sealer seals what the server gives away and wants back as it was. What is sealed can be read by whoever has it.
type sealer struct{ secret []byte }

// seal returns the seal of a text that means something as one kind of thing, and nothing as another.
func (s sealer) seal(kind, text string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(kind + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s sealer) isSeal(kind, text, seal string) bool {
	return hmac.Equal([]byte(seal), []byte(s.seal(kind, text)))
}

// wrap returns a value with its seal, in letters that cookies and headers take. The value always encodes.
func (s sealer) wrap(kind string, v any) string {
	said, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	text := base64.RawURLEncoding.EncodeToString(said)
	return text + "." + s.seal(kind, text)
}

// unwrap reads what wrap returned, and says whether it is that.
func (s sealer) unwrap(kind, wrapped string, into any) bool {
	text, seal, _ := strings.Cut(wrapped, ".")
	if !s.isSeal(kind, text, seal) {
		return false
	}
	said, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(said, into) == nil
}
