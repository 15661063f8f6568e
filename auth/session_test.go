package auth

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"

	"cifra"
	"cifra/cache"
)

var sessionPolicy = cache.Policy{Namespace: "session", TTL: time.Second, StaleIfError: 15 * time.Minute, Local: true}

// FindSession, CommitSession and DeleteSession make memoryStore the Sessions of these tests.
func (m *memoryStore) FindSession(_ context.Context, tokenHash []byte) ([]byte, bool, error) {
	leave, err := m.enter()
	if err != nil {
		return nil, false, err
	}
	defer leave()
	s, ok := m.sessions[string(tokenHash)]
	return s.data, ok, nil
}

func (m *memoryStore) CommitSession(_ context.Context, tokenHash []byte, userID int64, data []byte, expiry time.Time) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	m.sessions[string(tokenHash)] = memorySession{data, userID, expiry}
	return nil
}

func (m *memoryStore) DeleteSession(_ context.Context, tokenHash []byte) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	delete(m.sessions, string(tokenHash))
	return nil
}

func newSessionStore(t *testing.T, rows *memoryStore) *SessionStore {
	t.Helper()
	s, err := NewSessionStore(rows, sessionPolicy, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	})
	return s
}

// pass lets time go by in the test's bubble.
func pass(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // synctest's clock, not a wait

// encoded returns a session's data as scs hands it over.
func encoded(t *testing.T, values map[string]any) []byte {
	t.Helper()
	data, err := scs.GobCodec{}.Encode(time.Now().Add(time.Hour), values)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSessionsAreKeptUnderTheHashOfTheirToken(t *testing.T) {
	rows := newMemoryStore()
	s := newSessionStore(t, rows)
	const token = "the-token-in-the-cookie"
	expiry := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	data := encoded(t, map[string]any{SessionUser: int64(7)})
	if err := s.CommitCtx(t.Context(), token, data, expiry); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(token))
	for key, row := range rows.sessions {
		if key != string(sum[:]) || strings.Contains(string(row.data), token) {
			t.Errorf("got %q with %q, want the token's SHA-256 and no token", key, row.data)
		}
		if row.userID != 7 || !row.expiry.Equal(expiry) {
			t.Errorf("got user %d until %s, want 7 until %s", row.userID, row.expiry, expiry)
		}
		if _, found, err := s.FindCtx(t.Context(), key); found || err != nil {
			t.Errorf("got found %v, %v with what a thief of the table has, want nothing", found, err)
		}
	}
	if got, found, err := s.FindCtx(t.Context(), token); err != nil || !found || string(got) != string(data) {
		t.Errorf("got %q, %v, %v, want what was kept", got, found, err)
	}
	if err := s.CommitCtx(t.Context(), token, []byte("not of scs"), expiry); err == nil {
		t.Error("got no error for data that scs can't have made")
	}
}

func TestSessionThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := newMemoryStore()
		here, elsewhere := newSessionStore(t, rows), newSessionStore(t, rows)
		found := func(s *SessionStore) bool {
			t.Helper()
			_, found, err := s.FindCtx(t.Context(), "token")
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if err := here.CommitCtx(t.Context(), "token", encoded(t, nil), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if !found(here) || !found(elsewhere) {
			t.Fatal("got no session, want it on both instances")
		}
		reads := rows.reads
		for range 100 {
			found(here)
		}
		if got := rows.reads - reads; got > 1 {
			t.Errorf("got %d reads for 100 requests within a second, want 1 at most", got)
		}
		if err := here.DeleteCtx(t.Context(), "token"); err != nil {
			t.Fatal(err)
		}
		if found(here) {
			t.Error("got a session on the instance that ended it, want none")
		}
		pass(sessionPolicy.TTL + time.Millisecond)
		if found(elsewhere) {
			t.Error("got a session on another instance a second later, want none")
		}
		if err := here.DeleteCtx(t.Context(), "token"); err != nil {
			t.Errorf("got %v for a session that isn't there, want no error", err)
		}
	})
}

func TestSessionsOutliveTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := newMemoryStore()
		s := newSessionStore(t, rows)
		if err := s.CommitCtx(t.Context(), "token", encoded(t, nil), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.FindCtx(t.Context(), "token"); !found || err != nil {
			t.Fatal(found, err)
		}
		rows.setDown(true)
		for _, wait := range []time.Duration{0, 2 * time.Second, 10 * time.Minute} {
			pass(wait)
			if _, found, err := s.FindCtx(t.Context(), "token"); !found || err != nil {
				t.Errorf("got %v, %v %s into the outage, want the session", found, err, wait)
			}
		}
		_, _, err := s.FindCtx(t.Context(), "another")
		wantCode(t, err, cifra.Unavailable)
		if err := s.DeleteCtx(t.Context(), "token"); err == nil {
			t.Error("got no error for a sign-out that could not be kept")
		}
		pass(10 * time.Minute)
		_, _, err = s.FindCtx(t.Context(), "token")
		wantCode(t, err, cifra.Unavailable)
	})
}

func TestSessionEndedElsewhereStaysEndedInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := newMemoryStore()
		here, elsewhere := newSessionStore(t, rows), newSessionStore(t, rows)
		if err := here.CommitCtx(t.Context(), "token", encoded(t, nil), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := elsewhere.FindCtx(t.Context(), "token"); !found {
			t.Fatal("got no session")
		}
		if err := here.DeleteCtx(t.Context(), "token"); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		if _, found, _ := elsewhere.FindCtx(t.Context(), "token"); found {
			t.Fatal("got a session, want it ended")
		}
		rows.setDown(true)
		pass(2 * time.Second)
		if _, found, _ := elsewhere.FindCtx(t.Context(), "token"); found {
			t.Error("got an ended session back once the database was gone")
		}
	})
}

func TestSessionPolicies(t *testing.T) {
	tests := []struct {
		name   string
		change func(*cache.Policy)
	}{
		{"one that is shared", func(p *cache.Policy) { p.Local = false }},
		{"one that serves stale sessions", func(p *cache.Policy) { p.StaleFor = time.Second }},
		{"one that believes for too long", func(p *cache.Policy) { p.TTL = 3 * time.Second }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sessionPolicy
			tt.change(&p)
			if _, err := NewSessionStore(newMemoryStore(), p, slog.New(slog.DiscardHandler)); err == nil {
				t.Error("got a store, want it refused")
			}
		})
	}
}

// TestSessionsInSCS drives the store through scs itself, as a browser would.
func TestSessionsInSCS(t *testing.T) {
	rows := newMemoryStore()
	m := scs.New()
	m.Store = newSessionStore(t, rows)
	handler := m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch ctx := r.Context(); r.URL.Path {
		case "/in":
			if err := m.RenewToken(ctx); err != nil {
				t.Error(err)
			}
			m.Put(ctx, SessionUser, int64(7))
		case "/out":
			if err := m.Destroy(ctx); err != nil {
				t.Error(err)
			}
		default:
			if m.GetInt64(ctx, SessionUser) == 7 {
				w.WriteHeader(http.StatusAccepted)
			}
		}
	}))
	get := func(path, token string) (status int, newToken string) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: m.Cookie.Name, Value: token})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			newToken = c.Value
		}
		return w.Code, newToken
	}
	_, planted := get("/in", "planted-by-a-thief")
	if planted == "planted-by-a-thief" || planted == "" {
		t.Fatalf("got token %q, want a new one", planted)
	}
	_, token := get("/in", planted)
	if token == planted {
		t.Error("got the old token after a sign-in, want it renewed")
	}
	if status, _ := get("/", planted); status == http.StatusAccepted {
		t.Error("got in with the token from before the sign-in, want it worthless")
	}
	if status, _ := get("/", token); status != http.StatusAccepted {
		t.Error("got not signed in with the session's token")
	}
	get("/out", token)
	if status, _ := get("/", token); status == http.StatusAccepted {
		t.Error("got in after the sign-out")
	}
	if got := len(rows.sessions); got != 0 {
		t.Errorf("got %d sessions kept, want none", got)
	}
}
