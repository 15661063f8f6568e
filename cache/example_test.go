package cache_test

import (
	"context"
	"fmt"
	"time"

	"cifra/cache"
)

// A slow function becomes a fast one: the first call makes the value, the second gets it from memory.
func Example() {
	ctx := context.Background()
	c, err := cache.New(ctx, cache.Options{URL: "memory://", Instance: "ana's laptop"}) // or redis://…
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()

	policy := cache.Policy{Namespace: "squares", TTL: 10 * time.Minute}
	squares := cache.NewMemo(c, policy, func(_ context.Context, n int) (int, error) {
		return n * n, nil // imagine three seconds
	})

	for range 2 {
		v, info, err := squares.Get(ctx, 12)
		fmt.Println(v, info.Outcome, info.Reason(), err)
	}

	squares.Flush(ctx, "the rules of arithmetic changed", cache.By("ana"))
	_, info, _ := squares.Get(ctx, 12)
	fmt.Println(info.Outcome, info.Cause.Kind, "by", info.Cause.By)
	// Output:
	// 144 miss cold <nil>
	// 144 hit-l1  <nil>
	// miss flushed by ana
}

// Whoever changes a user invalidates all that was made from it, wherever it is remembered.
func ExampleTags() {
	ctx := context.Background()
	c, err := cache.New(ctx, cache.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()

	type question struct {
		User   int
		Period string
	}
	sales := cache.NewMemo(c, cache.Policy{Namespace: "sales", TTL: time.Hour},
		func(_ context.Context, q question) (string, error) { return q.Period + "ly sales", nil },
		cache.Tags[question, string](func(q question) []string { return []string{fmt.Sprint("user:", q.User)} }))

	_, _, _ = sales.Get(ctx, question{7, "month"})
	_, _, _ = sales.Get(ctx, question{8, "month"})
	c.InvalidateTag(ctx, "user:7", "POST /sales")

	_, seven, _ := sales.Get(ctx, question{7, "month"})
	_, eight, _ := sales.Get(ctx, question{8, "month"})
	fmt.Println(seven.Outcome, eight.Outcome)
	// Output: miss hit-l1
}
