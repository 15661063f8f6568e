package auth

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"cifra"
)

func TestHash(t *testing.T) {
	h := NewHasher(HasherOptions{cheap, 1})
	hash, err := h.Hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("got %s, want PHC string form", hash)
	}
	again, err := h.Hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if hash == again {
		t.Error("got one hash for two users with the same password, want a salt for each")
	}
	changed := strings.Replace(hash, "m=64", "m=32", 1)
	other := NewHasher(HasherOptions{Params{Memory: 32, Passes: 1, Threads: 1}, 1})

	tests := []struct {
		name         string
		h            *Hasher
		hash, pw     string
		match, renew bool
	}{
		{"the password", h, hash, goodPassword, true, false},
		{"another one", h, hash, goodPassword + "x", false, false},
		{"the empty one", h, hash, "", false, false},
		{"another case", h, hash, strings.ToUpper(goodPassword), false, false},
		{"costs that have changed since", other, hash, goodPassword, true, true},
		{"costs that were tampered with", h, changed, goodPassword, false, true},
		{"no hash", h, "", goodPassword, false, false},
		{"no hash and no password", h, "", "", false, false},
		{"another algorithm", h, strings.Replace(hash, "argon2id", "argon2i", 1), goodPassword, false, false},
		{"another version", h, strings.Replace(hash, "v=19", "v=16", 1), goodPassword, false, false},
		{"costs of 4 TiB", h, strings.Replace(hash, "m=64", "m=4294967295", 1), goodPassword, false, false},
		{"no costs", h, strings.Replace(hash, "t=1", "t=0", 1), goodPassword, false, false},
		{"a key cut short", h, hash[:len(hash)-4], goodPassword, false, false},
		{"an empty key", h, hash[:strings.LastIndex(hash, "$")+1], goodPassword, false, false},
		{"a plain password in its place", h, goodPassword, goodPassword, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.h.Hashed()
			match, renew := tt.h.compare(tt.hash, tt.pw)
			if match != tt.match || renew != tt.renew {
				t.Errorf("got %v, %v, want %v, %v", match, renew, tt.match, tt.renew)
			}
			if got := tt.h.Hashed() - before; got != 1 {
				t.Errorf("got %d runs of argon2, want 1 whatever is compared", got)
			}
		})
	}
}

func TestPasswordIsTheSameHoweverItsLettersAreWritten(t *testing.T) {
	h := NewHasher(HasherOptions{cheap, 1})
	hash, err := h.Hash(t.Context(), "mañana será otro día") // composed
	if err != nil {
		t.Fatal(err)
	}
	if match, _ := h.compare(hash, "man\u0303ana sera\u0301 otro di\u0301a"); !match {
		t.Error("got no match, want decomposed letters to be the same password")
	}
}

func TestHashesWaitForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(HasherOptions{cheap, 1})
		release, err := h.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		_, err = h.Hash(t.Context(), goodPassword) // gives up after hashPatience, in the bubble's time
		wantCode(t, err, cifra.TooOften)

		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = h.Hash(gone, goodPassword)
		wantCode(t, err, cifra.TooOften)

		var refused atomic.Int64
		var wg sync.WaitGroup
		for range hashQueue + 10 {
			wg.Go(func() {
				if _, err := h.acquire(t.Context()); err != nil {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if got := refused.Load(); got != 10 {
			t.Errorf("got %d refused at once, want the 10 beyond the queue", got)
		}
		wg.Wait() // the rest gives up in time
		release()
		if _, err := h.Hash(t.Context(), goodPassword); err != nil {
			t.Errorf("got %v with a free slot, want a hash", err)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher(HasherOptions{})
	for b.Loop() {
		if _, err := h.Hash(b.Context(), goodPassword); err != nil {
			b.Fatal(err)
		}
	}
}
