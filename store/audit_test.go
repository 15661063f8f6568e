package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestTheBookOfWhoDidWhat(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i := range 12 {
			a := cifra.Audit{UserID: int64(i % 2), Username: []string{"-", "ana"}[i%2], Action: cifra.ActionLogin, Details: "d", IP: "::1"}
			if i == 7 {
				a.Action = cifra.ActionRefused
			}
			if err := db.AddAudit(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		var ids []int64
		cursor := ""
		for range 3 {
			page, next, err := db.Audits(t.Context(), cifra.AuditFilter{}, cursor, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page {
				ids = append(ids, a.ID)
			}
			cursor = next
		}
		if diff := cmp.Diff([]int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, ids); diff != "" || cursor != "" {
			t.Errorf("pages of 5, at last cursor %q (-want +got):\n%s", cursor, diff)
		}
		for _, test := range []struct {
			name string
			like cifra.Audit
			want int
		}{
			{"of one user", cifra.Audit{UserID: 1}, 6},
			{"under one name", cifra.Audit{Username: "-"}, 6},
			{"of one action", cifra.Audit{Action: cifra.ActionRefused}, 1},
			{"of all three", cifra.Audit{UserID: 1, Username: "ana", Action: cifra.ActionLogin}, 5},
			{"of nobody", cifra.Audit{Username: "eva"}, 0},
		} {
			if got, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: test.like}, "", 0); err != nil || len(got) != test.want {
				t.Errorf("%s: got %d rows, %v; want %d", test.name, len(got), err, test.want)
			}
		}
		for _, cursor := range []string{"x", "-1", "0", "1.5", "99999999999999999999"} {
			_, _, err := db.Audits(t.Context(), cifra.AuditFilter{}, cursor, 0)
			wantCode(t, "cursor "+cursor, err, cifra.Invalid)
		}
		for _, change := range []string{"UPDATE audit SET username = 'eva'", "DELETE FROM audit"} {
			if _, err := store.Raw(db).ExecContext(t.Context(), change); err == nil {
				t.Errorf("%s: got it done, want the book to be only ever added to", change)
			}
		}
	})
}

func TestWhatIsTooLongIsCut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.AddAudit(t.Context(), cifra.Audit{Details: strings.Repeat("ж", 501), Action: "x"}); err != nil {
			t.Fatal(err)
		}
		audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{}, "", 0)
		if err != nil || audits[0].Details != strings.Repeat("ж", 500) {
			t.Errorf("details: got %d characters, %v; want 500", utf8.RuneCountInString(audits[0].Details), err)
		}
		pic := picture(1)
		p := prediction(pic)
		p.FileName = strings.Repeat("😀", 256)
		if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Prediction(t.Context(), p.ID)
		if err != nil || got.FileName != strings.Repeat("😀", 255) {
			t.Errorf("file name: got %d characters, %v; want 255", utf8.RuneCountInString(got.FileName), err)
		}
	})
}
