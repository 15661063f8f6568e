package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra/digit/synth"
)

// load is a steady stream of requests in the background, and a ledger of what was acknowledged. Its clients behave as a
// balancer's do: one instance refuses, the next is asked.
type load struct {
	t       *testing.T
	urls    []string
	left    sync.Map // those of urls that are not asked just now
	token   string
	picture []byte // a form with one
	kind    string // its Content-Type
	web     *http.Client
	stop    context.CancelFunc
	clients sync.WaitGroup
	next    atomic.Int64
	seed    atomic.Uint64 // of the last drawing

	mu     sync.Mutex // guards what follows
	asked  []asked
	ledger map[string]bool // comments of feedback that was sent, and whether it was acknowledged
	more   chan struct{}   // closed at the next answer
}

// asked is one request.
type asked struct {
	what   string // "read" or "write"
	at     time.Time
	took   time.Duration
	status int // 0: no answer
	later  bool
	err    error
}

// startLoad registers a user and asks from then on: two clients read what is remembered, two write.
func startLoad(t *testing.T, urls ...string) *load {
	t.Helper()
	l := &load{t: t, urls: urls, web: &http.Client{Timeout: 30 * time.Second}, ledger: map[string]bool{}, more: make(chan struct{})}
	l.token = l.signUp("load-" + strings.ToLower(rand.Text()[:12]))
	l.picture, l.kind = aPicture(t, 7)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	l.stop = cancel
	// What is remembered must be there before anything breaks.
	for _, url := range urls {
		for _, ask := range l.reads() {
			if status, _, err := l.one(ctx, url, ask); status != http.StatusOK {
				t.Fatalf("%s: got %d, %v", ask.path, status, err)
			}
		}
	}
	for i := range 2 {
		l.clients.Go(func() { l.read(ctx, i) })
		l.clients.Go(func() { l.write(ctx) })
	}
	t.Cleanup(l.end)
	return l
}

// end stops the load and waits for the last answers. It may be called twice.
func (l *load) end() {
	l.stop()
	l.clients.Wait()
}

// ask is what a request says.
type ask struct {
	method, path, kind, token, key string
	body                           []byte
}

// reads are requests whose answers are remembered or need no database.
func (l *load) reads() []ask {
	return []ask{
		{method: http.MethodPost, path: "/api/v2/predict", kind: l.kind, token: l.token, body: l.picture}, // keep=false
		{method: http.MethodGet, path: "/api/v1/products", token: l.token},
		{method: http.MethodGet, path: "/health"},
	}
}

func (l *load) read(ctx context.Context, i int) {
	for all := l.reads(); ctx.Err() == nil; i++ {
		if n := i % (len(all) + 1); n < len(all) {
			l.try(ctx, "read", all[n])
			continue
		}
		body, kind := aDrawing(l.t, l.seed.Add(1), 7) // which nobody has asked about yet: it is computed and remembered
		l.try(ctx, "read", ask{method: http.MethodPost, path: "/api/v2/predict", kind: kind, token: l.token, body: body})
	}
}

func (l *load) write(ctx context.Context) {
	for ctx.Err() == nil {
		comment := "ledger " + rand.Text()
		body := fmt.Appendf(nil, `{"prediction":7,"correct":false,"label":1,"comment":%q}`, comment)
		l.note(comment, false)
		for ctx.Err() == nil {
			status := l.try(ctx, "write", ask{
				method: http.MethodPost, path: "/api/v1/feedback", kind: "application/json", token: l.token, key: comment, body: body,
			})
			if status == http.StatusCreated {
				l.note(comment, true)
				break
			}
			select { // a client that was told to come back later
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

func (l *load) note(comment string, acknowledged bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ledger[comment] = acknowledged
}

// try asks one instance after the other until one takes the request, and notes what became of it.
func (l *load) try(ctx context.Context, what string, a ask) (status int) {
	began := time.Now()
	var later bool
	var err error
	first := int(l.next.Add(1))
	for n := range l.urls {
		url := l.urls[(first+n)%len(l.urls)]
		if _, left := l.left.Load(url); left {
			continue
		}
		status, later, err = l.one(ctx, url, a)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "dial" {
			break // it was sent
		}
	}
	if ctx.Err() != nil && status == 0 {
		return 0 // the test is over
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, asked{what, began, time.Since(began), status, later, err})
	close(l.more)
	l.more = make(chan struct{})
	return status
}

// leave has the load ask an instance no more, as balancers do that have seen 503 at /readyz; back ends that.
func (l *load) leave(url string) { l.left.Store(url, true) }
func (l *load) back(url string)  { l.left.Delete(url) }

// one sends a request and reads the whole answer.
func (l *load) one(ctx context.Context, url string, a ask) (status int, later bool, err error) {
	res, _, err := l.send(ctx, url, a)
	if err != nil {
		return 0, false, err
	}
	return res.StatusCode, res.Header.Get("Retry-After") != "", nil
}

// reply is an answer's head; its body was read.
type reply struct {
	StatusCode int
	Header     http.Header
}

func (l *load) send(ctx context.Context, url string, a ask) (*reply, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, a.method, url+a.path, bytes.NewReader(a.body))
	if err != nil {
		return nil, nil, err
	}
	for name, value := range map[string]string{"Content-Type": a.kind, "Idempotency-Key": a.key} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	req.Header.Set("Accept", "application/json")
	res, err := l.web.Do(req)
	if err != nil {
		return nil, nil, err
	}
	b, err := io.ReadAll(res.Body)
	return &reply{res.StatusCode, res.Header}, b, errors.Join(err, res.Body.Close())
}

// until waits until the load has got n more answers of each kind since now.
func (l *load) until(n int) {
	l.t.Helper()
	deadline := time.After(2 * time.Minute)
	from := time.Now()
	for {
		counts := map[string]int{}
		l.mu.Lock()
		for _, a := range slices.Backward(l.asked) {
			if a.at.Before(from) {
				break
			}
			counts[a.what]++
		}
		more := l.more
		l.mu.Unlock()
		if counts["read"] >= n && counts["write"] >= n {
			return
		}
		select {
		case <-more:
		case <-deadline:
			l.t.Fatalf("got %v answers in 2 minutes, want %d of each kind", counts, n)
		}
	}
}

// between returns the requests of a kind that began in a span of time.
func (l *load) between(what string, from, to time.Time) (some []asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asked {
		if a.what == what && !a.at.Before(from) && a.at.Before(to) {
			some = append(some, a)
		}
	}
	return some
}

// quantile returns how long the share q of some took at most.
func quantile(some []asked, q float64) time.Duration {
	if len(some) == 0 {
		return 0
	}
	took := make([]time.Duration, len(some))
	for i, a := range some {
		took[i] = a.took
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(q*float64(len(took))))].Round(100 * time.Microsecond)
}

// outcomes counts what became of some, as "200 × 31, 503 × 2".
func outcomes(some []asked) string {
	counts := map[string]int{}
	for _, a := range some {
		name := strconv.Itoa(a.status)
		if a.status == 0 {
			name = "no answer"
		}
		counts[name]++
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(counts), "map["), "]")
}

// check stops the load and holds the ledger against what an instance has kept: nothing that was acknowledged is lost, and
// nothing is there twice.
func (l *load) check(url, adminToken string) {
	l.t.Helper()
	l.end()
	found := l.kept(url, adminToken)
	l.mu.Lock()
	defer l.mu.Unlock()
	acknowledged, lost, doubled := 0, 0, 0
	for comment, acked := range l.ledger {
		if acked {
			acknowledged++
			if found[comment] == 0 {
				lost++
			}
		}
		if found[comment] > 1 {
			doubled++
		}
	}
	l.t.Logf("ledger: %d sent, %d acknowledged, %d lost, %d doubled", len(l.ledger), acknowledged, lost, doubled)
	if lost+doubled > 0 || acknowledged == 0 {
		l.t.Errorf("got %d acknowledged writes, %d lost and %d doubled; want some, and none", acknowledged, lost, doubled)
	}
}

// kept counts the feedback that an instance has, by comment.
func (l *load) kept(url, adminToken string) map[string]int {
	l.t.Helper()
	found := map[string]int{}
	for cursor := ""; ; {
		res, b, err := l.send(context.WithoutCancel(l.t.Context()), url, ask{method: http.MethodGet, path: "/api/v1/admin/feedback?per_page=100&after=" + cursor, token: adminToken})
		if err != nil || res.StatusCode != http.StatusOK {
			l.t.Fatalf("the list of feedback: %s, %v", b, err)
		}
		var page struct {
			Items []struct {
				Comment string `json:"comment"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if err := json.Unmarshal(b, &page); err != nil {
			l.t.Fatal(err)
		}
		for _, i := range page.Items {
			found[i.Comment]++
		}
		if cursor = page.Next; cursor == "" {
			return found
		}
	}
}

// signUp makes an account on the first instance and returns a token.
func (l *load) signUp(name string) string {
	l.t.Helper()
	account := fmt.Appendf(nil, `{"username":%q,"password":%q}`, name, password)
	res, b, err := l.send(l.t.Context(), l.urls[0], ask{method: http.MethodPost, path: "/api/v1/register", kind: "application/json", body: account})
	if err != nil || res.StatusCode != http.StatusCreated {
		l.t.Fatalf("register: %s, %v", b, err)
	}
	return signIn(l.t, l.urls[0], name)
}

// signIn returns a token of an account with the tests' password.
func signIn(t *testing.T, url, name string) string {
	t.Helper()
	l := &load{t: t, web: http.DefaultClient}
	account := fmt.Appendf(nil, `{"username":%q,"password":%q}`, name, password)
	res, b, err := l.send(t.Context(), url, ask{method: http.MethodPost, path: "/api/v1/login", kind: "application/json", body: account})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("sign in as %s: %s, %v", name, b, err)
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Token
}

// aPicture is a form with a drawing of a digit, always the same, of which nothing but the cached answer is kept, and its
// Content-Type.
func aPicture(t *testing.T, class int) (body []byte, kind string) {
	t.Helper()
	return aDrawing(t, 0, class)
}

// aDrawing is one of many such forms, by its seed. It may be called from any goroutine.
func aDrawing(t *testing.T, seed uint64, class int) (body []byte, kind string) {
	t.Helper()
	picture, err := synth.Drawing{}.PNG(seed, class)
	if err != nil {
		t.Error(err)
	}
	return uploadOf(t, picture, false)
}

// asAdmin returns settings that make "admin" with the tests' password, and some more.
func asAdmin(more ...string) []string {
	return append([]string{"CIFRA_ADMIN_USERNAME=admin", "CIFRA_ADMIN_PASSWORD=" + password}, more...)
}

// proving reports whether tests run at full size.
func proving() bool { return os.Getenv("CIFRA_PROVE") == "1" }

// uploadOf is a form with a picture, and its Content-Type. Without keep nothing but the cached answer is kept.
func uploadOf(t *testing.T, picture []byte, keep bool) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "digit.png")
	if err == nil {
		_, err = part.Write(picture)
	}
	if !keep {
		err = errors.Join(err, w.WriteField("keep", "false"))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Error(err)
	}
	return b.Bytes(), w.FormDataContentType()
}
