package store_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestWall(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		var drawn []*cifra.Prediction
		for n := range 3 {
			p := addPrediction(t, db, ana, n)
			drawn = append(drawn, p)
			if err := db.AddToWall(ctx, p.ID); err != nil {
				t.Fatal(err)
			}
		}
		addPrediction(t, db, ana, 9) // she didn't agree
		wantCode(t, "the same again", db.AddToWall(ctx, drawn[0].ID), cifra.Conflict)
		wantCode(t, "what isn't there", db.AddToWall(ctx, "nothing"), cifra.NotFound)

		on := func() (ids []int64) {
			t.Helper()
			list, err := db.Wall(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				ids = append(ids, d.ID)
				if d.Digit != 7 || d.Source != cifra.SourceCache || d.API != cifra.V2 || d.At.IsZero() {
					t.Errorf("got %+v, want the seven as it was read", d)
				}
			}
			return ids
		}
		if diff := cmp.Diff([]int64{3, 2, 1}, on()); diff != "" {
			t.Errorf("the latest first (-want +got):\n%s", diff)
		}
		png, err := db.WallPicture(ctx, 2)
		if err != nil || !bytes.Equal(png, picture(1).Thumbnail) {
			t.Errorf("got %q, %v, want the drawing", png, err)
		}
		hide := cifra.Audit{Action: cifra.ActionWallHide, Username: "ana"}
		wantCode(t, "hiding one", db.HideFromWall(ctx, 2, hide), "")
		wantCode(t, "hiding it again", db.HideFromWall(ctx, 2, hide), cifra.NotFound)
		_, err = db.WallPicture(ctx, 2)
		wantCode(t, "the picture of a hidden one", err, cifra.NotFound)
		if err := db.DeletePrediction(ctx, drawn[2].ID, cifra.Audit{Action: cifra.ActionDelete}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{1}, on()); diff != "" {
			t.Errorf("one hidden and one deleted (-want +got):\n%s", diff)
		}

		events, err := db.Events(ctx, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		var shown, hidden []int64
		for _, e := range events {
			var d cifra.WallDrawing
			if e.Kind != cifra.EventWallShown && e.Kind != cifra.EventWallHidden {
				continue
			}
			if err := json.Unmarshal(e.Data, &d); err != nil {
				t.Fatal(err)
			}
			if e.Kind == cifra.EventWallShown {
				shown = append(shown, d.ID)
			} else {
				hidden = append(hidden, d.ID)
			}
			for _, secret := range []string{"ana", drawn[0].ID, drawn[1].ID, "siete"} {
				if bytes.Contains(e.Data, []byte(secret)) {
					t.Errorf("%s tells %q: %s", e.Kind, secret, e.Data)
				}
			}
		}
		if diff := cmp.Diff([][]int64{{1, 2, 3}, {2, 3}}, [][]int64{shown, hidden}); diff != "" {
			t.Errorf("shown and hidden, as the room was told (-want +got):\n%s", diff)
		}
	})
}
