package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/alexedwards/scs/v2"

	"cifra"
	"cifra/cache"
)

// Sessions keeps the sessions of browsers, by the SHA-256 of their token: whoever reads the table cannot sign in.
// Every method may return cifra.Unavailable, and then has changed nothing.
type Sessions interface {
	// FindSession returns what is kept. One that is absent or has expired is not found, which is no error.
	FindSession(ctx context.Context, tokenHash []byte) (data []byte, found bool, err error)
	// CommitSession keeps a session until expiry, in place of the one with this hash if there is one.
	// userID is 0 for a guest's; a user who does not exist any more is cifra.NotFound.
	CommitSession(ctx context.Context, tokenHash []byte, userID int64, data []byte, expiry time.Time) error
	// UserSessions returns what is kept of a user's sessions, by the hash of their tokens.
	UserSessions(ctx context.Context, userID int64) (map[string][]byte, error)
	// DeleteSession forgets a session. An unknown one is no error.
	DeleteSession(ctx context.Context, tokenHash []byte) error
	// AddAudit adds a line to the book.
	AddAudit(ctx context.Context, a cifra.Audit) error
}

// SessionUser is the key under which a session holds its user's id, an int64; a guest's session lacks it.
const SessionUser = "user"

// SessionStore is scs's store ([scs.CtxStore]) on [Sessions], read through a memory. While the database is out of reach,
// whoever was here lately stays signed in. A session that is deleted is gone at once on this instance, and on the others
// when the memory's time to live has passed.
type SessionStore struct {
	rows  Sessions
	memo  *cache.Memo[[sha256.Size]byte, session]
	cache *cache.Cache
	codec scs.Codec
}

// session is what is remembered of a row; also that there is none, which an error could not say: where a load
// fails, the memo gives what it had.
type session struct {
	Data  []byte
	Found bool
}

var _ scs.CtxStore = (*SessionStore)(nil)

// NewSessionStore returns a store that reads rows through a memory of its own, which no flush and no inspector
// of another cache reaches. The policy must be Local, with a time to live of 2 s at most and no StaleFor; its StaleIfError
// is for how long people stay signed in without the database. Sessions must be encoded by scs's own codec.
func NewSessionStore(rows Sessions, p cache.Policy, log *slog.Logger) (*SessionStore, error) {
	if !p.Local || p.StaleFor > 0 || p.TTL > 2*time.Second {
		return nil, fmt.Errorf("auth: policy %q: sessions need a local one of 2 s at most, without StaleFor", p.Namespace)
	}
	c, err := cache.New(context.Background(), cache.Options{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("auth: sessions: %w", err)
	}
	s := &SessionStore{rows: rows, cache: c, codec: scs.GobCodec{}}
	s.memo = cache.NewMemo(c, p, s.load)
	return s, nil
}

// Close frees the memory. It may be called twice.
func (s *SessionStore) Close() error {
	if err := s.cache.Close(); err != nil {
		return fmt.Errorf("auth: sessions: %w", err)
	}
	return nil
}

func (s *SessionStore) load(ctx context.Context, key [sha256.Size]byte) (session, error) {
	data, found, err := s.rows.FindSession(ctx, key[:])
	if err != nil {
		return session{}, fmt.Errorf("auth: session: %w", err)
	}
	return session{Data: data, Found: found}, nil
}

// FindCtx is scs's: not found is no error. cifra.Unavailable where the database cannot be asked
// and nothing is remembered.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	row, _, err := s.memo.Get(ctx, sha256.Sum256([]byte(token)))
	if err != nil {
		return nil, false, cifra.E(cifra.Unavailable, "error.unavailable.database").Retry(2 * time.Second).Wrap(err)
	}
	return row.Data, row.Found, nil
}

// CommitCtx is scs's.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	key := sha256.Sum256([]byte(token))
	_, values, err := s.codec.Decode(data)
	if err != nil {
		return fmt.Errorf("auth: session: %w", err)
	}
	userID, _ := values[SessionUser].(int64)
	if err := s.rows.CommitSession(ctx, key[:], userID, data, expiry); err != nil {
		return fmt.Errorf("auth: session: %w", err)
	}
	s.memo.Invalidate(ctx, key)
	return nil
}

// DeleteCtx is scs's.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	key := sha256.Sum256([]byte(token))
	if err := s.rows.DeleteSession(ctx, key[:]); err != nil {
		return fmt.Errorf("auth: session: %w", err)
	}
	s.memo.Invalidate(ctx, key)
	return nil
}

// errNoContext is what the methods without a context return; scs calls those with one.
var errNoContext = errors.New("auth: sessions need a context")

// Find is of [scs.Store], unused.
func (*SessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is of [scs.Store], unused.
func (*SessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete is of [scs.Store], unused.
func (*SessionStore) Delete(string) error { return errNoContext }
