package store_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestHostileText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		holder := addUser(t, db, "holder")
		for _, test := range []struct{ name, in, want string }{
			{"NUL", "a\x00b\x00", "ab"},
			{"bytes that are no UTF-8", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
			{"half of a surrogate pair", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
			{"the end of the text missing", "a\xf0\x9f", "a\uFFFD\uFFFD"},
			{"quotes and backslashes", `'";--\'\\"`, `'";--\'\\"`},
			{"NUL as JSON escapes it", `\u0000 \\u0000 \\\u0000`, `\u0000 \\u0000 \\\u0000`},
			{"an end of the statement", "'); DROP TABLE users; --", "'); DROP TABLE users; --"},
			{"places for values", "? ?? $1 ?0 ?TableName :x @y %s {}", "? ?? $1 ?0 ?TableName :x @y %s {}"},
			{"emoji and joiners", "👩‍👩‍👧 🇪🇸 é é", "👩‍👩‍👧 🇪🇸 é é"},
			{"right to left, and controls", "\u202e\u0007\r\n\t\x1b[31m", "\u202e\u0007\r\n\t\x1b[31m"},
			{"script", "<script>alert('x')</script>", "<script>alert('x')</script>"},
		} {
			t.Run(test.name, func(t *testing.T) {
				pic := picture(1)
				pic.Hash, pic.Steps = "hash "+test.in, []string{test.in}
				p := prediction(pic)
				p.Guest, p.FileName = test.in, test.in
				p.Reading.Model, p.Provenance.Reason, p.Provenance.Key = test.in, test.in, test.in
				p.Provenance.Steps = []cifra.Step{{Name: test.in, Desc: test.in}}
				a := cifra.Audit{Username: test.in, Details: test.in, IP: test.in, Action: cifra.Action(test.in)}
				if err := db.AddPrediction(t.Context(), p, pic, a); err != nil {
					t.Fatal(err)
				}
				got, err := db.Prediction(t.Context(), p.ID)
				if err != nil {
					t.Fatal(err)
				}
				for what, s := range map[string]string{
					"guest": got.Guest, "file name": got.FileName, "model": got.Reading.Model, "reason": got.Provenance.Reason,
					"key": got.Provenance.Key, "step": got.Provenance.Steps[0].Desc, "picture's step": got.Picture.Steps[0],
				} {
					if s != test.want {
						t.Errorf("%s: got %q, want %q", what, s, test.want)
					}
				}
				items, _, err := db.Predictions(t.Context(), cifra.Actor{Guest: test.in}, cifra.HistoryFilter{}, "", 0)
				if err != nil || len(items) != 1 {
					t.Errorf("the guest's history: got %d, %v; want 1", len(items), err)
				}
				audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: a}, "", 0)
				if err != nil || len(audits) != 1 || audits[0].Details != test.want || audits[0].IP != test.want {
					t.Errorf("audit: got %+v, %v; want one of %q", audits, err, test.want)
				}
				if err := db.SetMeta(t.Context(), test.in, test.in); err != nil {
					t.Error(err)
				}
				if v, err := db.Meta(t.Context(), test.in); v != test.want || err != nil {
					t.Errorf("meta: got %q, %v; want %q", v, err, test.want)
				}
				if err := db.RevokeToken(t.Context(), test.in, storetest.Start); err != nil {
					t.Error(err)
				}
				if _, revoked, err := db.TokenHolder(t.Context(), holder.ID, test.in); !revoked || err != nil {
					t.Errorf("token: got %v, %v; want it revoked", revoked, err)
				}
				_, err = db.UserByName(t.Context(), test.in)
				wantCode(t, "user", err, cifra.NotFound)
			})
		}
	})
}

func TestVeryLongText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		long := strings.Repeat("å😀'\\\x00", 20_000)
		want := strings.ReplaceAll(long, "\x00", "")
		pic := picture(1)
		p := prediction(pic)
		p.Provenance.Reason = long
		if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Username: long, IP: long}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Prediction(t.Context(), p.ID)
		if err != nil || got.Provenance.Reason != want {
			t.Errorf("got %d bytes, %v; want %d", len(got.Provenance.Reason), err, len(want))
		}
		_, err = db.UserByName(t.Context(), long)
		wantCode(t, "a long name", err, cifra.NotFound)
		_, err = db.Prediction(t.Context(), long)
		wantCode(t, "a long id", err, cifra.NotFound)
	})
}

func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, f := range []float64{math.NaN(), math.Inf(1)} {
			pic := picture(1)
			p := prediction(pic)
			p.Reading.Probability = f
			if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{}); err == nil {
				t.Errorf("a probability of %v was kept", f)
			}
		}
	})
}

func TestTimesComeBackInUTCToAMicrosecond(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, at := range []time.Time{
			time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
			time.Date(2026, 7, 1, 12, 0, 0, 100_000_000, time.UTC),
			time.Date(2026, 7, 1, 12, 0, 0, 999_999_999, time.FixedZone("Kiritimati", 14*3600)),
			time.Date(2025, 12, 31, 23, 59, 59, 1_000, time.FixedZone("Pago", -11*3600)),
			time.Date(2025, 10, 26, 2, 30, 0, 0, time.FixedZone("CEST", 7200)), // an hour that comes twice
			time.Date(1969, 12, 31, 23, 59, 59, 999_000, time.UTC),
			time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
			time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("Nepal, with seconds", 5*3600+41*60+16)),
		} {
			if err := db.AddAudit(t.Context(), cifra.Audit{At: at, Action: "x"}); err != nil {
				t.Fatal(err)
			}
			audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{}, "", 1)
			if err != nil {
				t.Fatal(err)
			}
			if want := at.UTC().Truncate(time.Microsecond); audits[0].At != want {
				t.Errorf("got %v, want %v", audits[0].At, want)
			}
		}
	})
}

func TestManyWritersLoseNothing(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		const writers, each = 12, 20
		one, other := storetest.Open(t, address), storetest.Open(t, address) // two instances of the site
		ana := cifra.Actor{User: addUser(t, one, "ana")}
		var wg sync.WaitGroup
		for w := range writers {
			db := []*store.DB{one, other}[w%2]
			wg.Go(func() {
				for i := range each {
					pic := picture(i % 5)
					p := prediction(pic)
					p.UserID = ana.UserID()
					if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
						t.Errorf("add: %v", err)
					}
				}
			})
		}
		wg.Wait()
		for table, want := range map[string]int{"predictions": writers * each, "audit": writers*each + 1, "events": writers*each + 1, "images": 5} {
			if got := store.Count(t, other, table); got != want {
				t.Errorf("%s: got %d rows, want %d", table, got, want)
			}
		}
	})
}
