package train_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"cifra"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/store"
	"cifra/store/storetest"
	"cifra/train"
)

// world is a database with what people said, and signals of what a runner does.
type world struct {
	*store.DB
	labels   []cifra.Labelled
	looked   chan struct{}
	finished chan cifra.TrainingState
	saved    func(epoch int)
	goesOn   bool // another trainer goes on with what this one leaves: states are kept, which takes their time
	moved    func(cifra.TrainingState)
}

func newWorld(t testing.TB, labels []cifra.Labelled) *world {
	t.Helper()
	w := &world{DB: storetest.SQLite(t), labels: labels, looked: make(chan struct{}, 100), finished: make(chan cifra.TrainingState, 10)}
	w.saved, w.moved = func(int) {}, func(cifra.TrainingState) {}
	return w
}

func (w *world) Labelled(context.Context, cifra.LabelledQuery) ([]cifra.Labelled, error) {
	return slices.Clone(w.labels), nil
}

func (w *world) UseFeedback(context.Context, cifra.API, string, []cifra.Labelled) error { return nil }

func (w *world) ActiveTraining(ctx context.Context) (*cifra.TrainingRun, error) {
	r, err := w.DB.ActiveTraining(ctx)
	select {
	case w.looked <- struct{}{}:
	default:
	}
	return r, err
}

func (w *world) SetTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun) error {
	err := w.DB.SetTraining(ctx, l, r)
	w.moved(r.State)
	return err
}

func (w *world) SaveCheckpoint(ctx context.Context, l cifra.Lease, epoch int, curve any, state []byte) error {
	if !w.goesOn {
		state = nil
	}
	err := w.DB.SaveCheckpoint(ctx, l, epoch, curve, state)
	w.saved(epoch)
	return err
}

func (w *world) FinishTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun, a cifra.Audit) error {
	err := w.DB.FinishTraining(ctx, l, r, a)
	if err == nil {
		w.finished <- r.State
	}
	return err
}

// runner returns a trainer of the world, which is stopped when the test ends.
func (w *world) runner(t testing.TB, name string, now func() time.Time) *train.Runner {
	t.Helper()
	m := modelsOf(t, w.DB)
	m.Labels = w
	r := &train.Runner{
		Queue: w, Labels: w, Models: m, Supplies: &train.Supplies{}, Owner: name, Now: now, Workers: 2,
		Log: slog.New(slog.DiscardHandler),
	}
	t.Cleanup(r.Stop)
	return r
}

// ask queues a retraining of v1, the quick one, always with the same seed.
func (w *world) ask(t testing.TB) int64 {
	t.Helper()
	id, err := w.AddTraining(t.Context(), &cifra.TrainingRun{API: cifra.V1, Promote: true, By: "ana", Seed: 7}, cifra.Audit{Username: "ana", Action: cifra.ActionRetrain})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) run(t testing.TB, id int64) *cifra.TrainingRun {
	t.Helper()
	r, err := w.Training(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wait returns the state in which a run ended.
func (w *world) wait(t testing.TB) cifra.TrainingState {
	t.Helper()
	select {
	case s := <-w.finished:
		return s
	case <-time.After(5 * time.Minute): // a machine that is very busy
		t.Fatal("the run doesn't end")
		return ""
	}
}

var written = sync.OnceValues(func() (idx.Set, error) {
	return material.Make(context.Background(), material.Sketches, 400, material.Options{Seed: 99, Workers: 2})
})

// turned returns n pictures in a hand that no model was taught, with the label that wrong makes of the right one.
func turned(t testing.TB, n int, wrong func(int) int) []cifra.Labelled {
	t.Helper()
	all, err := written()
	if err != nil {
		t.Fatal(err)
	}
	set := material.Turned(all, 1)
	labels := make([]cifra.Labelled, 0, n)
	for i := range n {
		right := int(set.Labels[i])
		labels = append(labels, cifra.Labelled{
			Image: fmt.Sprintf("%064d", i), Preparation: "p", Views: set.Image(i), Label: wrong(right), Predicted: (wrong(right) + 1) % 10, Accepted: true,
		})
	}
	return labels
}

func right(d int) int { return d }

func TestRetrainingFromCorrections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, turned(t, 330, right))
	id := w.ask(t)
	r := w.runner(t, "one", time.Now)
	r.Start(t.Context())
	state := w.wait(t)
	run := w.run(t, id)
	for _, c := range run.Gate.Checks {
		t.Logf("%s: %.4f → %.4f of %d, passed %v", c.Name, c.Champion, c.Challenger, c.N, c.Passed)
	}
	if state != cifra.TrainingPromoted || run.Gate.Verdict != cifra.VerdictPass {
		t.Errorf("got %s (%s), verdict %s, want it promoted", state, run.Reason, run.Gate.Verdict)
	}
	held := run.Gate.Checks[0]
	if gain := held.Challenger - held.Champion; gain < 0.1 || held.N < 60 {
		t.Errorf("got %.3f more on %d held-out corrections, want 0.1 at least", gain, held.N)
	}
	if len(run.Curve) != run.Epochs+1 || run.Curve[0].Epoch != 0 || run.Data.New < 220 || !run.Data.Anchored {
		t.Errorf("got a curve of %d points for %d epochs, data %+v, want all of it", len(run.Curve), run.Epochs, run.Data)
	}
	if id, err := w.Champion(t.Context(), cifra.V1); id != run.Model || err != nil {
		t.Errorf("got champion %s, %v, want the challenger %s", id, err, run.Model)
	}

	// What it has learnt is known from now on, and there is nothing new.
	again := w.ask(t)
	r.Wake()
	w.wait(t)
	if d := w.run(t, again).Data; d.New != 0 || d.Known != run.Data.New || d.Held != run.Data.Held {
		t.Errorf("got %+v, want nothing new and %d known", d, run.Data.New)
	}
}

// TestNothingWorseIsPromoted: wrong labels, even where an admin was fooled into accepting all of them.
func TestNothingWorseIsPromoted(t *testing.T) {
	t.Parallel()
	swap := func(d int) int { return (d + 1) % 10 }
	few := turned(t, 28, swap) // as many as the quota lets 20 users who agree have of a batch
	for i := range few {
		few[i].Accepted = false
	}
	for _, tt := range []struct {
		name   string
		labels []cifra.Labelled
	}{
		{"20 users agree on wrong labels", few},
		{"an admin accepted 200 wrong labels", turned(t, 200, swap)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.labels)
			id := w.ask(t)
			r := w.runner(t, "one", time.Now)
			r.Start(t.Context())
			state := w.wait(t)
			run := w.run(t, id)
			t.Logf("%s: %+v", state, run.Gate.Checks)
			if state == cifra.TrainingPromoted || run.Gate.Verdict == cifra.VerdictPass {
				t.Errorf("got %s, want it not promoted", state)
			}
			if _, err := w.Champion(t.Context(), cifra.V1); cifra.CodeOf(err) != cifra.NotFound {
				t.Errorf("got %v, want no other champion", err)
			}
		})
	}
}

func TestOfTwoRunnersOneTrains(t *testing.T) {
	t.Parallel()
	w := newWorld(t, turned(t, 60, right))
	one, two := w.runner(t, "one", time.Now), w.runner(t, "two", time.Now)
	one.Start(t.Context())
	two.Start(t.Context())
	one.Start(t.Context()) // twice is fine
	id := w.ask(t)
	one.Wake()
	two.Wake()
	w.wait(t)
	one.Stop()
	two.Stop()
	two.Stop()
	if run := w.run(t, id); run.Attempt != 1 || run.Fence != 1 || len(w.finished) != 0 {
		t.Errorf("got attempt %d, fence %d, %d more ends, want one trainer", run.Attempt, run.Fence, len(w.finished))
	}
}

// manual is a clock that a test moves.
type manual struct {
	mu sync.Mutex
	at time.Time
}

func (c *manual) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *manual) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestARunOfADeadTrainerIsTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, turned(t, 60, right))
	id := w.ask(t)
	if _, err := w.ClaimTraining(t.Context(), w.run(t, id), "dead"); err != nil {
		t.Fatal(err)
	}
	clock := &manual{at: storetest.Start}
	r := w.runner(t, "next", clock.now)
	r.Start(t.Context())
	look := func() {
		t.Helper()
		for range cap(w.looked) {
			select {
			case <-w.looked:
				continue
			default:
			}
			break
		}
		r.Wake()
		<-w.looked
		r.Wake()
		<-w.looked // the look before has been thought about
	}
	look()
	clock.add(train.Lease - time.Millisecond)
	look()
	if run := w.run(t, id); run.Owner != "dead" || run.Attempt != 1 {
		t.Errorf("got it with %s, attempt %d, want it left alone for %s", run.Owner, run.Attempt, train.Lease)
	}
	clock.add(time.Millisecond)
	r.Wake()
	w.wait(t)
	if run := w.run(t, id); run.Attempt != 2 || run.Fence != 2 {
		t.Errorf("got attempt %d, fence %d, want it taken over once", run.Attempt, run.Fence)
	}
}

func TestARunWhoseTrainersDieIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.ask(t)
	for range 3 {
		if _, err := w.ClaimTraining(t.Context(), w.run(t, id), "dead"); err != nil {
			t.Fatal(err)
		}
	}
	clock := &manual{at: storetest.Start}
	r := w.runner(t, "last", clock.now)
	r.Start(t.Context())
	<-w.looked
	r.Wake()
	<-w.looked
	clock.add(train.Lease)
	r.Wake()
	if got := w.wait(t); got != cifra.TrainingFailed {
		t.Errorf("got %s, want it failed after three attempts", got)
	}
	if run := w.run(t, id); run.Reason != "training.reason.attempts" {
		t.Errorf("got reason %q", run.Reason)
	}
}

func TestCancelWhileItTrains(t *testing.T) {
	t.Parallel()
	w := newWorld(t, turned(t, 400, right))
	id := w.ask(t)
	var once sync.Once
	var asked time.Time
	w.saved = func(int) {
		once.Do(func() {
			asked = time.Now()
			if err := w.CancelTraining(context.Background(), id, cifra.Audit{}); err != nil {
				t.Error(err)
			}
		})
	}
	r := w.runner(t, "one", time.Now)
	r.Start(t.Context())
	if got := w.wait(t); got != cifra.TrainingCancelled {
		t.Errorf("got %s, want cancelled", got)
	}
	t.Logf("cancelled after %s", time.Since(asked))
	if run := w.run(t, id); run.Model != "" || run.Gate != nil || len(run.Curve) == 0 {
		t.Errorf("got model %q and a curve of %d, want no challenger, and the curve as far as it came", run.Model, len(run.Curve))
	}
}

// TestHandedBackAndGoneOnWith stops a trainer after its third epoch; another one goes on from there, to the same bytes.
func TestHandedBackAndGoneOnWith(t *testing.T) {
	t.Parallel()
	labels := turned(t, 120, right)
	whole := newWorld(t, labels)
	id := whole.ask(t)
	r := whole.runner(t, "one", time.Now)
	r.Start(t.Context())
	whole.wait(t)
	want := whole.run(t, id).Model

	w := newWorld(t, labels)
	w.goesOn = true
	id = w.ask(t)
	first := w.runner(t, "first", time.Now)
	stopped := make(chan struct{})
	var once sync.Once
	w.saved = func(epoch int) {
		if epoch == 3 {
			once.Do(func() { go func() { first.Stop(); close(stopped) }() })
		}
	}
	first.Start(t.Context())
	<-stopped
	if run := w.run(t, id); run.State == cifra.TrainingQueued && run.Attempt != 0 {
		t.Errorf("got attempt %d, want one that doesn't count", run.Attempt)
	}
	epochs := 0
	w.saved = func(int) { epochs++ }
	second := w.runner(t, "second", time.Now)
	second.Start(t.Context())
	w.wait(t)
	run := w.run(t, id)
	if run.Model != want || want == "" {
		t.Errorf("got %s, want the same weights as without the stop: %s", run.Model, want)
	}
	if epochs >= run.Epochs || len(run.Curve) != run.Epochs+1 {
		t.Errorf("got %d epochs of %d trained again and a curve of %d, want it to go on", epochs, run.Epochs, len(run.Curve))
	}
}
