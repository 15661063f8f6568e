package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4" //nolint:depguard // the bare handler, against which the site is held

	"cifra/digit/synth"
	"cifra/e2e/harness"
)

// costs has TestCost measure; `make bench-cost` sets it, on a machine that does nothing else.
var costs = flag.Bool("cost", false, "measure what requests cost")

// bareAddress, where it is set, makes this test's program the handler that the site is held against.
const bareAddress = "CIFRA_E2E_BARE"

// barePage is where it finds the list that it serves: the site's own, so that both send and compress the same bytes.
const barePage = "CIFRA_E2E_BARE_PAGE"

const list = "/api/v1/products?per_page=100"

// bare serves what a programmer would write in ten minutes: it reads the upload, checks the token, hashes the bytes and
// answers; and a list of 10 KB out of memory. It keeps nothing, writes no log and counts nothing.
func bare(address string) error {
	key := []byte(os.Getenv("CIFRA_SECRET"))
	page, err := os.ReadFile(os.Getenv(barePage))
	if err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	signedIn := func(c echo.Context) error {
		text := strings.TrimPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		_, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
		return err
	}
	e.POST("/api/v2/predict", func(c echo.Context) error {
		if err := signedIn(c); err != nil {
			return echo.ErrUnauthorized
		}
		header, err := c.FormFile("file")
		if err != nil {
			return err
		}
		f, err := header.Open()
		if err != nil {
			return err
		}
		defer f.Close()
		content, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		return c.JSON(http.StatusOK, map[string]any{"hash": hex.EncodeToString(sum[:]), "name": header.Filename, "prediccion": 7})
	})
	e.GET("/page", func(c echo.Context) error {
		if err := signedIn(c); err != nil {
			return echo.ErrUnauthorized
		}
		return c.JSONBlob(http.StatusOK, page)
	})
	return http.ListenAndServe(address, gzhttp.GzipHandler(e))
}

// TestCost measures what one request costs the program, in its own CPU, beside the bare handler, with both pinned to one
// core and the load on another, on PostgreSQL and Redis as several instances run. What PostgreSQL does is done by other processes and not counted; the part of the program's
// own time that goes into talking to it is told apart by a profile.
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

// connections is how many ask at once: enough that neither program ever waits for somebody to ask.
var connections = flag.Int("connections", 32, "how many connections ask at once for -cost")

// request is what the load asks again and again.
type request struct {
	url, token, kind string
	body             []byte
	compressed       bool
}

// startBare starts the bare handler as a process of its own.
func startBare(t *testing.T, secret string, page []byte) (url string, pid int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.json")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	port, err := harness.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + port
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = []string{bareAddress + "=" + address, barePage + "=" + file, "CIFRA_SECRET=" + secret}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it was killed
	})
	for began := time.Now(); ; {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = c.Close() // only whether it listens
			return "http://" + address, cmd.Process.Pid
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal(err)
		}
	}
}

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

// answer sends the request once and returns what came.
func (r request) answer(t *testing.T) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", r.url, res.Status, err)
	}
	return b
}

// ask sends the request over several connections for a while, rate times a second at most where that isn't 0, counts the
// answers, and returns the size of one.
func (r request) ask(t *testing.T, d time.Duration, rate float64, n *atomic.Int64) (size int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	transport := &http.Transport{MaxIdleConnsPerHost: *connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	web := &http.Client{Transport: transport}
	var all sync.WaitGroup
	var last, asked atomic.Int64
	began := time.Now()
	for range *connections {
		all.Go(func() {
			for ctx.Err() == nil {
				if rate > 0 {
					turn := began.Add(time.Duration(float64(asked.Add(1)) / rate * float64(time.Second)))
					select {
					case <-ctx.Done():
						return
					case <-time.After(time.Until(turn)):
					}
				}
				method := http.MethodGet
				if r.body != nil {
					method = http.MethodPost
				}
				req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, r.url, bytes.NewReader(r.body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+r.token)
				if r.kind != "" {
					req.Header.Set("Content-Type", r.kind)
				}
				if r.compressed {
					req.Header.Set("Accept-Encoding", "gzip")
				}
				res, err := web.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.Copy(io.Discard, res.Body)
				if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("%s: %s, %v", r.url, res.Status, err)
					return
				}
				last.Store(got)
				if n != nil {
					n.Add(1)
				}
			}
		})
	}
	all.Wait()
	return int(last.Load())
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

// pictureOf is a PNG of some seven in about so many bytes.
func pictureOf(t *testing.T, size int) []byte {
	t.Helper()
	picture, err := synth.Drawing{}.PNG(3, 7)
	if err != nil {
		t.Fatal(err)
	}
	if size < len(picture) { // the smallest that there is: 28 × 28, black on white
		return smallPNG(t)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2)) // noise, the same each time
	for share := 1; ; share++ {
		noisy := image.NewGray(img.Bounds())
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				g := color.GrayModel.Convert(img.At(x, y)).(color.Gray) //nolint:forcetypeassert // that model's
				if random.IntN(100) < share {
					g.Y = uint8(max(0, int(g.Y)-random.IntN(12)))
				}
				noisy.SetGray(x, y, g)
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, noisy); err != nil {
			t.Fatal(err)
		}
		if b.Len() >= size || share == 100 {
			return b.Bytes()
		}
	}
}

// smallPNG is a seven of a few strokes, 28 × 28, in a palette of two colours.
func smallPNG(t *testing.T) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 28, 28), color.Palette{color.White, color.Black})
	for i := range 15 {
		for w := range 3 {
			img.SetColorIndex(6+i, 5+w, 1)
			img.SetColorIndex(20-i*2/3+w, 5+i, 1)
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// profiles is where profiles are left: where CIFRA_PROFILES says, for a look with go tool pprof.
func profiles(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("CIFRA_PROFILES"); dir != "" {
		return dir
	}
	return t.TempDir()
}
