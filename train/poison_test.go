package train_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/store"
	"cifra/store/storetest"
	"cifra/train"
)

// TestWrongLabelsOfMany: one user's wrong labels, and those of 20 who agree, go the whole way from the table to the gate, with
// no admin between. Nothing worse is promoted. In make prove there are 5,000 of each, and v2 learns from them too.
func TestWrongLabelsOfMany(t *testing.T) {
	t.Parallel()
	labels, apis := 200, []cifra.API{cifra.V1}
	if os.Getenv("CIFRA_PROVE") == "1" {
		labels, apis = 5000, []cifra.API{cifra.V1, cifra.V2}
	}
	for _, tt := range []struct {
		name         string
		users, agree int
	}{
		{"one user", 1, 1},
		{"20 users who agree, three on each picture", 20, 3},
		{"20 users who agree, all on each picture", 20, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.SQLite(t)
			pictures := drawn(t, labels/tt.agree)
			mislabel(t, db, pictures, tt.users, tt.agree)
			for _, api := range apis {
				run := retrained(t, db, api)
				c := run.Gate.Checks
				t.Logf("%s from %d wrong labels: learnt %d, left out %d; %s (%s); everything else %.2f → %.2f %%, the worst digit %.2f → %.2f %%",
					api, len(pictures.Labels)*tt.agree, run.Data.New, run.Data.Left, run.State, run.Gate.Verdict,
					100*c[1].Champion, 100*c[1].Challenger, 100*c[2].Champion, 100*c[2].Challenger)
				if run.State == cifra.TrainingPromoted || run.Gate.Verdict == cifra.VerdictPass {
					t.Errorf("got %s, want it not promoted", run.State)
				}
				if tt.users == 1 && run.Data.New != 0 {
					t.Errorf("got %d of one user's labels learnt without an admin, want none", run.Data.New)
				}
				if most := (2800 + 99) / 100 * tt.users; run.Data.New > most {
					t.Errorf("got %d labels learnt, want %d at most: a hundredth of the batch from each", run.Data.New, most)
				}
				if _, err := db.Champion(t.Context(), api); cifra.CodeOf(err) != cifra.NotFound {
					t.Errorf("got %v, want no other champion", err)
				}
			}
		})
	}
}

// drawn returns n pictures that people might draw.
func drawn(t *testing.T, n int) idx.Set {
	t.Helper()
	set, err := material.Make(t.Context(), material.Sketches, n, material.Options{Seed: 5, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// mislabel has as many users as agree say of each picture that it is the next digit.
func mislabel(t *testing.T, db *store.DB, set idx.Set, users, agree int) {
	t.Helper()
	var people []cifra.Actor
	for i := range users {
		u := &cifra.User{Username: fmt.Sprintf("user-%d", i), Role: cifra.RoleUser, PasswordHash: "$argon2id$"}
		if err := db.AddUser(t.Context(), u, cifra.Audit{Action: cifra.ActionRegister}); err != nil {
			t.Fatal(err)
		}
		people = append(people, cifra.Actor{User: u})
	}
	for i := range set.Len() {
		right := int(set.Labels[i]) % 10
		pic := digit.PictureOf(set.Image(i))
		pic.Hash, pic.Preparation, pic.Format, pic.Boxes = fmt.Sprintf("%064x", i+1), "p2", "png", []cifra.Box{{W: 28, H: 28}}
		for k := range agree {
			who := people[(i*agree+k)%len(people)]
			p := &cifra.Prediction{
				ID: fmt.Sprintf("P%08dK%03d", i, k), UserID: who.UserID(), API: cifra.V2, ImageHash: pic.Hash,
				Reading: cifra.Reading{Model: "v2-00000000", Digit: right, Probability: 1, Sure: true},
			}
			if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
				t.Fatal(err)
			}
			f := &cifra.Feedback{PredictionID: p.ID, UserID: who.UserID(), Username: who.Name(), API: cifra.V2, Prediction: right, Label: (right + 1) % 10}
			if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{Action: cifra.ActionFeedback}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// forgetful keeps no states to go on from, which would take their time.
type forgetful struct{ *store.DB }

func (f forgetful) SaveCheckpoint(ctx context.Context, l cifra.Lease, epoch int, curve any, _ []byte) error {
	return f.DB.SaveCheckpoint(ctx, l, epoch, curve, nil)
}

// retrained asks for a retraining that may promote, and returns it when it has ended.
func retrained(t *testing.T, db *store.DB, api cifra.API) *cifra.TrainingRun {
	t.Helper()
	r := &train.Runner{
		Queue: forgetful{db}, Labels: db, Models: modelsOf(t, db), Supplies: &train.Supplies{}, Owner: "one", Now: time.Now, Workers: 2, Log: slog.New(slog.DiscardHandler),
	}
	id, err := db.AddTraining(t.Context(), &cifra.TrainingRun{API: api, Promote: true, By: "ana", Seed: 7}, cifra.Audit{Action: cifra.ActionRetrain})
	if err != nil {
		t.Fatal(err)
	}
	r.Start(t.Context())
	defer r.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // a machine that is very busy
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		run, err := db.Training(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if !run.State.Active() {
			if run.Gate == nil {
				t.Fatalf("got %s (%s), want a verdict", run.State, run.Reason)
			}
			return run
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the run stays %s", run.State)
		}
	}
}
