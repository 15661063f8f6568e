package store_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// say keeps what somebody says of a prediction, or of none, and returns it.
func say(t testing.TB, db *store.DB, who cifra.Actor, p *cifra.Prediction, label int) *cifra.Feedback {
	t.Helper()
	f := &cifra.Feedback{UserID: who.UserID(), Guest: who.Guest, Username: who.Name(), Prediction: 7, Correct: label == 7, Label: label}
	if p != nil {
		f.PredictionID, f.API, f.Model = p.ID, p.API, p.Reading.Model
	}
	if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{Username: who.Name(), Action: cifra.ActionFeedback}); err != nil {
		t.Fatalf("add feedback: %v", err)
	}
	return f
}

// asAdmin is the audit row of an admin who reviews.
var asAdmin = cifra.Audit{Username: "eva", Action: cifra.ActionReview}

func TestWhatFeedbackKeepsAndTells(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		p := addPrediction(t, db, ana, 1)
		f := &cifra.Feedback{
			PredictionID: p.ID, UserID: ana.UserID(), Username: "ana", API: p.API, Model: p.Reading.Model,
			Prediction: 7, Label: 1, Comment: "ñ\x00\xff" + strings.Repeat("ж", cifra.MaxComment),
		}
		before, err := db.LastSeq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if repeated, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{UserID: 1, Username: "ana", Action: cifra.ActionFeedback, Details: "said=7"}); repeated || err != nil {
			t.Fatalf("got %v, %v; want it kept", repeated, err)
		}
		got, err := db.Feedback(t.Context(), f.ID)
		if err != nil || got.State != cifra.FeedbackNew || got.Decided != cifra.NoLabel || got.Comment != "ñ\uFFFD"+strings.Repeat("ж", cifra.MaxComment-2) {
			t.Errorf("got %+v, %v; want it new, undecided, its comment cleaned and cut", got, err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("as told and as kept (-told +kept):\n%s", diff)
		}
		if of, err := db.FeedbackOf(t.Context(), p.ID); err != nil || of.ID != f.ID {
			t.Errorf("of the prediction: got %+v, %v; want it", of, err)
		}
		events, err := db.Events(t.Context(), before, 0)
		if err != nil || len(events) != 1 || events[0].Kind != cifra.EventNewFeedback {
			t.Fatalf("got events %+v, %v; want one new_feedback", events, err)
		}
		var told map[string]any
		if err := json.Unmarshal(events[0].Data, &told); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]any{
			"id": "1", "username": "ana", "prediction": 7.0, "correct": false, "label": 1.0, "prediction_id": p.ID,
			"version": "v2", "modelo": "v2-0a1b2c3d", "state": "new", "decided_label": nil,
		} {
			if told[name] != want {
				t.Errorf("the event's %s: got %v, want %v", name, told[name], want)
			}
		}
		lines, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: cifra.Audit{Action: cifra.ActionFeedback}}, "", 0)
		if err != nil || len(lines) != 1 || lines[0].Details != "id=1 said=7" {
			t.Errorf("got %+v, %v; want a line in the book", lines, err)
		}
		f.ID, f.PredictionID = 0, "nothing"
		_, err = db.AddFeedback(t.Context(), f, "", cifra.Audit{})
		wantCode(t, "about no prediction", err, cifra.NotFound)
	})
}

func TestARepeatedRequestIsKeptOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		p := addPrediction(t, db, ana, 1)
		send := func(key string, label int) (int64, bool, error) {
			f := &cifra.Feedback{PredictionID: p.ID, UserID: ana.UserID(), Username: "ana", Prediction: 7, Label: label}
			repeated, err := db.AddFeedback(t.Context(), f, key, cifra.Audit{Username: "ana", Action: cifra.ActionFeedback})
			return f.ID, repeated, err
		}
		var wg sync.WaitGroup
		ids := make([]int64, 8)
		for i := range ids {
			wg.Go(func() {
				var err error
				if ids[i], _, err = send("k1", 3); err != nil {
					t.Errorf("send: %v", err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("got ids %v, want one for all", ids)
			}
		}
		if n := store.Count(t, db, "feedback"); n != 1 {
			t.Errorf("got %d rows, want 1", n)
		}
		_, _, err := send("k1", 4)
		wantCode(t, "the same name for other words", err, cifra.Impossible)
		second, repeated, err := send("k2", 4)
		if err != nil || repeated || second == ids[0] {
			t.Errorf("another name: got %d, %v, %v; want a row of its own", second, repeated, err)
		}
		if id, repeated, err := send("k1", 3); id != ids[0] || !repeated || err != nil {
			t.Errorf("the first one again: got %d, %v, %v; want the row of then", id, repeated, err)
		}
		if of, err := db.FeedbackOf(t.Context(), p.ID); err != nil || of.ID != second {
			t.Errorf("got %+v, %v; want the second to count still", of, err)
		}
	})
}

func TestTheLastLabelOfAnOwnerCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, eva := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{User: addUser(t, db, "eva")}
		p := addPrediction(t, db, ana, 1)
		again := addPrediction(t, db, ana, 1) // the same picture
		other := addPrediction(t, db, ana, 2)
		first := say(t, db, ana, p, 3)
		kept := []*cifra.Feedback{say(t, db, ana, again, 5), say(t, db, ana, other, 1), say(t, db, eva, p, 3), say(t, db, ana, nil, 1)}
		if got, err := db.Feedback(t.Context(), first.ID); err != nil || got.State != cifra.FeedbackReplaced {
			t.Errorf("the first: got %+v, %v; want it replaced", got, err)
		}
		for _, f := range kept {
			if got, err := db.Feedback(t.Context(), f.ID); err != nil || got.State != cifra.FeedbackNew {
				t.Errorf("got %+v, %v; want it to count", got, err)
			}
		}
		counts, err := db.FeedbackCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var total int64
		for _, c := range counts {
			total += c.N
		}
		if total != 4 {
			t.Errorf("got %d counted in %+v, want 4", total, counts)
		}
	})
}

func TestTakingFeedbackBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, guest := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{Guest: "guest-7"}
		line := cifra.Audit{Username: "ana", Action: cifra.ActionWithdraw}
		f := say(t, db, ana, nil, 3)
		wantCode(t, "another's", db.WithdrawFeedback(t.Context(), f.ID, guest, time.Time{}, line), cifra.NotFound)
		wantCode(t, "none", db.WithdrawFeedback(t.Context(), 99, ana, time.Time{}, line), cifra.NotFound)
		wantCode(t, "too late", db.WithdrawFeedback(t.Context(), f.ID, ana, f.CreatedAt.Add(time.Second), line), cifra.Conflict)
		for range 2 { // twice is fine
			if err := db.WithdrawFeedback(t.Context(), f.ID, ana, f.CreatedAt, line); err != nil {
				t.Fatal(err)
			}
		}
		if counts, err := db.FeedbackCounts(t.Context()); err != nil || len(counts) != 0 {
			t.Errorf("got counts %+v, %v; want none", counts, err)
		}
		_, err := db.DecideFeedback(t.Context(), f.ID, cifra.DecisionAccept, 3, asAdmin)
		wantCode(t, "deciding what was taken back", err, cifra.NotFound)
		decided := say(t, db, guest, nil, 3)
		if _, err := db.DecideFeedback(t.Context(), decided.ID, cifra.DecisionAccept, cifra.NoLabel, asAdmin); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "decided", db.WithdrawFeedback(t.Context(), decided.ID, guest, time.Time{}, line), cifra.Conflict)
	})
}

func TestReview(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		p := addPrediction(t, db, ana, 1) // a line of one digit
		f, silent := say(t, db, ana, p, 3), say(t, db, ana, nil, cifra.NoLabel)
		_, err := db.DecideFeedback(t.Context(), silent.ID, cifra.DecisionAccept, cifra.NoLabel, asAdmin)
		wantCode(t, "accepting no digit", err, cifra.Impossible)
		_, err = db.DecideFeedback(t.Context(), f.ID, "perhaps", cifra.NoLabel, asAdmin)
		wantCode(t, "an unknown decision", err, cifra.Impossible)
		for _, test := range []struct {
			name     string
			decision cifra.Decision
			label    int
			state    cifra.FeedbackState
			decided  int
			by       string
		}{
			{"accepted", cifra.DecisionAccept, cifra.NoLabel, cifra.FeedbackAccepted, 3, "eva"},
			{"relabelled", cifra.DecisionAccept, 8, cifra.FeedbackAccepted, 8, "eva"},
			{"rejected", cifra.DecisionReject, cifra.NoLabel, cifra.FeedbackRejected, cifra.NoLabel, "eva"},
			{"taken back", cifra.DecisionReopen, cifra.NoLabel, cifra.FeedbackNew, cifra.NoLabel, ""},
		} {
			got, err := db.DecideFeedback(t.Context(), f.ID, test.decision, test.label, asAdmin)
			if err != nil || got.State != test.state || got.Decided != test.decided || got.DecidedBy != test.by || got.DecidedAt.IsZero() != (test.by == "") {
				t.Errorf("%s: got %+v, %v", test.name, got, err)
			}
		}
		yes, no, seven := true, false, 7
		for _, test := range []struct {
			name   string
			filter cifra.FeedbackFilter
			want   int64
		}{
			{"all", cifra.FeedbackFilter{}, 2},
			{"new", cifra.FeedbackFilter{State: cifra.FeedbackNew}, 2},
			{"accepted", cifra.FeedbackFilter{State: cifra.FeedbackAccepted}, 0},
			{"said to be right", cifra.FeedbackFilter{Correct: &yes}, 0},
			{"said to be wrong", cifra.FeedbackFilter{Correct: &no}, 2},
			{"read as a seven", cifra.FeedbackFilter{Said: &seven}, 2},
			{"said to be a seven", cifra.FeedbackFilter{Label: &seven}, 0},
			{"of a model", cifra.FeedbackFilter{Model: "v2-0a1b2c3d"}, 1},
		} {
			items, _, err := db.Feedbacks(t.Context(), test.filter, "", 0)
			n, countErr := db.CountFeedback(t.Context(), test.filter)
			if err != nil || countErr != nil || int64(len(items)) != test.want || n != test.want {
				t.Errorf("%s: got %d, counted %d, %v, %v; want %d", test.name, len(items), n, err, countErr, test.want)
			}
		}
		page, next, err := db.Feedbacks(t.Context(), cifra.FeedbackFilter{}, "", 1)
		if err != nil || len(page) != 1 || next == "" {
			t.Fatalf("got %+v, %q, %v; want a page of one, and more", page, next, err)
		}
		if page, next, err = db.Feedbacks(t.Context(), cifra.FeedbackFilter{}, next, 1); err != nil || len(page) != 1 || next != "" {
			t.Errorf("got %+v, %q, %v; want the last one", page, next, err)
		}
		line := say(t, db, ana, addLine(t, db, ana), cifra.NoLabel)
		_, err = db.DecideFeedback(t.Context(), line.ID, cifra.DecisionAccept, 4, asAdmin)
		wantCode(t, "accepting one digit for a line", err, cifra.Impossible)
	})
}

// addLine keeps a prediction that found two digits.
func addLine(t testing.TB, db *store.DB, who cifra.Actor) *cifra.Prediction {
	t.Helper()
	pic := picture(77)
	p := prediction(pic)
	p.UserID = who.UserID()
	p.Reading.Digits = append(p.Reading.Digits, cifra.ReadDigit{Digit: 4})
	if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatIsDeletedAndWhatStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		guest := cifra.Actor{Guest: "guest-7"}
		judged, plain := addPrediction(t, db, guest, 1), addPrediction(t, db, guest, 2)
		taken := addPrediction(t, db, guest, 3)
		f, gone := say(t, db, guest, judged, 3), say(t, db, guest, taken, 3)
		if err := db.WithdrawFeedback(t.Context(), gone.ID, guest, time.Time{}, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if n, err := db.DeletePredictionsBefore(t.Context(), storetest.Start.Add(time.Hour)); n != 2 || err != nil {
			t.Errorf("retention: got %d, %v; want what nobody judges deleted, 2", n, err)
		}
		_, err := db.Prediction(t.Context(), plain.ID)
		wantCode(t, "past its retention", err, cifra.NotFound)
		user := addUser(t, db, "ana")
		if n, err := db.ClaimGuest(t.Context(), "guest-7", user.ID); n != 1 || err != nil {
			t.Errorf("claim: got %d, %v; want 1", n, err)
		}
		if got, err := db.Feedback(t.Context(), f.ID); err != nil || got.UserID != user.ID || got.Guest != "" || got.Username != "guest-7" {
			t.Errorf("after the guest signed in: got %+v, %v; want it to be ana's, under the name of then", got, err)
		}
		if err := db.DeletePrediction(t.Context(), judged.ID, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		_, err = db.Feedback(t.Context(), f.ID)
		wantCode(t, "what was said of a deleted drawing", err, cifra.NotFound)
		if counts, err := db.FeedbackCounts(t.Context()); err != nil || len(counts) != 1 || counts[0].N != 1 {
			t.Errorf("got counts %+v, %v; want it counted still", counts, err)
		}
	})
}

func TestLabelledPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var people []cifra.Actor
		for i := range 5 {
			people = append(people, cifra.Actor{User: addUser(t, db, fmt.Sprintf("user%d", i))})
		}
		accept := func(f *cifra.Feedback, label int) {
			t.Helper()
			if _, err := db.DecideFeedback(t.Context(), f.ID, cifra.DecisionAccept, label, asAdmin); err != nil {
				t.Fatal(err)
			}
		}
		all := func(n, label, users int) (last *cifra.Feedback) {
			for _, who := range people[:users] {
				last = say(t, db, who, addPrediction(t, db, who, n), label)
			}
			return last
		}
		accept(say(t, db, people[0], addPrediction(t, db, people[0], 1), 3), cifra.NoLabel)
		accept(say(t, db, people[0], addPrediction(t, db, people[0], 2), 3), 8) // relabelled
		all(3, 2, 3)                                                            // three agree
		all(4, 2, 2)                                                            // two don't do
		all(5, 2, 3)                                                            // three against two others
		for _, who := range people[3:] {
			say(t, db, who, addPrediction(t, db, who, 5), 6)
		}
		reject := all(6, 2, 3) // an admin says no
		if _, err := db.DecideFeedback(t.Context(), reject.ID, cifra.DecisionReject, cifra.NoLabel, asAdmin); err != nil {
			t.Fatal(err)
		}
		for range 3 { // guests don't count, nor does one user thrice
			guest := cifra.Actor{Guest: "guest-" + strconv.Itoa(store.Count(t, db, "feedback"))}
			say(t, db, guest, addPrediction(t, db, guest, 7), 2)
			say(t, db, people[0], addPrediction(t, db, people[0], 8), 2)
		}
		labels := func(q cifra.LabelledQuery) map[string]int {
			t.Helper()
			got, err := db.Labelled(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			m := map[string]int{}
			for _, l := range got {
				if len(l.Views) != 3*cifra.Pixels {
					t.Errorf("got a picture of %d bytes", len(l.Views))
				}
				m[l.Image] = l.Label
			}
			return m
		}
		// All of these pictures have two boxes, so no picture may be among them until they have one.
		if got := labels(cifra.LabelledQuery{API: cifra.V2, Batch: 1000}); len(got) != 0 {
			t.Errorf("lines of digits: got %v, want none", got)
		}
		oneBox(t, db)
		want := map[string]int{picture(1).Hash: 3, picture(2).Hash: 8, picture(3).Hash: 2, picture(5).Hash: 2}
		if diff := cmp.Diff(want, labels(cifra.LabelledQuery{API: cifra.V2, Batch: 1000})); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
		delete(want, picture(5).Hash)
		if diff := cmp.Diff(want, labels(cifra.LabelledQuery{API: cifra.V2, Batch: 199})); diff != "" {
			t.Errorf("in a batch of 199, of which each user has one (-want +got):\n%s", diff)
		}
		learned, err := db.Labelled(t.Context(), cifra.LabelledQuery{API: cifra.V2})
		if err != nil || len(learned) != 2 {
			t.Fatalf("in a batch without room for agreed labels: got %+v, %v; want the 2 accepted ones", learned, err)
		}
		for range 2 {
			if err := db.UseFeedback(t.Context(), cifra.V2, "run-1", learned); err != nil {
				t.Fatal(err)
			}
		}
		if got := labels(cifra.LabelledQuery{API: cifra.V2, Fresh: true}); len(got) != 0 {
			t.Errorf("after a run learned them: got %v fresh, want none", got)
		}
		if got := labels(cifra.LabelledQuery{API: cifra.V1, Fresh: true}); len(got) != 2 {
			t.Errorf("for the other API: got %v fresh, want 2", got)
		}
		if f, err := db.Feedback(t.Context(), learned[0].Feedback[0]); err != nil || f.UsedBy != "run-1" {
			t.Errorf("got %+v, %v; want it to name the run", f, err)
		}
		accept(&cifra.Feedback{ID: learned[0].Feedback[0]}, 9)
		if got := labels(cifra.LabelledQuery{API: cifra.V2, Fresh: true}); got[learned[0].Image] != 9 {
			t.Errorf("relabelled after it was learned: got %v, want it fresh, as a 9", got)
		}
	})
}

// oneBox leaves each picture one digit.
func oneBox(t *testing.T, db *store.DB) {
	t.Helper()
	if _, err := store.Raw(db).ExecContext(t.Context(), `UPDATE images SET meta = '{"steps":[],"boxes":[[1,2,3,4]],"ink":{},"width":1,"height":1,"format":"png"}'`); err != nil {
		t.Fatal(err)
	}
}
