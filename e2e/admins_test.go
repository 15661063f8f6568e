package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
	"cifra/lab"
	"cifra/store"
	"cifra/store/storetest"
)

// fleet is two instances on one PostgreSQL and one Redis, with two admins and a user.
type fleet struct {
	t        *testing.T
	one, two *harness.Server
	database string
	token    string // the user's, leo's
	redis    *harness.Redis
}

// newFleet starts them. PostgreSQL is that of TEST_POSTGRES_URL; without it the test is skipped, but not in make test.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	f := &fleet{t: t, database: filled(t)}
	f.redis = harness.StartRedis(t)
	env := []string{
		"CIFRA_DATABASE_URL=" + f.database, "CIFRA_CACHE_URL=" + f.redis.URL, "CIFRA_SECRET=two instances have one secret, or no sign-in holds",
		"CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD=" + password,
	}
	f.one = serve(t, env...)
	f.two = serve(t, env...)
	command(t, "admin create eva", f.database, password)
	post[any](f, f.one, "/api/v1/register", map[string]any{"username": "leo", "password": password})
	f.token = signInAs(f, f.one, "leo")
	return f
}

// filled returns the address of a database of PostgreSQL that has all that a first start puts there: on a machine that is
// very busy that takes longer than the program's own patience.
func filled(t *testing.T) string {
	t.Helper()
	address := storetest.PostgresURL(t)
	db := storetest.Open(t, address)
	if _, err := db.AddExample(t.Context(), store.Example(lab.NewExample(time.Now()))); err != nil {
		t.Fatal(err)
	}
	return address
}

// command runs one of the program's own commands on a database, and returns what it printed.
func command(t *testing.T, line, database, password string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := strings.Fields(line)
	if password != "" {
		args = append(args, "--password-stdin")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{"CIFRA_DATABASE_URL=" + database, "CIFRA_DATA_DIR=" + t.TempDir(), "CIFRA_ENV_FILE=" + os.DevNull}
	cmd.Stdin = strings.NewReader(password + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("cifra %s: %v\n%s", line, err, out)
	}
	return string(out)
}

// signInAs returns a token of a user.
func signInAs(f *fleet, s *harness.Server, name string) string {
	f.t.Helper()
	a := post[struct {
		Token string `json:"access_token"`
	}](f, s, "/api/v1/login", map[string]any{"username": name, "password": password})
	return a.Token
}

// post sends JSON as the user, and returns the answer, which has to be a 2xx.
func post[T any](f *fleet, s *harness.Server, path string, body any, headers ...string) T {
	f.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	return call[T](f, s, http.MethodPost, path, bytes.NewReader(b), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// call sends a request as the user, unless the headers say otherwise, and returns the answer, which has to be a 2xx.
func call[T any](f *fleet, s *harness.Server, method, path string, body io.Reader, headers ...string) (answer T) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, s.URL+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	if f.token != "" {
		req.Header.Set("Authorization", "Bearer "+f.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		f.t.Fatalf("%s %s: got %d %s", method, path, res.StatusCode, b)
	}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &answer); err != nil {
			f.t.Fatalf("%s %s: %v\n%s", method, path, err, b)
		}
	}
	return answer
}

// say posts feedback about no kept answer: a 7 that should have been a 1.
func (f *fleet) say(s *harness.Server, comment string) (id string) {
	f.t.Helper()
	return post[struct{ ID string }](f, s, "/api/v1/feedback", map[string]any{"prediction": 7, "correct": false, "label": 1, "comment": comment}).ID
}

// watch opens an admin's page on an instance, signed in and live.
func (f *fleet) watch(s *harness.Server, name, path string) *harness.Page {
	f.t.Helper()
	p := chrome.Open(f.t, s.URL)
	enter(p, name, path)
	p.Until(lightIs("on"))
	return p
}

// enter signs somebody in, and leads to a path.
func enter(p *harness.Page, name, path string) {
	p.Goto("/login?next=" + path)
	p.Type("#username", name)
	p.Type("#password", password)
	p.Loads("signing in", harness.ClickOn("main form button.primary"))
	if p.Count("main h1") > 0 {
		p.Click("main h1") // the pointer is nowhere that would keep a list from moving
	}
}

// lightIs is true while the page's light shows a state.
func lightIs(state string) string {
	return fmt.Sprintf(`document.querySelector("[data-live-light]")?.dataset.state === %q`, state)
}

// rows are the ids of the pieces of feedback on a page, from the top.
func rows(p *harness.Page) []string {
	return harness.Eval[[]string](p, `[...document.querySelectorAll("[data-review-row]")].map(e => e.id.replace("feedback-", ""))`)
}

// shows waits until a page shows a piece of feedback, and returns how long that took since then.
func shows(p *harness.Page, id string, since time.Time) time.Duration {
	p.Until(exists("#feedback-" + id))
	return time.Since(since)
}

// late is when something that should take a second or two was too late even for a machine that is very busy.
const late = 15 * time.Second

// TestTwoAdminsOnTwoInstances: what is said on one instance is on the other's page at once; each page knows when its own
// instance is gone, and misses nothing by that; and who signs out hears no more.
func TestTwoAdminsOnTwoInstances(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	ana, eva := f.watch(f.one, "ana", "/admin/feedback"), f.watch(f.two, "eva", "/admin/feedback")
	for _, p := range []*harness.Page{ana, eva} {
		p.Allow("WebSocket connection to .* failed") // while its instance is down
		p.Allow("ERR_CONNECTION_REFUSED")
	}

	// A person says on one instance's page that their 7 is a 1.
	leo := chrome.Open(t, f.one.URL)
	leo.Goto(keep(t, leo, harness.Photograph(t, harness.Seven, 280, 0)))
	said := time.Now()
	leo.Click(`#judge .judge-digits button[value="1"]`)
	eva.Until(`document.querySelectorAll("[data-review-row]").length === 1`)
	t.Logf("a tap on one instance is on the other's page after %s", time.Since(said).Round(time.Millisecond))
	eva.Until(`document.querySelector(".review-drawing img")?.naturalWidth > 0`)
	ana.Until(`document.querySelectorAll("[data-review-row]").length === 1`)

	var slowest time.Duration
	for i := range 10 {
		from, page := f.one, eva
		if i%2 == 1 {
			from, page = f.two, ana
		}
		said := time.Now()
		id := f.say(from, fmt.Sprintf("the %dth", i))
		slowest = max(slowest, shows(page, id, said))
	}
	t.Logf("ten pieces of feedback by the API: on the other instance's page within %s", slowest.Round(time.Millisecond))
	if slowest > late {
		t.Errorf("got feedback after %s, want it within a second", slowest)
	}

	for _, c := range []struct {
		killed, other *harness.Server
		page          *harness.Page
	}{{f.one, f.two, ana}, {f.two, f.one, eva}} {
		f.awayAndBack(c.killed, c.other, c.page)
	}
	if a, e := rows(ana), rows(eva); strings.Join(a, " ") != strings.Join(e, " ") {
		t.Errorf("got %v on one page and %v on the other, want the same", a, e)
	}

	out := time.Now()
	harness.Eval[int](eva, `fetch("/logout", {method: "POST"}).then(r => r.status)`)
	eva.Until(lightIs("off") + ` && document.querySelector(".connection-lost")?.dataset.why === "ended"`)
	t.Logf("signed out: the socket is closed after %s", time.Since(out).Round(time.Millisecond))
	id := f.say(f.one, "after she has left")
	shows(ana, id, time.Now())
	if eva.Count("#feedback-"+id) != 0 || eva.Count(".connection-lost a:not([hidden])") != 1 {
		t.Error("got something told to who signed out, or no way to sign in again")
	}
}

// awayAndBack kills an instance, says things meanwhile, and brings it back.
func (f *fleet) awayAndBack(killed, other *harness.Server, page *harness.Page) {
	f.t.Helper()
	before := rows(page)
	gone := time.Now()
	killed.Kill()
	page.Until(lightIs("off"))
	red := time.Since(gone)
	var missed []string
	for i := range 5 {
		missed = append([]string{f.say(other, fmt.Sprintf("while it was away, %d", i))}, missed...)
	}
	page.Until(`document.querySelector(".connection-lost")?.hidden === false`)
	killed.Start(f.t)
	back := time.Now()
	page.Until(lightIs("on"))
	f.t.Logf("killed: the light is red after %s; back: the page has caught up after %s", red.Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
	if red > late {
		f.t.Errorf("got a red light after %s, want it within 2 s", red)
	}
	page.Until(exists("#feedback-" + missed[0]))
	want := strings.Join(append(missed, before...), " ")
	if got := strings.Join(rows(page), " "); got != want {
		f.t.Errorf("after the return: got rows %s, want %s: each once, in order", got, want)
	}
	if !harness.Eval[bool](page, `document.querySelector(".connection-lost").hidden`) {
		f.t.Error("the page still says that the connection is lost")
	}
}
