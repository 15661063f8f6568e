package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestPersonalTokensAreKeptByTheirHash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, eve := addUser(t, db, "ana"), addUser(t, db, "eve")
		line := cifra.Audit{UserID: ana.ID, Username: "ana", Action: cifra.ActionToken}
		for _, id := range []string{"first", "second"} {
			token := &cifra.Token{ID: id, UserID: ana.ID, Name: "lab\x00 " + id, ExpiresAt: storetest.Start.Add(time.Hour)}
			if err := db.AddToken(t.Context(), token, hash(id), line); err != nil {
				t.Fatal(err)
			}
		}
		err := db.AddToken(t.Context(), &cifra.Token{ID: "nobody's", UserID: 999, ExpiresAt: storetest.Start}, hash("x"), line)
		wantCode(t, "a token of nobody", err, cifra.NotFound)
		all, err := db.TokensOf(t.Context(), ana.ID)
		if err != nil || len(all) != 2 || all[0].ID != "second" || all[1].Name != "lab first" {
			t.Errorf("got %+v, %v; want both, the newest first", all, err)
		}
		got, err := db.TokenByHash(t.Context(), hash("first"))
		if err != nil || got.UserID != ana.ID || !got.ExpiresAt.Equal(storetest.Start.Add(time.Hour)) {
			t.Errorf("got %+v, %v; want the first", got, err)
		}
		_, err = db.TokenByHash(t.Context(), hash("third"))
		wantCode(t, "an unknown one", err, cifra.NotFound)
		for _, tt := range []struct {
			name string
			user int64
			id   string
			want int64
		}{{"somebody else's", eve.ID, "first", 0}, {"one", ana.ID, "first", 1}, {"again", ana.ID, "first", 0}, {"all", ana.ID, "", 1}} {
			if n, err := db.DeleteTokens(t.Context(), tt.user, tt.id, line); err != nil || n != tt.want {
				t.Errorf("%s: got %d, %v, want %d", tt.name, n, err, tt.want)
			}
		}
	})
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := addUser(t, db, "ana")
		es, dark := "es", "dark"
		if err := db.SetPreferences(t.Context(), ana.ID, &es, nil); err != nil {
			t.Fatal(err)
		}
		if err := db.SetPreferences(t.Context(), ana.ID, nil, &dark); err != nil {
			t.Fatal(err)
		}
		if u, err := db.User(t.Context(), ana.ID); err != nil || u.Language != "es" || u.Theme != "dark" {
			t.Errorf("got %+v, %v, want Spanish and dark", u, err)
		}
		wantCode(t, "nobody's", db.SetPreferences(t.Context(), 999, &es, nil), cifra.NotFound)
	})
}

// A deleted account leaves nothing but the book of who did what: every table is searched, whatever made it.
func TestADeletedUserLeavesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		root := addUser(t, db, "root")
		if err := db.SetRole(t.Context(), root.ID, cifra.RoleAdmin, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		const name = "ana.uniquely-named"
		u := addUser(t, db, name)
		ana, eve := cifra.Actor{User: u}, cifra.Actor{User: addUser(t, db, "eve")}
		own, both := addPrediction(t, db, ana, 1), addPrediction(t, db, ana, 2)
		theirs := addPrediction(t, db, eve, 2) // about the same picture
		for _, id := range []string{own.ID, both.ID, ""} {
			f := &cifra.Feedback{PredictionID: id, UserID: u.ID, Username: name, API: cifra.V2, Prediction: 7, Label: 3, Comment: "words of " + name}
			if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{UserID: u.ID, Username: name}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.CommitSession(t.Context(), hash("session"), u.ID, []byte("of "+name), storetest.Start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := db.AddToken(t.Context(), &cifra.Token{ID: "t", UserID: u.ID, Name: name, ExpiresAt: storetest.Start.Add(time.Hour)}, hash("token"), cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if err := db.AddReset(t.Context(), u.ID, hash("reset"), storetest.Start.Add(time.Hour), cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		// What somebody else said of a shared drawing of theirs is a label of that drawing, too.
		f := &cifra.Feedback{PredictionID: own.ID, UserID: eve.UserID(), Username: "eve", API: cifra.V2, Prediction: 7, Label: 3}
		if _, err := db.AddFeedback(t.Context(), f, "", cifra.Audit{UserID: eve.UserID(), Username: "eve"}); err != nil {
			t.Fatal(err)
		}
		images, err := db.DeleteUser(t.Context(), u.ID, cifra.Audit{UserID: u.ID, Username: name, Action: cifra.ActionUserDelete})
		if err != nil || len(images) != 2 {
			t.Fatalf("got images %v, %v, want those of both predictions", images, err)
		}
		if _, err := db.Prediction(t.Context(), theirs.ID); err != nil {
			t.Errorf("somebody else's about the same picture: %v", err)
		}
		if n := store.Count(t, db, "feedback"); n != 0 {
			t.Errorf("got %d labels that are left, want none", n)
		}
		searched := 0
		for _, table := range tables(t, db) {
			if table == "audit" || table == "schema_migrations" {
				continue
			}
			searched++
			for _, trace := range []string{name, own.ID, both.ID, own.ImageHash} {
				// Events of the audit repeat the book, for as long as they are kept.
				where := "CAST(r AS TEXT) LIKE '%" + trace + "%'"
				if table == "events" {
					where += " AND r.kind <> 'audit'"
				}
				if n := store.Strings(t, db, countWhere(t, db, table, where)); n[0] != "0" {
					t.Errorf("%s: got %s rows with %q, want none", table, n[0], trace)
				}
			}
			for _, column := range columns(t, db, table) {
				if column == "user_id" {
					if n := store.Strings(t, db, fmt.Sprintf("SELECT CAST(count(*) AS TEXT) FROM %s WHERE user_id = %d", table, u.ID)); n[0] != "0" {
						t.Errorf("%s: got %s rows of the user, want none", table, n[0])
					}
				}
			}
		}
		if searched < 8 {
			t.Errorf("searched %d tables, want all", searched)
		}
		if lines := store.Strings(t, db, "SELECT username FROM audit WHERE action = 'user_delete'"); len(lines) != 1 || lines[0] != name {
			t.Errorf("the audit: got %q, want that it happened", lines)
		}
		_, err = db.DeleteUser(t.Context(), u.ID, cifra.Audit{})
		wantCode(t, "again", err, cifra.NotFound)
		wantCode(t, "the last admin may not", db.MayDelete(t.Context(), root.ID), cifra.Conflict)
		_, err = db.DeleteUser(t.Context(), root.ID, cifra.Audit{})
		wantCode(t, "the last admin", err, cifra.Conflict)
		if err := db.MayDelete(t.Context(), eve.UserID()); err != nil {
			t.Errorf("a user may: got %v", err)
		}
	})
}

func tables(t *testing.T, db *store.DB) []string {
	t.Helper()
	if db.Kind() == "postgres" {
		return store.Strings(t, db, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
	}
	return store.Strings(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
}

func columns(t *testing.T, db *store.DB, table string) []string {
	t.Helper()
	if db.Kind() == "postgres" {
		return store.Strings(t, db, "SELECT column_name FROM information_schema.columns WHERE table_name = '"+table+"'")
	}
	return store.Strings(t, db, "SELECT name FROM pragma_table_info('"+table+"')")
}

// countWhere counts the rows of a table whose text, all columns together, fulfils a condition on "CAST(r AS TEXT)".
func countWhere(t *testing.T, db *store.DB, table, where string) string {
	t.Helper()
	text := "r::text"
	if db.Kind() == "sqlite" {
		var parts []string
		for _, c := range columns(t, db, table) {
			parts = append(parts, "coalesce(CAST(r."+c+" AS TEXT), '')")
		}
		text = "(" + strings.Join(parts, " || ' ' || ") + ")"
	}
	return "SELECT CAST(count(*) AS TEXT) FROM " + table + " r WHERE " + strings.ReplaceAll(where, "CAST(r AS TEXT)", text)
}
