package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cifra/cache/cachetest"
	"cifra/live"
)

// testRedis returns a client of the tests' Redis.
func testRedis(t *testing.T) redis.UniversalClient {
	t.Helper()
	o, err := redis.ParseURL(cachetest.Service(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestFleetAnswersEachItsOwn: whoever is there is named, each answers what it was asked, and who fails is not among the answers.
func TestFleetAnswersEachItsOwn(t *testing.T) {
	client, log := testRedis(t), slog.New(slog.DiscardHandler)
	channel := "test:fleet:" + t.Name()
	join := func(channel string, answer func(context.Context, json.RawMessage) (any, error)) *live.Fleet {
		f := live.NewFleet(client, channel, answer, log)
		f.Start(t.Context())
		f.Start(t.Context()) // changes nothing
		t.Cleanup(f.Stop)
		return f
	}
	var heard atomic.Int64
	double := func(_ context.Context, q json.RawMessage) (any, error) {
		heard.Add(1)
		var n int
		err := json.Unmarshal(q, &n)
		if n < 0 {
			err = errors.New("no negative ones")
		}
		return 2 * n, err
	}
	a := join(channel, double)
	join(channel, double)
	join(channel, double)
	join(channel+":another site", double)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var others []string
	for len(others) != 2 { // they hear as soon as Redis has told them that they do
		if ctx.Err() != nil {
			t.Fatalf("got the others %q, want two", others)
		}
		others = a.Others(ctx)
	}
	answers, err := a.Ask(ctx, map[string]any{others[0]: 1, others[1]: 10})
	if err != nil || string(answers[others[0]]) != "2" || string(answers[others[1]]) != "20" {
		t.Errorf("got %s, %v, want each number doubled", answers, err)
	}
	heard.Store(0)
	for n := range 20 { // once it returns each of the others has heard it
		if err := a.Tell(ctx, n-1); err != nil || heard.Load() != 2*int64(n+1) { // -1 fails, and is heard all the same
			t.Fatalf("told %d times: got %v and %d heard, want 2 each time", n+1, err, heard.Load())
		}
	}
	if err := a.Tell(ctx, func() {}); err == nil {
		t.Error("got something told that is no JSON")
	}
	if !a.Hears() {
		t.Error("got an instance that hears nothing")
	}
	if err := client.Publish(ctx, channel, `{"id":"x","from":"y","question":`).Err(); err != nil { // somebody else's words
		t.Fatal(err)
	}
	answers, err = a.Ask(ctx, map[string]any{others[0]: -1, others[1]: 7})
	if _, failed := answers[others[0]]; err != nil || failed || string(answers[others[1]]) != "14" {
		t.Errorf("one fails: got %s, %v, want the other's answer alone", answers, err)
	}
	if _, err := a.Ask(ctx, map[string]any{others[0]: func() {}}); err == nil {
		t.Error("got a question that is no JSON asked")
	}
	if slices.Contains(others, "") {
		t.Error("got an instance without a name")
	}
}

func TestFleetWithoutRedisIsAlone(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer func() { _ = client.Close() }()
	f := live.NewFleet(client, "x", nil, slog.New(slog.DiscardHandler))
	f.Stop() // before it starts
	f.Start(t.Context())
	if others := f.Others(t.Context()); len(others) != 0 {
		t.Errorf("got %q, want nobody", others)
	}
	if err := f.Tell(t.Context(), 1); err != nil || f.Hears() {
		t.Errorf("got %v and hearing %t, want nobody told and nothing heard", err, f.Hears())
	}
	f.Stop()
	f.Stop()
}
