package store_test

import (
	"testing"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// BenchmarkAddPrediction keeps predictions one after another and from 16 callers at once, about new pictures and about
// one that is there. What it shows is mostly how fast the disk is, or whether PostgreSQL waits for it:
//
//	go test ./store -run '^$' -bench AddPrediction
func BenchmarkAddPrediction(b *testing.B) {
	for _, kind := range []struct {
		name string
		open func(testing.TB, ...func(*store.Options)) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		for _, images := range []struct {
			name string
			n    int
		}{{"new pictures", 1 << 30}, {"one picture", 1}} {
			b.Run(kind.name+"/"+images.name+"/one caller", func(b *testing.B) {
				db := kind.open(b)
				n := 0
				for b.Loop() {
					n++
					benchAdd(b, db, n%images.n)
				}
			})
			b.Run(kind.name+"/"+images.name+"/16 callers", func(b *testing.B) {
				db := kind.open(b, func(o *store.Options) { o.MaxConns = 16 })
				b.SetParallelism(8) // on 2 processors
				numbers := make(chan int)
				stop := make(chan struct{})
				go func() {
					for n := 0; ; n++ {
						select {
						case numbers <- n:
						case <-stop:
							return
						}
					}
				}()
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						benchAdd(b, db, <-numbers%images.n)
					}
				})
				close(stop)
			})
		}
	}
}

// benchAdd keeps a prediction about picture n, as a remembered answer where it is picture 0 again.
func benchAdd(b *testing.B, db *store.DB, n int) {
	b.Helper()
	pic := picture(n)
	p := prediction(pic)
	if n > 0 {
		p.Provenance.Outcome = cifra.Miss
	}
	if err := db.AddPrediction(b.Context(), p, pic, cifra.Audit{Username: "ana", Action: cifra.ActionPredictV2}); err != nil {
		b.Error(err)
	}
}

// BenchmarkHistory reads the first page of 20 out of 5,000.
func BenchmarkHistory(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...func(*store.Options)) *store.DB{
		"sqlite": storetest.SQLite, "postgres": storetest.Postgres,
	} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			ana := cifra.Actor{User: addUser(b, db, "ana")}
			addPrediction(b, db, ana, 1)
			fill(b, db, 5000)
			for b.Loop() {
				if items, _, err := db.Predictions(b.Context(), ana, cifra.HistoryFilter{}, "", 20); err != nil || len(items) != 20 {
					b.Fatalf("got %d, %v; want 20", len(items), err)
				}
			}
		})
	}
}
