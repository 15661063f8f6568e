package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestEventsInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if seq, err := db.LastSeq(t.Context()); seq != 0 || err != nil {
			t.Errorf("at first: got %d, %v; want 0", seq, err)
		}
		for i := range 5 {
			if err := db.AddEvent(t.Context(), "cache_flushed", map[string]any{"n": i, "by": "ñ\x00\xff"}); err != nil {
				t.Fatal(err)
			}
		}
		events, err := db.Events(t.Context(), 2, 2)
		if err != nil || len(events) != 2 || events[0].Seq != 3 || events[1].Seq != 4 || events[0].At.Location().String() != "UTC" {
			t.Fatalf("got %+v, %v; want numbers 3 and 4", events, err)
		}
		var data struct {
			N  int
			By string
		}
		if err := json.Unmarshal(events[0].Data, &data); err != nil || data.N != 2 || data.By != "ñ\uFFFD" {
			t.Errorf("got %s, %v; want what was told, cleaned", events[0].Data, err)
		}
		if seq, err := db.LastSeq(t.Context()); seq != 5 || err != nil {
			t.Errorf("at last: got %d, %v; want 5", seq, err)
		}
		if err := db.AddEvent(t.Context(), "x", func() {}); err == nil {
			t.Error("got data that is no JSON, want an error")
		}
	})
}

func TestWhatAPredictionTells(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := addPrediction(t, db, cifra.Actor{Guest: "guest-7"}, 1)
		before, err := db.Events(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.DeletePrediction(t.Context(), p.ID, cifra.Audit{Username: "guest-7", Action: cifra.ActionDelete, IP: "10.0.0.1"}); err != nil {
			t.Fatal(err)
		}
		after, err := db.Events(t.Context(), 0, 0) // what told of the prediction goes with it
		if err != nil || len(before) != 1 || len(after) != 1 {
			t.Fatalf("got %+v, then %+v, %v; want one event, then another", before, after, err)
		}
		events := slices.Concat(before, after)
		for i, want := range []struct {
			kind cifra.EventKind
			data map[string]any
		}{
			{cifra.EventPredicted, map[string]any{
				"id": p.ID, "username": "guest-7", "prediccion": 7.0, "probabilidad": 0.1 + 0.2, "version": "v2", "modelo": "v2-0a1b2c3d",
				"segura": false, "motivo": "unsure", "source": "cache", "cached": true, "timestamp": p.CreatedAt.UTC().Format("2006-01-02T15:04:05.999999Z07:00"),
			}},
			{cifra.EventAudit, map[string]any{"id": "2", "username": "guest-7", "action": "prediction_delete", "details": ""}},
		} {
			var got map[string]any
			if err := json.Unmarshal(events[i].Data, &got); err != nil {
				t.Fatal(err)
			}
			if want.kind == cifra.EventAudit {
				delete(got, "timestamp")
			}
			if diff := cmp.Diff(want.data, got); events[i].Kind != want.kind || diff != "" {
				t.Errorf("event %d: got kind %s, want %s (-want +got):\n%s", i, events[i].Kind, want.kind, diff)
			}
		}
	})
}

func TestALaterNumberIsNeverSeenBeforeAnEarlierOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		numbered, commit := make(chan struct{}), make(chan struct{})
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- db.SlowEvent(t.Context(), "first", func() { close(numbered); <-commit }) }()
		<-numbered
		go func() { second <- db.AddEvent(t.Context(), "second", nil) }()
		// The first has its number but is not committed. On SQLite the second waits for it, on PostgreSQL it goes ahead.
		for len(second) == 0 && !waits(t, db) {
			runtime.Gosched()
		}
		events, err := db.Events(t.Context(), 0, 0)
		if err != nil || len(events) != 0 {
			t.Errorf("before the first is committed: got %+v, %v; want none", events, err)
		}
		if seq, err := db.LastSeq(t.Context()); seq != 0 || err != nil {
			t.Errorf("before the first is committed: got last number %d, %v; want 0, or a reader that begins now misses it", seq, err)
		}
		close(commit)
		for _, c := range []chan error{first, second} {
			if err := <-c; err != nil {
				t.Error(err)
			}
		}
		events, err = db.Events(t.Context(), 0, 0)
		if err != nil || len(events) != 2 || events[0].Kind != "first" || events[1].Kind != "second" {
			t.Errorf("at last: got %+v, %v; want the first, then the second", events, err)
		}
	})
}

// waits reports whether somebody waits to write.
func waits(t *testing.T, db *store.DB) bool {
	t.Helper()
	if db.Kind() == "sqlite" {
		return db.Stats().Waits > 0
	}
	return store.Strings(t, db, `SELECT count(*)::text FROM pg_locks l JOIN pg_database d ON d.oid = l.database
		WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`)[0] != "0"
}

// fail has a transaction take a number and fail, and returns when the server has let go of it: that is a little later
// than the client has.
func fail(t *testing.T, db *store.DB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	if err := db.SlowEvent(ctx, "failed", cancel); err == nil {
		t.Fatal("got a transaction committed after its context ended, want an error")
	}
	for db.Kind() != "sqlite" && store.Strings(t, db, `SELECT count(*)::text FROM pg_locks l JOIN pg_database d ON d.oid = l.database
		WHERE d.datname = current_database() AND l.locktype = 'advisory'`)[0] != "0" {
		runtime.Gosched()
	}
}

func TestNumbersTakenWhileAReaderLooksTwice(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	fail(t, db)
	if err := db.AddEvent(t.Context(), "seen", nil); err != nil {
		t.Fatal(err)
	}
	// The reader misses a number, asks who may still bring one (nobody), and looks again. Before that look
	// one writer takes a number without committing, and another commits a higher one.
	numbered, commit, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	reader := store.BeforeReading(db, func(queries int) {
		if queries != 2 {
			return
		}
		go func() { first <- db.SlowEvent(t.Context(), "first", func() { close(numbered); <-commit }) }()
		<-numbered
		if err := db.AddEvent(t.Context(), "second", nil); err != nil {
			t.Error(err)
		}
	})
	events, err := reader.Events(t.Context(), 0, 0)
	close(commit)
	if err != nil || len(events) != 1 || events[0].Kind != "seen" {
		t.Fatalf("got %+v, %v; want only the one that was there", events, err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	events, err = db.Events(t.Context(), events[0].Seq, 0)
	if err != nil || len(events) != 2 || events[0].Kind != "first" {
		t.Errorf("after that: got %+v, %v; want the first and the second", events, err)
	}
}

func TestANumberThatNobodyGotHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i := range 5 {
			fail(t, db)
			if err := db.AddEvent(t.Context(), "kept", i); err != nil {
				t.Fatal(err)
			}
		}
		last := int64(0)
		for i := range 5 {
			events, err := db.Events(t.Context(), last, 1)
			if err != nil || len(events) != 1 || string(events[0].Data) != strconv.Itoa(i) {
				t.Fatalf("event %d: got %+v, %v; want it", i, events, err)
			}
			last = events[0].Seq
		}
		if seq, err := db.LastSeq(t.Context()); seq != last || err != nil {
			t.Errorf("got last number %d, %v; want %d", seq, err, last)
		}
	})
}

func TestAFollowerMissesNothingThatManyWritersTell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const writers, each = 8, 40
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					kind := cifra.EventKind(fmt.Sprintf("%d-%d", w, i))
					add := func() error { return db.AddEvent(t.Context(), kind, nil) }
					if i%3 == 0 { // other work between the number and the commit
						add = func() error { return db.SlowEvent(t.Context(), kind, runtime.Gosched) }
					}
					if err := add(); err != nil {
						t.Errorf("add: %v", err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		var got []string
		last := int64(0)
		for finished := false; ; {
			events, err := db.Events(t.Context(), last, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				got = append(got, string(e.Kind))
				last = e.Seq
			}
			if len(events) == 0 && finished {
				break
			}
			select {
			case <-done:
				finished = true
			default:
			}
		}
		var want []string
		for w := range writers {
			for i := range each {
				want = append(want, fmt.Sprintf("%d-%d", w, i))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what was followed (-want +got):\n%s", diff)
		}
	})
}
