package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cifra/auth"
)

// TestGuessingPasswords guesses as somebody does who says of each request that it comes from elsewhere, while Redis is away: the
// 10th guess of a name and the 40th of an address are refused, and an unknown name is refused no faster than a known one.
func TestGuessingPasswords(t *testing.T) {
	a := inside(t, func(s *Settings) { s.RedisURL = "redis://127.0.0.1:1" })
	n := 0
	login := func(address, name, password string) *httptest.ResponseRecorder {
		n++
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/login", strings.NewReader(fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(n))
		r.Header.Set("X-Real-IP", "203.0.113."+strconv.Itoa(n))
		r.RemoteAddr = address + ":1234"
		w := httptest.NewRecorder()
		a.site.ServeHTTP(w, r)
		return w
	}
	if w := asked(t, a, http.MethodPost, "/api/v1/register", `{"username":"ana","password":"a long passphrase"}`, ""); w.Code != http.StatusCreated {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	took := map[string][]time.Duration{}
	for i := 1; i <= 9; i++ { // each name from another address
		for _, name := range []string{"ana", "nobody"} {
			start := time.Now()
			w := login("10.0.0."+strconv.Itoa(i), name, "wrong")
			took[name] = append(took[name], time.Since(start))
			if w.Code != http.StatusUnauthorized {
				t.Fatalf("guess %d of %s: got %d %s, want 401", i, name, w.Code, w.Body)
			}
		}
	}
	known, unknown := median(took["ana"]), median(took["nobody"])
	t.Logf("a wrong password: %s, an unknown name: %s", known, unknown)
	if unknown*20 < known || known*20 < unknown { // without the same work it would be a hundredfold
		t.Errorf("got %s for a wrong password and %s for an unknown name, want the same work", known, unknown)
	}
	for _, name := range []string{"ANA", "nobody"} {
		w := login("10.0.1.1", name, "wrong")
		if after, err := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != http.StatusTooManyRequests || err != nil || after < 800 {
			t.Errorf("the 10th guess of %s: got %d, Retry-After %s; want 429 for a quarter of an hour", name, w.Code, w.Header().Get("Retry-After"))
		}
	}
	if w := login("10.0.1.2", "ana", "a long passphrase"); w.Code != http.StatusTooManyRequests {
		t.Errorf("the right password after that: got %d, want 429", w.Code)
	}
	// What a guess costs was seen; from here on only their number counts.
	a.auth.Hasher = auth.NewHasher(auth.HasherOptions{Params: auth.Params{Memory: 8, Passes: 1, Threads: 1}, AtOnce: 1})
	for i := 1; i <= 39; i++ {
		if w := login("10.0.2.1", "name"+strconv.Itoa(i), "wrong"); w.Code != http.StatusUnauthorized {
			t.Fatalf("guess %d of an address: got %d %s, want 401", i, w.Code, w.Body)
		}
	}
	if w := login("10.0.2.1", "name40", "wrong"); w.Code != http.StatusTooManyRequests {
		t.Errorf("the 40th guess of an address: got %d, want 429", w.Code)
	}
	if w := login("10.0.2.2", "name41", "wrong"); w.Code != http.StatusUnauthorized {
		t.Errorf("another address: got %d, want 401", w.Code)
	}
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
