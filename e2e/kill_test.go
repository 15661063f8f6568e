package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/e2e/harness"
	"cifra/store"
)

// poster sends pieces of feedback until each was acknowledged, or, without a name for its request, until it was tried once.
type poster struct {
	t      *testing.T
	server *harness.Server
	token  string
	sent   atomic.Int64 // acknowledged so far

	mu     sync.Mutex
	acks   map[string]string // the comment of what was acknowledged, by its id
	tries  int
	doubts int // tries that nobody answered
	busy   int // tries that were told to come back later
}

// TestKilledServerKeepsItsWord kills the server again and again while feedback is written. Each piece that was acknowledged
// is in the table once, with its audit row and its event; what was sent again under the same key as well.
func TestKilledServerKeepsItsWord(t *testing.T) {
	t.Parallel()
	posts, kills := 120, 1
	if os.Getenv("CIFRA_PROVE") == "1" {
		posts, kills = 2000, 10
	}
	for _, kind := range []struct {
		name    string
		address func(*testing.T) string
	}{
		{"SQLite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "kept.db") }},
		{"PostgreSQL", filled},
	} {
		t.Run(kind.name, func(t *testing.T) {
			if missing != nil {
				t.Skip(missing)
			}
			address := kind.address(t)
			s := serve(t, "CIFRA_DATABASE_URL="+address, "CIFRA_SECRET=the same after each restart, of course")
			f := &fleet{t: t, one: s}
			post[any](f, s, "/api/v1/register", map[string]any{"username": "leo", "password": password})
			p := &poster{t: t, server: s, token: signInAs(f, s, "leo"), acks: map[string]string{}}
			p.run(posts, kills)
			p.check(address, posts)
		})
	}
}

// run sends so many pieces, eight at a time, and kills the server so many times meanwhile.
func (p *poster) run(posts, kills int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Minute)
	defer cancel()
	next := make(chan int)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for i := range next {
				p.deliver(ctx, i)
			}
		})
	}
	go func() {
		defer close(next)
		for i := range posts {
			next <- i
		}
	}()
	for k := range kills { // at random moments, but well spread over the posts
		at := int64((float64(k) + rand.Float64()) / float64(kills) * float64(posts) * 0.95)
		for p.sent.Load() < at && ctx.Err() == nil {
			pause(ctx, time.Millisecond)
		}
		p.server.Kill()
		p.server.Start(p.t)
	}
	clients.Wait()
	p.t.Logf("%d posts, %d kills: %d tries, %d of them not acknowledged, %d of these told to come back later", posts, kills, p.tries, p.doubts, p.busy)
}

// deliver sends one piece. Every other one has a key, and is sent until it is acknowledged.
func (p *poster) deliver(ctx context.Context, i int) {
	comment := fmt.Sprintf("post %d", i)
	key := ""
	if i%2 == 0 {
		key = comment
	}
	for ctx.Err() == nil {
		id, err := p.send(ctx, comment, key)
		p.mu.Lock()
		p.tries++
		if err == nil {
			p.acks[id] = comment
		} else {
			p.doubts++
		}
		p.mu.Unlock()
		if err == nil {
			p.sent.Add(1)
			return
		}
		if key == "" { // whether it was kept nobody can say; another one is
			comment += " again"
		}
		pause(ctx, 20*time.Millisecond)
	}
}

func (p *poster) send(ctx context.Context, comment, key string) (id string, err error) {
	body, err := json.Marshal(map[string]any{"prediction": 7, "correct": false, "label": 1, "comment": comment})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.server.URL+"/api/v1/feedback", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+p.token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode == http.StatusServiceUnavailable { // the machine is too busy: nothing was promised
		p.mu.Lock()
		p.busy++
		p.mu.Unlock()
		return "", fmt.Errorf("got %d", res.StatusCode)
	}
	if res.StatusCode != http.StatusCreated {
		p.t.Errorf("got %d %s, want 201, 503, or no answer at all", res.StatusCode, b)
		return "", fmt.Errorf("got %d", res.StatusCode)
	}
	var answer struct{ ID string }
	err = json.Unmarshal(b, &answer)
	return answer.ID, err
}

// check holds the table, the book and the outbox to what was acknowledged.
func (p *poster) check(address string, posts int) {
	p.t.Helper()
	db, err := store.Open(p.t.Context(), address, store.Options{Now: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	kept, times := map[string]string{}, map[string]int{}
	for cursor, first := "", true; first || cursor != ""; first = false {
		items, next, err := db.Feedbacks(p.t.Context(), cifra.FeedbackFilter{}, cursor, 100)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, f := range items {
			kept[strconv.FormatInt(f.ID, 10)] = f.Comment
			times[f.Comment]++
		}
		cursor = next
	}
	told := map[string]int{}
	for seq, more := int64(0), true; more; {
		events, err := db.Events(p.t.Context(), seq, 1000)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, e := range events {
			seq = e.Seq
			var fact struct{ ID string }
			if e.Kind == cifra.EventNewFeedback && json.Unmarshal(e.Data, &fact) == nil {
				told[fact.ID]++
			}
		}
		more = len(events) > 0
	}
	booked := map[string]int{}
	for cursor, first := "", true; first || cursor != ""; first = false {
		lines, next, err := db.Audits(p.t.Context(), cifra.AuditFilter{Like: cifra.Audit{Action: cifra.ActionFeedback}}, cursor, 100)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, l := range lines {
			id, _, _ := strings.Cut(strings.TrimPrefix(l.Details, "id="), " ")
			booked[id]++
		}
		cursor = next
	}
	if len(p.acks) != posts {
		p.t.Errorf("got %d acknowledged ids, want %d", len(p.acks), posts)
	}
	lost, doubled := 0, 0
	for id, comment := range p.acks {
		if kept[id] != comment {
			lost++
		}
		if times[comment] != 1 {
			doubled++
		}
	}
	unbooked := 0
	for id := range kept {
		if told[id] != 1 || booked[id] != 1 {
			unbooked++
		}
	}
	p.t.Logf("acknowledged %d, in the table %d; lost %d, doubled %d, without exactly one event and one line in the book %d", len(p.acks), len(kept), lost, doubled, unbooked)
	if lost+doubled+unbooked > 0 {
		p.t.Error("want every acknowledged piece of feedback once, with its event and its line in the book")
	}
}

// pause waits, unless ctx ends first: a client between two tries, not a test that hopes.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
