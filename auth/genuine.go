package auth

import (
	"crypto/sha256"
	"sync"
)

// genuineMost is how many tokens' claims are remembered, a few hundred bytes each.
const genuineMost = 4096

// genuine remembers what tokens say whose signature was found to be ours, by the SHA-256 of the whole token: these very
// bytes need not be decoded and checked again. Whether they have expired or were revoked is asked each time.
type genuine struct {
	mu sync.Mutex // guards m
	m  map[[sha256.Size]byte]*Claims
}

// get returns a token's claims, which nobody may change; nil where the token isn't known.
func (g *genuine) get(sum [sha256.Size]byte) *Claims {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.m[sum]
}

// keep remembers a token's claims, in the place of any other's where there are too many.
func (g *genuine) keep(sum [sha256.Size]byte, c *Claims) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.m == nil {
		g.m = make(map[[sha256.Size]byte]*Claims)
	}
	if len(g.m) >= genuineMost {
		for other := range g.m { // in random order
			delete(g.m, other)
			break
		}
	}
	g.m[sum] = c
}
