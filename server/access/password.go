package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a password costs to try: 19 MiB and two passes, which is what OWASP asks for at least.
const (
	argonMemory  = 19 << 10 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// HashPassword returns what is kept of a password: an argon2id hash in the form that other programs read too. It takes some tens of
// milliseconds and argonMemory.
func HashPassword(password string) string {
	var salt [argonSalt]byte
	_, _ = rand.Read(salt[:]) // never fails: it ends the process instead
	key := argon2.IDKey([]byte(password), salt[:], argonPasses, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonPasses, argonThreads, b64.EncodeToString(salt[:]), b64.EncodeToString(key))
}

// maxArgonMemory and maxArgonPasses bound what a stored hash may ask for.
const (
	maxArgonMemory = 1 << 20 // KiB
	maxArgonPasses = 64
)

// CheckPassword says whether a password is the one that hash was made of. It takes as long whether it is or not.
func CheckPassword(hash, password string) bool {
	parts := strings.Split(hash, "$") // "", argon2id, v=, m=,t=,p=, salt, key
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || memory > maxArgonMemory || passes < 1 || passes > maxArgonPasses || threads < 1 {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) != argonKey {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, argonKey)
	return subtle.ConstantTimeCompare(got, want) == 1
}
