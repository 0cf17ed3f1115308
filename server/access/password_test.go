package access

import (
	"strings"
	"testing"
)

func TestPasswordIsKnownByItsHash(t *testing.T) {
	hash := HashPassword("open sesame")
	if !CheckPassword(hash, "open sesame") || CheckPassword(hash, "open sesam") || CheckPassword(hash, "") {
		t.Error("a hash does not tell its password from others")
	}
	if HashPassword("open sesame") == hash {
		t.Error("two hashes of one password are equal: they have no salt")
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", hash)
	}
}

func TestDamagedHashIsOfNoPassword(t *testing.T) {
	good := HashPassword("a")
	for _, bad := range []string{
		"", "$", "$$$$$", "a", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=4294967295", 1), strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "t=2", "t=99", 1),
		strings.Replace(good, "p=1", "p=0", 1), good[:len(good)-1], good + "$", good[:strings.LastIndex(good, "$")+1],
	} {
		if CheckPassword(bad, "a") {
			t.Errorf("%q passes", bad)
		}
	}
}
