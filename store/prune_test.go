package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// TestPruneEvents holds what stays of the outbox: the last 1,000, the last ten minutes, and what somebody has yet to read.
func TestPruneEvents(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		var now atomic.Int64
		clock := func() time.Time { return storetest.Start.Add(time.Duration(now.Load())) }
		db := storetest.Open(t, address, func(o *store.Options) { o.Now = clock })
		tell := func(n int) {
			t.Helper()
			q := "INSERT INTO events (kind, data, at) SELECT 'x', '{}', ? FROM (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) SELECT n FROM numbers) AS numbers"
			if _, err := store.Raw(db).NewRaw(q, clock().Format("2006-01-02 15:04:05.000000-07:00"), n).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		prune := func(what string, gone, pruned int64) {
			t.Helper()
			n, err := db.PruneEvents(t.Context())
			if err != nil || n != gone {
				t.Errorf("%s: got %d deleted, %v, want %d", what, n, err, gone)
			}
			if got, err := db.PrunedSeq(t.Context()); err != nil || got != pruned {
				t.Errorf("%s: got all up to %d, %v, want %d", what, got, err, pruned)
			}
		}
		here := func(name string, seq int64) {
			t.Helper()
			if err := db.SayHere(t.Context(), cifra.Instance{Name: name, Started: clock(), Seq: seq}); err != nil {
				t.Fatal(err)
			}
		}
		prune("an empty outbox", 0, 0)
		tell(2500)
		prune("all of it is young", 0, 0)
		now.Add(int64(11 * time.Minute))
		here("slow", 700)
		here("worker", -1)
		prune("one has read 700", 700, 700)
		here("slow", 2500)
		prune("all have read all", 800, 1500)
		tell(1500) // young
		prune("1,000 old ones and 1,500 young ones", 1000, 2500)
		now.Add(int64(11 * time.Minute))
		here("dead", 2600)
		now.Add(int64(2 * time.Hour))
		prune("one that was not heard of for hours has read 2,600", 500, 3000)
		if n := store.Count(t, db, "events"); n != 1000 {
			t.Errorf("got %d events, want the last 1,000", n)
		}
		events, err := db.Events(t.Context(), 3000, 1)
		if err != nil || len(events) != 1 || events[0].Seq != 3001 {
			t.Errorf("got %v, %v, want the first one that is left", events, err)
		}
	})
}

func TestInstances(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, i := range []cifra.Instance{
			{Name: "b", Version: "v1", Started: storetest.Start, Seq: 7}, {Name: "a", Worker: true, Started: storetest.Start, Seq: -1}, {Name: "b", Version: "v2", Started: storetest.Start, Seq: 9},
		} {
			if err := db.SayHere(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		all, err := db.Instances(t.Context())
		if err != nil || len(all) != 2 || !all[0].Worker || all[0].Seq != -1 || all[1].Version != "v2" || all[1].Seq != 9 {
			t.Fatalf("got %+v, %v; want a worker, and b as it was last", all, err)
		}
		for range 2 {
			if err := db.SayGone(t.Context(), "b"); err != nil {
				t.Error(err)
			}
		}
		if all, err := db.Instances(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("got %+v, %v; want the worker alone", all, err)
		}
	})
}
