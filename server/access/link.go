package access

import (
	"crypto/sha256"
	"crypto/subtle"
)

// Link is an address with a key, which gives a role to whoever redeems it.
type Link struct {
	ID string `json:"id"`
	// Role is at most Editor.
	Role  Role   `json:"role"`
	Label string `json:"label,omitempty"`
	// CurrentOnly shows the document as it is now, without its past and without messages.
	CurrentOnly bool `json:"currentOnly,omitempty"`
	// Key is the SHA-256 of the key, which is nowhere else: it is random, so that nothing slower is needed.
	Key []byte `json:"key"`
	// Password is what HashPassword made of one; "" if none is needed.
	Password string `json:"password,omitempty"`
	// Expires is in milliseconds since the epoch; 0 for never.
	Expires int64 `json:"expires,omitempty"`
	// MaxUses is how many people may redeem it, 0 for any number. Uses is how many have.
	MaxUses int `json:"maxUses,omitempty"`
	Uses    int `json:"uses,omitempty"`
	// By is the principal who made it, and At when; LastUsed is when it was last redeemed. Both in milliseconds since the epoch.
	By       string `json:"by"`
	At       int64  `json:"at"`
	LastUsed int64  `json:"lastUsed,omitempty"`
}

// HashKey is what is kept of a link's key.
func HashKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// FindLink returns the place of the link with a key, -1 if there is none. How long it takes tells nothing about keys.
func FindLink(links []Link, key string) int {
	found, hash := -1, HashKey(key)
	for i := range links {
		if subtle.ConstantTimeCompare(links[i].Key, hash) == 1 {
			found = i
		}
	}
	return found
}

// HasExpired says whether a link is past its time, in milliseconds since the epoch.
func (l *Link) HasExpired(now int64) bool { return l.Expires != 0 && l.Expires <= now }

// IsUsedUp says whether as many people have redeemed a link as may.
func (l *Link) IsUsedUp() bool { return l.MaxUses != 0 && l.Uses >= l.MaxUses }

// Rights are what somebody may do who has redeemed a link.
func (l *Link) Rights(now int64) Rights {
	if l.HasExpired(now) || !Editor.Includes(l.Role) {
		return Rights{}
	}
	rights := Of(l.Role)
	if l.CurrentOnly {
		rights = rights.CurrentOnly()
	}
	return rights
}
