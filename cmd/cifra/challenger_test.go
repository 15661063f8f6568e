package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cifra/digit/synth"
)

// TestAChallengerAnswersBesideTheChampion: with a share of all, each picture goes to the version that is held; answers are
// remembered under their own version; the report has both; and when the comparison ends, the champion answers again.
func TestAChallengerAnswersBesideTheChampion(t *testing.T) {
	dir := t.TempDir()
	r, root := withAdmin(t, "CIFRA_DATA_DIR="+dir, "CIFRA_CHALLENGER_SHARE=100%")
	picture, err := synth.Drawing{}.PNG(7, 3)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (model string, cached bool) {
		t.Helper()
		v := r.upload("/api/v2/predict", root, "a.png", picture).json(t)
		model, _ = v["modelo"].(string)
		cached, _ = v["cached"].(bool)
		return model, cached
	}
	answers := func(want string) {
		t.Helper()
		for began := time.Now(); ; {
			model, cached := ask()
			if model == want {
				t.Logf("%s answers after %s, remembered: %v", want, time.Since(began).Round(time.Millisecond), cached)
				return
			}
			if time.Since(began) > 2*time.Second+busy {
				t.Fatalf("got %s, want %s", model, want)
			}
		}
	}
	press := func(path, body string) {
		t.Helper()
		got := r.do(http.MethodPost, path, strings.NewReader(body), "Authorization", "Bearer "+root, "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
		if got.status != http.StatusSeeOther {
			t.Fatalf("%s: got %d %s", path, got.status, got.body)
		}
	}
	champion, _ := ask()
	id := aVersion(t, openTest(t, dir))
	press("/admin/models/"+id+"/hold", "")
	answers(id)
	if _, cached := ask(); !cached {
		t.Error("got the challenger's answer read twice, want it remembered under its version")
	}
	page := string(r.do(http.MethodGet, "/admin/models", nil, "Authorization", "Bearer "+root, "Accept", "text/html").body)
	if !strings.Contains(page, "It answers 100.0% of the pictures.") {
		t.Error("the page of the models doesn't say what the challenger answers")
	}
	if got := r.asJSON(http.MethodPost, "/admin/models/"+champion+"/hold", root, "{}"); got.status != http.StatusConflict {
		t.Errorf("holding the champion beside itself: got %d %s, want 409", got.status, got.body)
	}
	contests, _ := r.asJSON(http.MethodGet, "/admin/report", root, "").json(t)["comparisons"].([]any)
	if len(contests) != 1 {
		t.Fatalf("got %v, want one comparison", contests)
	}
	both, _ := contests[0].(map[string]any)
	him, _ := both["challenger"].(map[string]any)
	if answers, _ := him["answers"].(float64); him["modelo"] != id || answers < 2 || both["points"] != nil {
		t.Errorf("got %v, want the challenger's answers, and nothing said of so few", both)
	}
	press("/admin/models/release", "model=v2")
	answers(champion)
	if got := r.asJSON(http.MethodPost, "/admin/models/release", root, `{"model":"v2"}`); got.status != http.StatusNotFound {
		t.Errorf("ending what has ended: got %d, want 404", got.status)
	}
}
