package site

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	// SignatureHeader has the time of a message in seconds since the epoch and its signature: t=SECONDS,v1=HEX.
	SignatureHeader = "Quire-Signature"
	// DeliveryHeader names a message: the document and the revision. One that is sent again has the same name.
	DeliveryHeader = "Quire-Delivery"
	// deliveryTime is how long a site may take for a message, and maxAnswer how many bytes of its answer are read.
	deliveryTime = 20 * time.Second
	maxAnswer    = 16 << 10
)

// ErrUnwanted is returned when a site says that it does not want to hear of a document any more.
var ErrUnwanted = errors.New("the site does not want it")

// courier goes where the operator says and nowhere else: it follows no redirect.
var courier = &http.Client{
	Timeout:       deliveryTime,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Deliver sends a message to a site, signed with a secret at a time. An error says that the site has not taken it.
func (s *Site) Deliver(ctx context.Context, secret, name string, body []byte, now time.Time) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Callback, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("tell %s: %w", s.Name, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Quire")
	req.Header.Set(DeliveryHeader, name)
	req.Header.Set(SignatureHeader, Signature(secret, body, now))
	answer, err := courier.Do(req)
	if err != nil {
		return fmt.Errorf("tell %s: %w", s.Name, err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer) // so that the connection can be used again
	switch {
	case answer.StatusCode == http.StatusGone:
		return ErrUnwanted
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("tell %s: it answers %s", s.Name, answer.Status)
	}
	return nil
}

// Signature is what a message is signed with: HMAC-SHA256 of the time, a dot and the body.
func Signature(secret string, body []byte, now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return "t=" + at + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
