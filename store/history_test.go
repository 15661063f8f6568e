package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestHistoryIsFiltered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		ids := map[string]string{} // by name
		add := func(name string, n int, change func(*cifra.Prediction)) {
			pic := picture(n)
			p := prediction(pic)
			p.UserID, p.CreatedAt = ana.UserID(), day.Add(time.Duration(n)*12*time.Hour)
			change(p)
			if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
				t.Fatal(err)
			}
			ids[p.ID] = name
		}
		add("seven, cached", 0, func(*cifra.Prediction) {})
		add("three", 1, func(p *cifra.Prediction) { p.Reading.Digit, p.Provenance.Source = 3, cifra.SourceModel })
		add("zero of v1", 2, func(p *cifra.Prediction) { p.Reading.Digit, p.API, p.Reading.Model = 0, cifra.V1, "v1-0a1b2c3d" })
		add("somebody else's", 3, func(p *cifra.Prediction) { p.UserID, p.Guest = 0, "guest-1" })
		for id, name := range ids {
			if name == "three" || name == "seven, cached" {
				f := &cifra.Feedback{PredictionID: id, UserID: ana.UserID(), Username: "ana", Correct: name == "three", Label: cifra.NoLabel}
				if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		zero, seven := 0, 7
		for _, tt := range []struct {
			name string
			f    cifra.HistoryFilter
			want []string
		}{
			{"everything, newest first", cifra.HistoryFilter{}, []string{"zero of v1", "three", "seven, cached"}},
			{"a digit", cifra.HistoryFilter{Digit: &seven}, []string{"seven, cached"}},
			{"zero is a digit", cifra.HistoryFilter{Digit: &zero}, []string{"zero of v1"}},
			{"an API", cifra.HistoryFilter{API: cifra.V2}, []string{"three", "seven, cached"}},
			{"a model", cifra.HistoryFilter{Model: "v1-0a1b2c3d"}, []string{"zero of v1"}},
			{"a model that there is not", cifra.HistoryFilter{Model: "v1'\x00--"}, nil},
			{"a source", cifra.HistoryFilter{Source: cifra.SourceModel}, []string{"three"}},
			{"from a day", cifra.HistoryFilter{From: day.AddDate(0, 0, 1)}, []string{"zero of v1"}},
			{"until a day", cifra.HistoryFilter{Until: day.AddDate(0, 0, 1)}, []string{"three", "seven, cached"}},
			{"what was called right", cifra.HistoryFilter{Said: cifra.SaidRight}, []string{"three"}},
			{"what was called wrong", cifra.HistoryFilter{Said: cifra.SaidWrong}, []string{"seven, cached"}},
			{"what nobody spoke of", cifra.HistoryFilter{Said: cifra.SaidNothing}, []string{"zero of v1"}},
			{"two at once", cifra.HistoryFilter{API: cifra.V2, Source: cifra.SourceCache}, []string{"seven, cached"}},
		} {
			items, next, err := db.Predictions(t.Context(), ana, tt.f, "", 0)
			if err != nil || next != "" {
				t.Fatalf("%s: got next %q, %v", tt.name, next, err)
			}
			var got []string
			for _, i := range items {
				got = append(got, ids[i.ID])
				if string(i.Picture.Thumbnail) != string(picture(0).Thumbnail) || i.Picture.Views != nil {
					t.Errorf("%s: got a picture %+v, want its thumbnail alone", tt.name, i.Picture)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

func TestDeletingOnesHistory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, eve := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{Guest: "guest-1"}
		one, two, shared := addPrediction(t, db, ana, 1), addPrediction(t, db, ana, 2), addPrediction(t, db, ana, 3)
		theirs := addPrediction(t, db, eve, 3) // about the same picture
		line := cifra.Audit{UserID: ana.UserID(), Username: "ana", Action: cifra.ActionDelete}

		images, err := db.DeletePredictions(t.Context(), ana, []string{one.ID, theirs.ID, "unknown\x00"}, line)
		if err != nil || !cmp.Equal(images, []string{one.ImageHash}) {
			t.Errorf("some: got %v, %v, want the one that is ana's", images, err)
		}
		images, err = db.DeletePredictions(t.Context(), ana, []string{one.ID}, line)
		if err != nil || len(images) != 0 {
			t.Errorf("again: got %v, %v, want none", images, err)
		}
		images, err = db.DeletePredictions(t.Context(), ana, nil, line)
		if err != nil || len(images) != 2 {
			t.Errorf("all: got %v, %v, want two", images, err)
		}
		if images, err = db.DeletePredictions(t.Context(), cifra.Actor{}, nil, line); err != nil || len(images) != 0 {
			t.Errorf("nobody's: got %v, %v, want none", images, err)
		}
		for _, p := range []*cifra.Prediction{one, two, shared} {
			_, err := db.Prediction(t.Context(), p.ID)
			wantCode(t, "a deleted one", err, cifra.NotFound)
		}
		if r, err := db.Prediction(t.Context(), theirs.ID); err != nil || len(r.Picture.Views) == 0 {
			t.Errorf("somebody else's about the same picture: got %v, want it whole", err)
		}
		if n := store.Count(t, db, "images"); n != 1 {
			t.Errorf("got %d images kept, want the one that somebody else needs", n)
		}
		told := store.Strings(t, db, "SELECT data FROM events WHERE kind = 'predicted'")
		if len(told) != 1 {
			t.Errorf("got %d events about predictions, want that of the one that is left: %v", len(told), told)
		}
		lines := store.Strings(t, db, "SELECT details FROM audit WHERE action = 'prediction_delete' ORDER BY id")
		if diff := cmp.Diff([]string{"count=1", "count=2"}, lines); diff != "" {
			t.Errorf("the audit (-want +got):\n%s", diff)
		}
	})
}

func TestSharePrediction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, eve := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{User: addUser(t, db, "eve")}
		p := addPrediction(t, db, ana, 1)
		for _, tt := range []struct {
			name   string
			who    cifra.Actor
			id     string
			shared bool
			code   cifra.Code
			want   bool
		}{
			{"somebody else's", eve, p.ID, true, cifra.NotFound, false},
			{"nobody", cifra.Actor{}, p.ID, true, cifra.NotFound, false},
			{"an unknown one", ana, "unknown", true, cifra.NotFound, false},
			{"one's own", ana, p.ID, true, "", true},
			{"twice", ana, p.ID, true, "", true},
			{"not any more", ana, p.ID, false, "", false},
		} {
			err := db.SharePrediction(t.Context(), tt.who, tt.id, tt.shared, cifra.Audit{UserID: tt.who.UserID(), Username: tt.who.Name(), Action: cifra.ActionShare})
			wantCode(t, tt.name, err, tt.code)
			r, err := db.Prediction(t.Context(), p.ID)
			if err != nil || r.Shared != tt.want {
				t.Errorf("%s: got shared %v, %v, want %v", tt.name, r.Shared, err, tt.want)
			}
		}
	})
}
