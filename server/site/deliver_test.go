package site

import (
	"testing"
	"time"
)

// docs/embedding.md has the same example.
func TestSignatureIsTheOneInTheManual(t *testing.T) {
	const want = "t=1767225600,v1=d495d1fc343866712c09311c57edfe815d37591ec48fe53c27e29c4339de674a"
	if got := Signature("s3cret", []byte(`{"event":"saved"}`), time.Unix(1767225600, 0)); got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}
