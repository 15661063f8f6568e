package e2e

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cifra/e2e/harness"
)

// costs has TestCost measure; `make bench-cost` sets it, on a machine that does nothing else.
var costs = flag.Bool("cost", false, "measure what requests cost")

// TestCost measures what one request costs the program, in its own CPU, beside the bare handler, with both pinned to one
// core and the load on another, on PostgreSQL and Redis as several instances run. What PostgreSQL does is done by other
// processes and not counted; the part of the program's own time that goes into talking to it is told apart by a profile.
// The bare handler is measured twice: asked as often as it can answer, and as often as the program could.
func TestCost(t *testing.T) {
	if !*costs {
		t.Skip("make bench-cost runs it: it wants a machine that does nothing else")
	}
	secret := "q8Jx2LrT0vBn5WkY7cMz4HsP9dFgA1eU"
	db, redis := startPostgres(t), harness.StartRedis(t)
	debug, err := harness.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app := harness.StartInstance(t, program, t.TempDir(), asAdmin("CIFRA_SECRET="+secret, "CIFRA_DATABASE_URL="+db.url, "CIFRA_CACHE_URL="+redis.URL, "CIFRA_DEBUG_ADDR=127.0.0.1:"+debug)...)
	admin := signIn(t, app.URL, "admin")
	bareURL, barePID := startBare(t, secret, request{url: app.URL + list, token: admin}.answer(t))
	pin(t, 0, app.PID(), barePID)
	pin(t, 1, os.Getpid(), db.Pid, redis.PID())

	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "1", "exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	small, large := pictureOf(t, 213), pictureOf(t, 43_000)
	var out bytes.Buffer
	table := tabwriter.NewWriter(&out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "request\tbytes\tbare µs\tcifra µs\tratio\tdatabase\twithout it\tratio\ta second\tbare, so many\tratio")
	for _, c := range []struct {
		name, path, barePath string
		upload               []byte
		keep                 bool
		compressed           bool
	}{
		{"upload, remembered, kept", "/api/v2/predict", "/api/v2/predict", small, true, false},
		{"upload, remembered, kept", "/api/v2/predict", "/api/v2/predict", large, true, false},
		{"upload, remembered, keep=false", "/api/v2/predict", "/api/v2/predict", small, false, false},
		{"upload, remembered, keep=false", "/api/v2/predict", "/api/v2/predict", large, false, false},
		{"list, remembered", list, "/page", nil, false, false},
		{"list, remembered, compressed", list, "/page", nil, false, true},
	} {
		ours, theirs := request{url: app.URL + c.path, token: admin, compressed: c.compressed}, request{url: bareURL + c.barePath, token: token, compressed: c.compressed}
		if c.upload != nil {
			ours.body, ours.kind = uploadOf(t, c.upload, c.keep)
			theirs.body, theirs.kind = ours.body, ours.kind
		}
		var mine, bares, rates, alike []float64
		size := 0
		for range 3 {
			b := measure(t, theirs, barePID, 0)
			m := measure(t, ours, app.PID(), 0)
			// Whoever is asked less often finds more to do each time: to wake, to go to sleep, caches to fill.
			s := measure(t, theirs, barePID, m.rate)
			if s.rate < 0.9*m.rate {
				t.Errorf("%s: the bare handler was asked %.0f times a second, want %.0f", c.name, s.rate, m.rate)
			}
			mine, bares, rates, alike, size = append(mine, m.micros), append(bares, b.micros), append(rates, m.rate), append(alike, s.micros), m.size
		}
		if c.upload != nil {
			size = len(c.upload)
		}
		slices.Sort(mine)
		slices.Sort(bares)
		slices.Sort(rates)
		slices.Sort(alike)
		share := databaseShare(t, ours, "http://127.0.0.1:"+debug)
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.0f\t%.2f\t%.0f %%\t%.0f\t%.2f\t%.0f\t%.0f\t%.2f\n", c.name, size, bares[1], mine[1], mine[1]/bares[1],
			100*share, mine[1]*(1-share), mine[1]*(1-share)/bares[1], rates[1], alike[1], mine[1]*(1-share)/alike[1])
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("server's CPU for one request, both on core 0, the median of three rounds of %v with %d connections:\n%s", *round, *connections, &out)
}

// round is how long one measurement takes.
var round = flag.Duration("round", 4*time.Second, "how long one measurement of -cost takes")

// connections is how many ask at once: enough that neither program waits for somebody to ask, but where PostgreSQL, on the
// other core, is what all wait for.
var connections = flag.Int("connections", 32, "how many connections ask at once for -cost")

// pin binds processes, with all their threads, to one core.
func pin(t *testing.T, core int, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		runProgram(t, nil, "taskset", "-a", "-p", "-c", strconv.Itoa(core), strconv.Itoa(pid))
	}
}

// measured is what a while of asking showed.
type measured struct {
	micros float64 // CPU time of the process for each request
	rate   float64 // requests a second
	size   int     // bytes of an answer
}

// measure asks for a while, rate times a second at most, as often as it can where that is 0.
func measure(t *testing.T, r request, pid int, rate float64) measured {
	t.Helper()
	size := r.ask(t, 500*time.Millisecond, rate, nil) // connections, pools, remembered answers
	var n atomic.Int64
	before, began := cpu(t, pid), time.Now()
	r.ask(t, *round, rate, &n)
	spent, took := cpu(t, pid)-before, time.Since(began)
	return measured{float64(spent.Microseconds()) / float64(n.Load()), float64(n.Load()) / took.Seconds(), size}
}

// databaseShare is the part of the program's CPU time that it spends on talking to the database, by a profile under load.
func databaseShare(t *testing.T, r request, debug string) float64 {
	t.Helper()
	profile := filepath.Join(profiles(t), fmt.Sprintf("cost-%d-%d-%t.pprof", len(r.body), len(r.kind), r.compressed))
	done := make(chan error, 1)
	go func() {
		res, err := http.Get(debug + "/debug/pprof/profile?seconds=3")
		if err != nil {
			done <- err
			return
		}
		b, err := io.ReadAll(res.Body)
		done <- errors.Join(err, res.Body.Close(), os.WriteFile(profile, b, 0o600))
	}()
	r.ask(t, 4*time.Second, 0, nil)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", "-focus=cifra/store\\.|jackc/pgx|uptrace/bun|database/sql", profile)
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`Showing nodes accounting for [^,]+, ([\d.]+)% of`).FindSubmatch(b)
	if found == nil {
		return 0 // not one sample
	}
	share, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return share / 100
}

// profiles is where profiles are left: where CIFRA_PROFILES says, for a look with go tool pprof.
func profiles(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("CIFRA_PROFILES"); dir != "" {
		return dir
	}
	return t.TempDir()
}
