package e2e

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cifra"
	"cifra/e2e/harness"
	"cifra/lab/upstream"
)

// show starts the program as for a show, with a stand-in for the universities' service.
func show(t *testing.T, env ...string) *harness.Server {
	t.Helper()
	service := httptest.NewServer(upstream.New())
	t.Cleanup(service.Close)
	return serve(t, append([]string{
		"CIFRA_DEMO=true", "CIFRA_HEAVY_DELAY=300ms", "CIFRA_UNIVERSITIES_URL=" + service.URL + "/search",
		"CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD=" + password,
	}, env...)...)
}

// TestPresenterWalksTheShow goes the presenter's way: each of the six steps brings what it says it will, and
// says so. The way is the same by click and without scripts. The last step reaches an admin's page while it is open.
func TestPresenterWalksTheShow(t *testing.T) {
	s := show(t)
	admin := chrome.Open(t, s.URL)
	admin.Goto("/login?next=/admin/feedback")
	admin.Type("#username", "ana")
	admin.Type("#password", password)
	admin.Loads("signing in", harness.ClickOn("main form button.primary"))
	admin.Until(`document.querySelector("[data-live-light]").dataset.state === "on"`)

	const right = `[data-key="ArrowRight"]`
	for i, walk := range []struct {
		name   string
		always bool // not only with CIFRA_PROVE=1
		as     []harness.As
		on     func(p *harness.Page)
	}{
		{"with the right arrow", true, nil, func(p *harness.Page) { p.Press(kb.ArrowRight) }},
		{"by click, on a phone", false, []harness.As{harness.Phone}, func(p *harness.Page) { p.Click(right) }},
		{"without JavaScript", false, []harness.As{harness.NoScript}, func(p *harness.Page) { p.Loads("going on", harness.ClickOn(right)) }},
	} {
		t.Run(walk.name, func(t *testing.T) {
			if !walk.always && !proving() {
				t.Skip("CIFRA_PROVE=1 does")
			}
			p := chrome.Open(t, s.URL, walk.as...)
			p.Goto("/present")
			if p.Count(".code-picture path") != 1 || p.Text(".show-address") == "" {
				t.Error("the title: got no code and address by which the room joins")
			}
			for step := 1; step <= cifra.ShowSteps; step++ {
				walk.on(p)
				p.Until(fmt.Sprintf(`document.querySelector(".show-steps [aria-current]")?.innerText === "%d" && document.querySelector(%q)`, step, "form "+right))
				if p.Count(".show-came") != 0 {
					t.Errorf("step %d: got an answer before it was asked for", step)
				}
				walk.on(p)
				p.Until(`document.querySelector(".show-came")`)
				if p.Count(".show-came.is-wrong") != 0 || p.Text(".show-verdict b") != "As expected." {
					t.Errorf("step %d: got %q\n%s", step, p.Text(".show-verdict"), p.Text(".show-came"))
				}
				came(t, p, step)
			}
			if p.Count(right) != 0 {
				t.Error("after the last step: got somewhere to go on to")
			}
			p.Click(`[data-key="Escape"]`)
			p.Until(`location.pathname === "/lab"`)
		})
		if i == 0 { // what the last step claimed of its answer
			admin.Until(`document.querySelectorAll("[data-review-row]").length === 1`)
		}
	}
}

// came holds what a step shows to what it is about: the badges of its answers, in their order, and its picture.
func came(t *testing.T, p *harness.Page, step int) {
	t.Helper()
	want := map[int]string{
		1: "src-db", 2: "src-cache", 3: "", 4: "src-cache src-db src-cache", 5: "* src-stale", 6: "src-up src-cache",
	}[step]
	got := harness.Eval[string](p, `[...document.querySelectorAll(".show-lanes .src")].map(b => [...b.classList].find(c => c.startsWith("src-"))).join(" ")`)
	if step == 5 && len(got) > 0 { // the first one is remembered from the walk before, or not
		got = "* " + got[len(got)-len("src-stale"):]
	}
	if got != want {
		t.Errorf("step %d: got the badges %q, want %q", step, got, want)
	}
	switch step {
	case 2:
		if p.Count(".show-came .factor") != 1 {
			t.Error("step 2: got no factor")
		}
	case 3: // the picture agrees with the sentence below it
		if made, shared := p.Count(".marks .mark-db"), p.Count(".marks .mark-shared"); made != 1 || made+shared+p.Count(".marks .mark-cache") != 200 {
			t.Errorf("step 3: got %d squares and %d diamonds, want 1 square among 200 marks", made, shared)
		}
	}
}
