package httpcache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/httpcache"
)

// A public list, remembered for five minutes by its page. The second question is the same one in other words, so the
// handler does not run again.
func Example() {
	c, err := cache.New(context.Background(), cache.Options{}) // or redis://…
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()

	products := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("the handler runs for", r.URL)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, `{"items":[]}`)
	})
	layer := httpcache.New(c, cache.Policy{Namespace: "http.products", TTL: 5 * time.Minute}, httpcache.Options{
		Params: []string{"page", "per_page"}, // nothing else matters, and nothing else reaches the handler
	})
	site := layer.Wrap(products)

	for _, url := range []string{"/products?page=2&per_page=10", "/products?per_page=10&utm_source=mail&page=2"} {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
		fmt.Println(w.Code, w.Header().Get("X-Cache"))
	}

	layer.Flush(context.Background(), "the catalogue was edited", cache.By("ana"))
	// Output:
	// the handler runs for /products?page=2&per_page=10
	// 200 MISS
	// 200 HIT
}

// What belongs to one user is remembered under their name, and goes when something of theirs changes. Whoever is not
// signed in is not answered from the cache.
func ExampleOptions_user() {
	c, err := cache.New(context.Background(), cache.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()

	layer := httpcache.New(c, cache.Policy{Namespace: "http.mystats", TTL: time.Minute}, httpcache.Options{
		Key: func(r *http.Request, k *httpcache.Key) bool {
			u := cifra.ActorFrom(r.Context()).User // middleware before this one has found out who asks
			if u == nil {
				return false
			}
			k.User = strconv.FormatInt(u.ID, 10)
			return true
		},
		Tags: func(k httpcache.Key) []string { return []string{"user:" + k.User} },
	})
	stats := layer.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "the statistics of %s", cifra.ActorFrom(r.Context()).User.Username)
	}))

	ask := func(u *cifra.User) {
		r := httptest.NewRequest(http.MethodGet, "/me/stats", nil)
		r.Header.Set("Authorization", "Bearer …")
		w := httptest.NewRecorder()
		stats.ServeHTTP(w, r.WithContext(cifra.WithActor(r.Context(), cifra.Actor{User: u})))
		fmt.Printf("%s: %s (%s)\n", w.Header().Get("X-Cache"), w.Body, w.Header().Get("Cache-Control"))
	}
	ana, ben := &cifra.User{ID: 7, Username: "ana"}, &cifra.User{ID: 8, Username: "ben"}
	ask(ana)
	ask(ana)
	ask(ben)
	c.InvalidateTag(context.Background(), "user:7", "POST /sales")
	ask(ana)
	// Output:
	// MISS: the statistics of ana (private, no-cache)
	// HIT: the statistics of ana (private, no-cache)
	// MISS: the statistics of ben (private, no-cache)
	// MISS: the statistics of ana (private, no-cache)
}
