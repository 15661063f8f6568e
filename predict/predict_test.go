package predict

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

// fakeModel reads the first byte of a picture, and counts how often it was asked.
type fakeModel struct {
	version string
	reads   atomic.Int64
}

func (m *fakeModel) Version() string { return m.version }

func (m *fakeModel) Read(p *cifra.Picture) cifra.Reading {
	m.reads.Add(1)
	return cifra.Reading{Model: m.version, Digit: int(p.Views[0]), Probability: 0.9, Sure: true}
}

// fakePrep makes a picture of which the first pixel is the upload's first byte.
type fakePrep struct{ err error }

func (f fakePrep) Prepare(_ context.Context, content []byte) (*cifra.Picture, error) {
	if f.err != nil {
		return nil, f.err
	}
	views := make([]byte, cifra.Pixels)
	views[0] = content[0]
	return &cifra.Picture{Hash: hash(content), Preparation: "p1", Views: views}, nil
}

// memoryStore keeps predictions in a map.
type memoryStore struct {
	mu     sync.Mutex
	kept   map[string]*cifra.Recognition
	audits []cifra.Audit
	err    error
}

func (s *memoryStore) AddPrediction(_ context.Context, p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.kept[p.ID] = &cifra.Recognition{Prediction: *p, Picture: *pic}
	s.audits = append(s.audits, a)
	return nil
}

func (s *memoryStore) Prediction(_ context.Context, id string) (*cifra.Recognition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.kept[id]; ok {
		return r, nil
	}
	return nil, cifra.E(cifra.NotFound, "error.not-found")
}

func (s *memoryStore) DeletePrediction(_ context.Context, id string, a cifra.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, id)
	s.audits = append(s.audits, a)
	return nil
}

func (s *memoryStore) ClaimGuest(_ context.Context, guest string, userID int64) (n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.kept {
		if r.Guest == guest {
			r.Guest, r.UserID = "", userID
			n++
		}
	}
	return n, nil
}

func (s *memoryStore) Predictions(
	_ context.Context, who cifra.Actor, _ cifra.HistoryFilter, _ string, _ int,
) (items []cifra.Recognition, next string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.kept {
		if who.Owns(&r.Prediction) {
			items = append(items, *r)
		}
	}
	return items, "", s.err
}

func (s *memoryStore) DeletePredictions(_ context.Context, who cifra.Actor, ids []string, a cifra.Audit) (images []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.kept {
		if who.Owns(&r.Prediction) && len(images) < deleteAtOnce && (len(ids) == 0 || slices.Contains(ids, id)) {
			delete(s.kept, id)
			images = append(images, r.ImageHash)
		}
	}
	s.audits = append(s.audits, a)
	return images, s.err
}

func (s *memoryStore) SharePrediction(_ context.Context, who cifra.Actor, id string, shared bool, a cifra.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.kept[id]
	if r == nil || !who.Owns(&r.Prediction) {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	r.Shared = shared
	s.audits = append(s.audits, a)
	return nil
}

func (s *memoryStore) MayDelete(context.Context, int64) error { return nil }

func (s *memoryStore) DeleteUser(_ context.Context, _ int64, a cifra.Audit) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audits = append(s.audits, a)
	return nil, s.err
}

type world struct {
	*Service
	v1, v2 *fakeModel
	store  *memoryStore
}

func newWorld(t *testing.T, p Preparer) *world {
	t.Helper()
	c, err := cache.New(t.Context(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{v1: &fakeModel{version: "v1-a"}, v2: &fakeModel{version: "v2-a"}, store: &memoryStore{kept: map[string]*cifra.Recognition{}}}
	models := &Models{}
	models.Serve(cifra.V1, w.v1)
	models.Serve(cifra.V2, w.v2)
	w.Service = New(Deps{
		Cache: c, Policy: cache.Policy{Namespace: "predict", TTL: time.Minute}, Prep: p, PrepVersion: "p1",
		Models: models, Store: w.store, Persons: w.store, Now: time.Now,
	})
	return w
}

func asUser(ctx context.Context, id int64) context.Context {
	return cifra.WithActor(ctx, cifra.Actor{User: &cifra.User{ID: id, Username: "ana"}})
}

func TestPredictTwice(t *testing.T) {
	w := newWorld(t, fakePrep{})
	ctx := asUser(t.Context(), 1)
	up := cifra.Upload{API: cifra.V2, Content: []byte{7}, Keep: true}
	first, err := w.Predict(ctx, up)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Predict(ctx, up)
	if err != nil {
		t.Fatal(err)
	}
	if first.Reading.Digit != 7 || first.Provenance.Source != cifra.SourceModel || first.Provenance.Cached() {
		t.Errorf("first: got %+v, want a 7 from the model", first.Prediction)
	}
	if second.Reading.Digit != 7 || second.Provenance.Source != cifra.SourceCache || !second.Provenance.Cached() {
		t.Errorf("second: got %+v, want a 7 from the cache", second.Prediction)
	}
	if n := w.v2.reads.Load(); n != 1 {
		t.Errorf("the model ran %d times, want once", n)
	}
	if first.ID == second.ID || len(w.store.kept) != 2 || len(w.store.audits) != 2 {
		t.Errorf("got %d predictions and %d audit rows, want two of each: a hit is kept too", len(w.store.kept), len(w.store.audits))
	}
}

func TestWhatMakesAnotherAnswer(t *testing.T) {
	w := newWorld(t, fakePrep{})
	ctx := t.Context()
	ask := func(api cifra.API, content byte) cifra.Outcome {
		t.Helper()
		r, err := w.Predict(ctx, cifra.Upload{API: api, Content: []byte{content}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Provenance.Outcome
	}
	ask(cifra.V2, 7)
	if got := ask(cifra.V2, 8); got != cifra.Miss {
		t.Errorf("other bytes: got %s, want a miss", got)
	}
	if got := ask(cifra.V1, 7); got != cifra.Miss {
		t.Errorf("the other API: got %s, want a miss", got)
	}
	w.Models.Serve(cifra.V2, &fakeModel{version: "v2-b"})
	if got := ask(cifra.V2, 7); got != cifra.Miss {
		t.Errorf("after a promotion: got %s, want a miss", got)
	}
	w.PrepVersion = "p2"
	if got := ask(cifra.V2, 7); got != cifra.Miss {
		t.Errorf("another preparation: got %s, want a miss", got)
	}
	if got := ask(cifra.V2, 7); got != cifra.HitL1 {
		t.Errorf("the same again: got %s, want a hit", got)
	}
}

func TestKeepNothing(t *testing.T) {
	w := newWorld(t, fakePrep{})
	r, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V1, Content: []byte{3}})
	if err != nil || r.ID != "" || len(w.store.kept) != 0 || len(w.store.audits) != 0 {
		t.Errorf("got id %q, %d predictions, %d audit rows, %v; want nothing kept", r.ID, len(w.store.kept), len(w.store.audits), err)
	}
}

func TestErrorsKeepNothingAndAreNotRemembered(t *testing.T) {
	refused := cifra.E(cifra.Unsupported, "error.file.kind")
	w := newWorld(t, fakePrep{err: refused})
	_, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{3}, Keep: true})
	if cifra.CodeOf(err) != cifra.Unsupported || len(w.store.kept) != 0 {
		t.Errorf("got %v and %d predictions, want the refusal and none", err, len(w.store.kept))
	}
	w.Prep = fakePrep{}
	if _, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{3}, Keep: true}); err != nil {
		t.Errorf("the refusal was remembered: %v", err)
	}
	w.store.err = cifra.E(cifra.Unavailable, "error.database")
	if _, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{3}, Keep: true}); cifra.CodeOf(err) != cifra.Unavailable {
		t.Errorf("without the database: got %v, want Unavailable", err)
	}
	if _, err := w.Predict(t.Context(), cifra.Upload{API: "v3", Content: []byte{3}}); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("an API that does not exist: got %v, want NotFound", err)
	}
}

func TestGuessLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, fakePrep{})
	up := cifra.Upload{API: cifra.V2, Content: []byte{5}}
	if r, err := w.Guess(t.Context(), up); err != nil || r.Reading.Digit != 5 {
		t.Fatalf("got %v, %v, want a 5", r, err)
	}
	r, err := w.Predict(t.Context(), up)
	if err != nil || r.Provenance.Outcome != cifra.Miss {
		t.Errorf("got %v, %v, want the first real answer to come from the model", r, err)
	}
}

func TestCompareIsRememberedAsTheOtherAPIsAnswer(t *testing.T) {
	w := newWorld(t, fakePrep{})
	r, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{4}})
	if err != nil {
		t.Fatal(err)
	}
	if other, err := w.Compare(t.Context(), &r.Picture, cifra.V1); err != nil || other.Reading.Model != "v1-a" {
		t.Fatalf("got %v, %v, want v1's reading", other, err)
	}
	again, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V1, Content: []byte{4}})
	if err != nil || !again.Provenance.Cached() {
		t.Errorf("got %v, %v, want it from the cache", again, err)
	}
}

func TestWhoMaySeeAndDelete(t *testing.T) {
	w := newWorld(t, fakePrep{})
	guest := cifra.WithActor(t.Context(), cifra.Actor{Guest: "guest-1"})
	of := map[string]context.Context{"user": asUser(t.Context(), 1), "guest": guest}
	ids := map[string]string{}
	for who, ctx := range of {
		r, err := w.Predict(ctx, cifra.Upload{API: cifra.V2, Content: []byte{byte(len(who))}, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		ids[who] = r.ID
	}
	admin := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{ID: 9, Role: cifra.RoleAdmin}})
	disabled := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{ID: 9, Role: cifra.RoleAdmin, Disabled: true}})
	for _, tt := range []struct {
		name string
		ctx  context.Context
		of   string
		want cifra.Code
	}{
		{"the user sees theirs", of["user"], "user", ""},
		{"the guest sees theirs", guest, "guest", ""},
		{"the guest does not see the user's", guest, "user", cifra.NotFound},
		{"another user does not", asUser(t.Context(), 2), "user", cifra.NotFound},
		{"nobody does not see a guest's", t.Context(), "guest", cifra.NotFound},
		{"another guest does not", cifra.WithActor(t.Context(), cifra.Actor{Guest: "guest-2"}), "guest", cifra.NotFound},
		{"an admin sees all", admin, "guest", ""},
		{"an admin who was disabled does not", disabled, "user", cifra.NotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := w.Recognition(tt.ctx, ids[tt.of]); cifra.CodeOf(err) != tt.want {
				t.Errorf("got %v, want code %q", err, tt.want)
			}
		})
	}
	if err := w.Delete(guest, ids["user"]); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("a guest deletes the user's: got %v, want NotFound", err)
	}
	if err := w.Delete(of["user"], ids["user"]); err != nil {
		t.Fatal(err)
	}
	r, err := w.Predict(of["user"], cifra.Upload{API: cifra.V2, Content: []byte{byte(len("user"))}})
	if err != nil || r.Provenance.Outcome != cifra.Miss {
		t.Errorf("after deleting: got %v, %v, want the cached answer gone too", r.Provenance.Outcome, err)
	}
}

func TestOneModelRunForManyAtOnce(t *testing.T) {
	w := newWorld(t, fakePrep{})
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 200 {
		wg.Go(func() {
			if _, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{6}}); err != nil {
				failed.Store(&err)
			}
		})
	}
	wg.Wait()
	if e := failed.Load(); e != nil {
		t.Fatal(*e)
	}
	if n := w.v2.reads.Load(); n != 1 {
		t.Errorf("200 callers ran the model %d times, want once", n)
	}
}

var errBroken = errors.New("broken")

func TestWrappedCauseStaysVisible(t *testing.T) {
	w := newWorld(t, fakePrep{err: cifra.E(cifra.Impossible, "error.file.broken").Wrap(errBroken)})
	if _, err := w.Predict(t.Context(), cifra.Upload{API: cifra.V2, Content: []byte{1}}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the cause in it", err)
	}
}
