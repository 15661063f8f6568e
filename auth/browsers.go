package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"cifra"
	"cifra/cache"
)

// What a session holds beside its user, so that people know it when they see it in a list.
const (
	SessionSince = "since" // int64, when it began, in seconds since 1970
	SessionAgent = "agent" // string, what the browser calls itself
	SessionIP    = "ip"    // string, the address that signed in
)

// sessionIDBytes is how much of a token's SHA-256 names a session to its owner.
const sessionIDBytes = 10

// SessionID names the session of a token to its owner. It opens nothing.
func SessionID(tokenHash []byte) string {
	return hex.EncodeToString(tokenHash[:min(len(tokenHash), sessionIDBytes)])
}

// SessionsOf returns the browsers in which a user is signed in, the newest first.
func (s *SessionStore) SessionsOf(ctx context.Context, userID int64) ([]cifra.SessionInfo, error) {
	rows, err := s.rows.UserSessions(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("auth: sessions: %w", err)
	}
	list := make([]cifra.SessionInfo, 0, len(rows))
	for hash, data := range rows {
		expires, values, err := s.codec.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("auth: sessions: %w", err)
		}
		info := cifra.SessionInfo{ID: SessionID([]byte(hash)), Expires: expires.UTC()}
		info.Agent, _ = values[SessionAgent].(string)
		info.IP, _ = values[SessionIP].(string)
		if since, ok := values[SessionSince].(int64); ok {
			info.Since = time.Unix(since, 0).UTC()
		}
		list = append(list, info)
	}
	slices.SortFunc(list, func(a, b cifra.SessionInfo) int { return b.Expires.Compare(a.Expires) })
	return list, nil
}

// EndSessions signs a user out of the session with this id, of all but that one where others is true, and
// returns how many that were. What ended is in the audit. A session that is not there is no error.
func (s *SessionStore) EndSessions(ctx context.Context, userID int64, id string, others bool) (n int, err error) {
	rows, err := s.rows.UserSessions(ctx, userID)
	if err != nil {
		return 0, fmt.Errorf("auth: sessions: %w", err)
	}
	for hash := range rows {
		if (SessionID([]byte(hash)) == id) == others {
			continue
		}
		if err := s.rows.DeleteSession(ctx, []byte(hash)); err != nil {
			return n, fmt.Errorf("auth: sessions: %w", err)
		}
		s.memo.Invalidate(ctx, [32]byte([]byte(hash)))
		n++
	}
	if n == 0 {
		return 0, nil
	}
	by := cifra.ActorFrom(ctx)
	err = s.rows.AddAudit(ctx, cifra.Audit{
		UserID: by.UserID(), Username: by.Name(), Action: cifra.ActionSessionsEnd, IP: by.IP,
		Details: fmt.Sprintf("user=%d sessions=%d", userID, n),
	})
	if err != nil {
		return n, fmt.Errorf("auth: sessions: %w", err)
	}
	return n, nil
}

// Doubt has every session looked up anew when it is used next: somewhere one may have ended. While the database is out of
// reach they go on all the same.
func (s *SessionStore) Doubt(ctx context.Context) {
	s.memo.Flush(ctx, "sessions may have ended", cache.Soft())
}
