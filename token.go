package cifra

import "time"

// TokenPrefix begins every personal token, so that people and scanners know one when they see it.
const TokenPrefix = "cifra_"

// Token is a personal token: what one of somebody's programs signs in with, until it expires or is deleted.
// The secret itself is told once, when the token is made, and kept nowhere.
type Token struct {
	ID        string
	UserID    int64
	Name      string // what its owner calls it
	CreatedAt time.Time
	ExpiresAt time.Time
}

// SessionInfo is one browser in which somebody is signed in.
type SessionInfo struct {
	ID      string // tells it from the others; opens nothing
	Since   time.Time
	Expires time.Time
	Agent   string // what the browser called itself; "" where it is not known
	IP      string // the address that signed in
	Current bool   // the one that asks
}
