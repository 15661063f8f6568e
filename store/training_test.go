package store_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// queue asks for a retraining and returns it as it stands in the queue.
func queue(t testing.TB, db *store.DB, api cifra.API) *cifra.TrainingRun {
	t.Helper()
	id, err := db.AddTraining(t.Context(), &cifra.TrainingRun{API: api, Promote: true, By: "ana", Seed: 1<<63 + 7}, cifra.Audit{Username: "ana", Action: cifra.ActionRetrain})
	if err != nil {
		t.Fatalf("add training: %v", err)
	}
	return training(t, db, id)
}

func training(t testing.TB, db *store.DB, id int64) *cifra.TrainingRun {
	t.Helper()
	r, err := db.Training(t.Context(), id)
	if err != nil {
		t.Fatalf("training: %v", err)
	}
	return r
}

func claim(t testing.TB, db *store.DB, seen *cifra.TrainingRun, owner string) cifra.Lease {
	t.Helper()
	l, err := db.ClaimTraining(t.Context(), seen, owner)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return l
}

func TestTrainingFromTheQueueToTheChampion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		champion, challenger := addModel(t, db, cifra.V2, "champion"), addModel(t, db, cifra.V2, "challenger")
		if err := db.Promote(t.Context(), cifra.V2, champion.ID, "first", cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		run := queue(t, db, cifra.V2)
		if run.State != cifra.TrainingQueued || !run.Promote || run.By != "ana" || run.Seed != 1<<63+7 || run.Curve == nil {
			t.Errorf("got %+v, want a queued run as it was asked for", run)
		}
		_, err := db.AddTraining(t.Context(), &cifra.TrainingRun{API: cifra.V1}, cifra.Audit{})
		wantCode(t, "a second one", err, cifra.Conflict)

		l := claim(t, db, run, "one")
		got := training(t, db, run.ID)
		if got.State != cifra.TrainingPreparing || got.Owner != "one" || got.Attempt != 1 || got.StartedAt.IsZero() {
			t.Errorf("got %+v, want it with its trainer", got)
		}
		got.State, got.Progress, got.Epoch, got.Epochs, got.Parent = cifra.TrainingTraining, 0.5, 3, 9, champion.ID
		got.Data = cifra.TrainingData{New: 7, Held: 2, Generated: 100, Anchored: true}
		got.Curve = []cifra.TrainingPoint{{Epoch: 0, Held: -1, Regression: 0.99}, {Epoch: 1, Loss: 0.25, Held: 0.5, Regression: 0.985}}
		if err := db.SetTraining(t.Context(), l, got); err != nil {
			t.Fatal(err)
		}
		again := training(t, db, run.ID)
		want := *got
		want.Beat, want.UpdatedAt = again.Beat, again.UpdatedAt
		if diff := cmp.Diff(&want, again); diff != "" || again.Beat <= got.Beat {
			t.Errorf("beat %d after %d (-want +got):\n%s", again.Beat, got.Beat, diff)
		}
		if err := db.SetTrainingImages(t.Context(), l, map[string]int{"a": 3, "b": 4}); err != nil {
			t.Fatal(err)
		}
		got.State, got.Model, got.Reason = cifra.TrainingPromoted, challenger.ID, "training.reason.passed"
		got.Gate = &cifra.Gate{Verdict: cifra.VerdictPass, Checks: []cifra.GateCheck{{Name: cifra.CheckHeld, Passed: true, N: 2}}}
		if err := db.FinishTraining(t.Context(), l, got, cifra.Audit{Username: "ana", Action: cifra.ActionPromote}); err != nil {
			t.Fatal(err)
		}
		if id, err := db.Champion(t.Context(), cifra.V2); id != challenger.ID || err != nil {
			t.Errorf("got champion %q, %v; want the challenger", id, err)
		}
		done := training(t, db, run.ID)
		if done.State != cifra.TrainingPromoted || done.Gate == nil || done.Gate.Verdict != cifra.VerdictPass || done.FinishedAt.IsZero() || done.Progress != 1 {
			t.Errorf("got %+v, want it finished", done)
		}
		if _, err := db.ActiveTraining(t.Context()); cifra.CodeOf(err) != cifra.NotFound {
			t.Errorf("got %v, want nothing to do", err)
		}
		images, err := db.TrainingImages(t.Context(), challenger.ID)
		if diff := cmp.Diff(map[string]int{"a": 3, "b": 4}, images); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		queue(t, db, cifra.V1) // the next one may come
	})
}

func TestOfManyTrainersOneGetsARun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		run := queue(t, db, cifra.V2)
		var mu sync.Mutex
		won, lost := 0, 0
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				_, err := db.ClaimTraining(t.Context(), run, "somebody")
				mu.Lock()
				defer mu.Unlock()
				switch cifra.CodeOf(err) {
				case "":
					won++
				case cifra.Conflict:
					lost++
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if won != 1 || lost != 5 {
			t.Errorf("got %d winners and %d losers, want 1 and 5", won, lost)
		}
	})
}

func TestWhoeverLostTheLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		model := addModel(t, db, cifra.V2, "of the first trainer")
		old := claim(t, db, queue(t, db, cifra.V2), "first")
		if err := db.SaveCheckpoint(t.Context(), old, 1, map[string]int{"e": 1}, []byte("state 1")); err != nil {
			t.Fatal(err)
		}
		taken := claim(t, db, training(t, db, old.Run), "second")
		r := training(t, db, old.Run)
		r.Model, r.State = model.ID, cifra.TrainingPromoted
		_, beat := db.BeatTraining(t.Context(), old)
		for what, err := range map[string]error{
			"beat": beat, "set": db.SetTraining(t.Context(), old, r), "release": db.ReleaseTraining(t.Context(), old),
			"finish": db.FinishTraining(t.Context(), old, r, cifra.Audit{}), "checkpoint": db.SaveCheckpoint(t.Context(), old, 2, 1, nil),
			"images": db.SetTrainingImages(t.Context(), old, map[string]int{"x": 1}),
		} {
			wantCode(t, what, err, cifra.Conflict)
		}
		got := training(t, db, old.Run)
		if got.Owner != "second" || got.State != cifra.TrainingPreparing || got.Attempt != 2 {
			t.Errorf("got %+v, want it with the second trainer", got)
		}
		if _, err := db.Champion(t.Context(), cifra.V2); cifra.CodeOf(err) != cifra.NotFound {
			t.Errorf("got %v, want no champion", err)
		}
		var curve map[string]int
		epoch, state, err := db.Checkpoint(t.Context(), taken.Run, &curve)
		if epoch != 1 || string(state) != "state 1" || curve["e"] != 1 || err != nil {
			t.Errorf("got epoch %d, state %q, curve %v, %v; want the first trainer's checkpoint", epoch, state, curve, err)
		}
	})
}

func TestCancelAndDiscard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		waiting := queue(t, db, cifra.V2)
		if err := db.CancelTraining(t.Context(), waiting.ID, cifra.Audit{Username: "ana", Action: cifra.ActionRetrainStop}); err != nil {
			t.Fatal(err)
		}
		if r := training(t, db, waiting.ID); r.State != cifra.TrainingCancelled {
			t.Errorf("got %s, want what waits cancelled at once", r.State)
		}
		_, err := db.ClaimTraining(t.Context(), waiting, "late")
		wantCode(t, "claim what is cancelled", err, cifra.Conflict)
		wantCode(t, "cancel it again", db.CancelTraining(t.Context(), waiting.ID, cifra.Audit{}), cifra.Conflict)
		wantCode(t, "cancel nothing", db.CancelTraining(t.Context(), 4711, cifra.Audit{}), cifra.NotFound)

		l := claim(t, db, queue(t, db, cifra.V2), "one")
		if err := db.CancelTraining(t.Context(), l.Run, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		stop, err := db.BeatTraining(t.Context(), l)
		if cancelled, err2 := db.TrainingCancelled(t.Context(), l.Run); !stop || !cancelled || err != nil || err2 != nil {
			t.Errorf("got %v, %v (%v, %v), want its trainer to hear of it", stop, cancelled, err, err2)
		}
		wantCode(t, "discard what runs", db.DiscardTraining(t.Context(), l.Run, "", cifra.Audit{}), cifra.Conflict)
		model := addModel(t, db, cifra.V2, "challenger")
		r := training(t, db, l.Run)
		r.State, r.Model = cifra.TrainingAwaiting, model.ID
		if err := db.FinishTraining(t.Context(), l, r, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if err := db.DiscardTraining(t.Context(), l.Run, "reads 7 as 1", cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if r := training(t, db, l.Run); r.State != cifra.TrainingRejected || r.Reason != "reads 7 as 1" {
			t.Errorf("got %s because %q, want it rejected", r.State, r.Reason)
		}
		if err := db.Promote(t.Context(), cifra.V2, model.ID, "it is right after all", cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if r := training(t, db, l.Run); r.State != cifra.TrainingPromoted || r.Reason != "it is right after all" {
			t.Errorf("got %s because %q, want it promoted by hand", r.State, r.Reason)
		}
	})
}

func TestAChallengerOfAnOldChampionIsNotPromoted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		parent, other, challenger := addModel(t, db, cifra.V2, "a"), addModel(t, db, cifra.V2, "b"), addModel(t, db, cifra.V2, "c")
		l := claim(t, db, queue(t, db, cifra.V2), "one")
		if err := db.Promote(t.Context(), cifra.V2, other.ID, "meanwhile", cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		r := training(t, db, l.Run)
		r.State, r.Parent, r.Model = cifra.TrainingPromoted, parent.ID, challenger.ID
		wantCode(t, "promote", db.FinishTraining(t.Context(), l, r, cifra.Audit{}), cifra.Conflict)
		if r := training(t, db, l.Run); r.State != cifra.TrainingPreparing {
			t.Errorf("got %s, want nothing changed", r.State)
		}
		if id, err := db.Champion(t.Context(), cifra.V2); id != other.ID || err != nil {
			t.Errorf("got champion %q, %v; want the other", id, err)
		}
	})
}

func TestStoredUploadsSayWhatPeopleSaid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		user := cifra.Actor{User: addUser(t, db, "ana")}
		plain, corrected := addPrediction(t, db, user, 1), addPrediction(t, db, user, 2)
		f := &cifra.Feedback{PredictionID: corrected.ID, UserID: user.UserID(), Username: "ana", Prediction: 7, Label: 1, Decided: cifra.NoLabel}
		if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{Action: cifra.ActionFeedback}); err != nil {
			t.Fatal(err)
		}
		uploads, err := db.StoredUploads(t.Context(), 10)
		if err != nil || len(uploads) != 2 {
			t.Fatalf("got %d uploads, %v; want 2", len(uploads), err)
		}
		for _, u := range uploads {
			want := cifra.StoredUpload{Label: cifra.NoLabel}
			if u.Picture.Hash == corrected.ImageHash {
				want = cifra.StoredUpload{Label: 1, Corrected: true}
			} else if u.Picture.Hash != plain.ImageHash {
				t.Errorf("got an upload %s that nobody made", u.Picture.Hash)
			}
			if u.Label != want.Label || u.Corrected != want.Corrected || len(u.Picture.Views) == 0 {
				t.Errorf("%s: got label %d, corrected %v, want %d, %v", u.Picture.Hash, u.Label, u.Corrected, want.Label, want.Corrected)
			}
		}
		views, err := db.PictureViews(t.Context(), []string{plain.ImageHash, "gone"})
		if err != nil || len(views) != 1 || len(views[plain.ImageHash]) != cifra.Pixels {
			t.Errorf("got %d views, %v; want the one that is there", len(views), err)
		}
	})
}
