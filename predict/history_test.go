package predict

import (
	"fmt"
	"testing"

	"cifra"
)

func TestDeletedPicturesAreForgottenByTheCache(t *testing.T) {
	for _, tt := range []struct {
		name   string
		delete func(t *testing.T, w *world, ids []string) (int, error)
	}{
		{"one", func(t *testing.T, w *world, ids []string) (int, error) {
			t.Helper()
			for _, id := range ids {
				if err := w.Delete(asUser(t.Context(), 1), id); err != nil {
					return 0, err
				}
			}
			return len(ids), nil
		}},
		{"some", func(t *testing.T, w *world, ids []string) (int, error) {
			t.Helper()
			return w.DeleteSome(asUser(t.Context(), 1), append(ids, "nobody's"))
		}},
		{"all", func(t *testing.T, w *world, _ []string) (int, error) {
			t.Helper()
			return w.DeleteAll(asUser(t.Context(), 1))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, fakePrep{})
			ctx := asUser(t.Context(), 1)
			up := func(n int) cifra.Upload {
				return cifra.Upload{API: cifra.V2, Content: fmt.Append(nil, n), Keep: true}
			}
			const many = deleteAtOnce + 5
			var ids []string
			for n := range many {
				r, err := w.Predict(ctx, up(n))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, r.ID)
			}
			theirs, err := w.Predict(asUser(t.Context(), 2), up(many))
			if err != nil {
				t.Fatal(err)
			}
			n, err := tt.delete(t, w, ids)
			if err != nil || n != many {
				t.Fatalf("got %d deleted, %v, want %d", n, err, many)
			}
			for _, again := range []struct {
				n    int
				want bool
			}{{0, false}, {many - 1, false}, {many, true}} {
				a := up(again.n)
				a.Keep = false
				r, err := w.Predict(ctx, a)
				if err != nil || r.Provenance.Cached() != again.want {
					t.Errorf("picture %d: got cached %v, %v, want %v", again.n, r.Provenance.Cached(), err, again.want)
				}
			}
			if items, _, err := w.History(asUser(t.Context(), 2), cifra.HistoryFilter{}, "", 0); err != nil || len(items) != 1 || items[0].ID != theirs.ID {
				t.Errorf("got %d of somebody else's, %v, want their one", len(items), err)
			}
		})
	}
}

func TestSharing(t *testing.T) {
	w := newWorld(t, fakePrep{})
	ana, eve := asUser(t.Context(), 1), asUser(t.Context(), 2)
	admin := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{ID: 3, Role: cifra.RoleAdmin}})
	guest := cifra.WithActor(t.Context(), cifra.Actor{Guest: "guest-1"})
	r, err := w.Predict(ana, cifra.Upload{API: cifra.V2, Content: []byte{7}, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name string
		err  error
		want cifra.Code
	}{
		{"nobody shares what isn't theirs", w.Share(eve, r.ID, true), cifra.NotFound},
		{"nor does an admin", w.Share(admin, r.ID, true), cifra.NotFound},
		{"one shares one's own", w.Share(ana, r.ID, true), ""},
		{"whoever sees it can't delete it", w.Delete(eve, r.ID), cifra.NotFound},
		{"nor close it", w.Share(guest, r.ID, false), cifra.NotFound},
	}
	for _, s := range steps {
		if got := cifra.CodeOf(s.err); got != s.want {
			t.Errorf("%s: got %q (%v), want %q", s.name, got, s.err, s.want)
		}
	}
	if _, err := w.Recognition(guest, r.ID); err != nil {
		t.Errorf("shared: got %v for a stranger, want it", err)
	}
	if err := w.Share(ana, r.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recognition(guest, r.ID); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("not shared any more: got %v for a stranger, want not found", err)
	}
}
