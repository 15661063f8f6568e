package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"cifra/cache"
	"cifra/handlers"
	"cifra/store"
)

// state is how the program and its parts are, as /readyz and the pages tell it.
type state struct {
	serving atomic.Bool
	cache   *cache.Cache
	db      *store.DB
}

func (s *state) serve() { s.serving.Store(true) }
func (s *state) drain() { s.serving.Store(false) }

// Serving is false while the program starts or drains.
func (s *state) Serving() bool { return s.serving.Load() }

// farewell has every answer of an instance that drains end its connection: who asks again opens a new one, which another
// instance takes, rather than write on one that is closed at that moment.
func (s *state) farewell(site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Serving() {
			w.Header().Set("Connection", "close")
		}
		site.ServeHTTP(w, r)
	})
}

// Down returns since when the cache's back end cannot be reached.
func (s *state) Down() (since time.Time, down bool) {
	st := s.cache.Status()
	return st.Since, st.State != cache.Up
}

// Backend names the cache's back end.
func (s *state) Backend() string { return s.cache.Status().Backend }

// Parts asks each part.
func (s *state) Parts(ctx context.Context) map[string]handlers.Part {
	database := handlers.Part{State: "ok", Kind: s.db.Kind()}
	if err := s.db.Ping(ctx); err != nil {
		database.State = "down"
	}
	st := s.cache.Status()
	cached := handlers.Part{State: "ok", Kind: st.Backend}
	if st.State != cache.Up {
		cached.State, cached.Since = "down", &st.Since
	}
	return map[string]handlers.Part{"database": database, "cache": cached}
}
