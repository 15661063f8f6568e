package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/auth"
)

// What a session holds.
const (
	sessionUser  = "user"  // int64, the signed-in user's id
	sessionStamp = "stamp" // string, binds the session to the password with which it began
	sessionGuest = "guest" // string, the guest's name
	sessionSince = auth.SessionSince
	sessionAgent = auth.SessionAgent
	sessionIP    = auth.SessionIP
)

// Sessions keeps who is signed in behind a cookie. The cookie holds a random token; what belongs to it
// lies in the store, under the token's SHA-256.
type Sessions struct {
	manager *scs.SessionManager
	stamp   func(*cifra.User) string
	now     func() time.Time
	log     *slog.Logger
}

// newSessions returns sessions over a store. In production the cookie is for https alone and bound to this very host;
// in development it follows the request's scheme, so that phones in a hall can join over http.
func newSessions(store scs.CtxStore, stamp func(*cifra.User) string, production bool, now func() time.Time, log *slog.Logger) *Sessions {
	m := scs.New()
	m.Store = store
	m.Lifetime = 30 * 24 * time.Hour // no idle timeout: it would write to the database on every request
	m.Cookie.Name = "cifra"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	if production {
		m.Cookie.Name = "__Host-cifra"
		m.Cookie.Secure = true
	}
	return &Sessions{manager: m, stamp: stamp, now: now, log: log}
}

// load puts the request's session into its context, and writes what changed of it just before the answer's
// first byte: nothing wraps the writer, so sockets can still be opened through it.
func (s *Sessions) load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var token string
		if ck, err := c.Cookie(s.manager.Cookie.Name); err == nil {
			token = ck.Value
		}
		ctx, err := s.manager.Load(c.Request().Context(), token)
		if err != nil {
			return fmt.Errorf("session: %w", err)
		}
		ctx = context.WithValue(ctx, agentKey{}, c.Request().UserAgent())
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Add(echo.HeaderVary, "Cookie")
		c.Response().Before(func() { s.save(ctx, c) })
		return next(c)
	}
}

// save commits a changed session and writes its cookie.
func (s *Sessions) save(ctx context.Context, c echo.Context) {
	var token string
	var expires time.Time
	switch s.manager.Status(ctx) {
	case scs.Unmodified:
		return
	case scs.Modified:
		var err error
		if token, expires, err = s.manager.Commit(ctx); err != nil {
			s.log.ErrorContext(ctx, "session not kept", "err", err)
			return
		}
	case scs.Destroyed:
	}
	cookie := http.Cookie{
		Name: s.manager.Cookie.Name, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: s.manager.Cookie.Secure || c.Scheme() == "https",
	}
	if expires.IsZero() {
		cookie.MaxAge = -1
	} else {
		cookie.Expires = expires.UTC()
	}
	c.SetCookie(&cookie)
}

// SignIn makes u the session's user, under a new token. The guest's name stays until the caller took over what
// the guest did. An error says that the sign-in was not kept.
func (s *Sessions) SignIn(ctx context.Context, u *cifra.User) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.manager.Put(ctx, sessionUser, u.ID)
	s.manager.Put(ctx, sessionStamp, s.stamp(u))
	s.manager.Put(ctx, sessionSince, s.now().Unix())
	s.manager.Put(ctx, sessionAgent, shortAgent(ctx))
	s.manager.Put(ctx, sessionIP, cifra.ActorFrom(ctx).IP)
	if _, _, err := s.manager.Commit(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// agentKey is where a request's context keeps what the browser calls itself.
type agentKey struct{}

// shortAgent is what the browser calls itself, as far as a list of sessions needs it.
func shortAgent(ctx context.Context) string {
	agent, _ := ctx.Value(agentKey{}).(string)
	agent = strings.ToValidUTF8(agent, "")
	return agent[:min(len(agent), 200)]
}

// Current names the session for its owner's list of sessions, "" where there is none.
func (s *Sessions) Current(ctx context.Context) string {
	token := s.manager.Token(ctx)
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return auth.SessionID(sum[:])
}

// SignOut ends the session; its token opens nothing from then on.
func (s *Sessions) SignOut(ctx context.Context) error {
	if err := s.manager.Destroy(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// user returns the signed-in user's id, 0 for a guest, and the stamp of the password with which the session began.
func (s *Sessions) user(ctx context.Context) (id int64, stamp string) {
	return s.manager.GetInt64(ctx, sessionUser), s.manager.GetString(ctx, sessionStamp)
}

// Guest returns the guest's name, "" where nothing was kept of one yet.
func (s *Sessions) Guest(ctx context.Context) string { return s.manager.GetString(ctx, sessionGuest) }

// guestNumbers is how many guests can be told apart: enough that no two ever share a number by chance.
var guestNumbers = big.NewInt(1e15)

// BecomeGuest gives the session a guest's name, where it has none, and returns it.
func (s *Sessions) BecomeGuest(ctx context.Context) (string, error) {
	if name := s.Guest(ctx); name != "" {
		return name, nil
	}
	n, err := rand.Int(rand.Reader, guestNumbers)
	if err != nil {
		return "", fmt.Errorf("guest's number: %w", err)
	}
	name := fmt.Sprintf("guest-%015d", n)
	s.manager.Put(ctx, sessionGuest, name)
	return name, nil
}

// ForgetGuest drops the guest's name, once their predictions belong to a user.
func (s *Sessions) ForgetGuest(ctx context.Context) { s.manager.Remove(ctx, sessionGuest) }
