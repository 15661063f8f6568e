package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cifra/e2e/harness"
)

// TestManySockets opens many admins' sockets, some of which never read. All the others get every event, and the program
// keeps little for each.
func TestManySockets(t *testing.T) {
	if missing != nil {
		t.Skip(missing)
	}
	sockets, deaf, events := 200, 20, 20
	if proving() {
		sockets, deaf, events = 5000, 500, 200
	}
	app := harness.StartInstance(t, program, t.TempDir(), asAdmin()...)
	admin := signIn(t, app.URL, "admin")
	before, beganCPU := memory(t, app.PID()), cpu(t, app.PID())
	for range deaf {
		neverRead(t, app.URL, admin)
	}
	crowd := gather(t, app.URL, admin, sockets-deaf)
	open, openCPU := memory(t, app.PID()), cpu(t, app.PID())
	t.Logf("%d sockets open, %d of them never read: %d KiB of memory and %s of CPU each", sockets, deaf,
		(open-before)/int64(sockets)>>10, ((openCPU - beganCPU) / time.Duration(sockets)).Round(time.Microsecond))

	l := &load{t: t, urls: []string{app.URL}, web: &http.Client{Timeout: 30 * time.Second}}
	var took []time.Duration
	for i := range events {
		comment := fmt.Sprint("event ", i)
		heard := crowd.expect(comment)
		res, b, err := l.send(t.Context(), app.URL, ask{
			method: http.MethodPost, path: "/api/v1/feedback", kind: "application/json", token: admin,
			body: fmt.Appendf(nil, `{"prediction":7,"correct":true,"comment":%q}`, comment),
		})
		if err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("feedback: %s, %v", b, err)
		}
		committed := time.Now()
		select {
		case at := <-heard:
			took = append(took, max(0, at.Sub(committed)))
		case <-time.After(time.Minute):
			t.Fatalf("a minute later not all sockets have heard of %q", comment)
		}
	}
	slices.Sort(took)
	t.Logf("%d events: the last socket has one %s after its commit (median), %s (p99), %s (most); %s of the program's CPU for one event and socket; %d KiB of memory a socket",
		events, took[len(took)/2].Round(100*time.Microsecond), took[len(took)*99/100].Round(100*time.Microsecond), took[len(took)-1].Round(100*time.Microsecond),
		((cpu(t, app.PID()) - openCPU) / time.Duration(sockets*events)).Round(100*time.Nanosecond), (memory(t, app.PID())-before)/int64(sockets)>>10)
	if missed, doubled := crowd.end(); missed+doubled > 0 {
		t.Errorf("got %d events missed and %d doubled, want none", missed, doubled)
	}
}

// neverRead opens a socket and never looks at what comes.
func neverRead(t *testing.T, url, token string) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "GET /api/v1/admin/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", strings.TrimPrefix(url, "http://"), token)
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReaderSize(c, 16).ReadString('\n')
	if err != nil || !strings.Contains(line, " 101 ") {
		t.Fatalf("a socket: %q, %v", line, err)
	}
}

// crowd is many sockets that read.
type crowd struct {
	n    int
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex // guards what follows
	heard   map[string]int
	waiting map[string]chan time.Time
}

// gather opens n sockets and returns when all are greeted.
func gather(t *testing.T, url, token string, n int) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := &crowd{n: n, stop: cancel, heard: map[string]int{}, waiting: map[string]chan time.Time{}}
	t.Cleanup(func() { cancel(); c.done.Wait() })
	atOnce := make(chan struct{}, 32)
	var greeted sync.WaitGroup
	for range n {
		atOnce <- struct{}{}
		greeted.Add(1)
		c.done.Go(func() {
			s, res, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(url, "http")+"/api/v1/admin/events",
				&websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
			if res != nil && res.Body != nil {
				_ = res.Body.Close()
			}
			<-atOnce
			if err != nil {
				t.Error(err)
				greeted.Done()
				return
			}
			defer func() { _ = s.CloseNow() }()
			c.listen(ctx, t, s, sync.OnceFunc(greeted.Done))
		})
	}
	greeted.Wait()
	return c
}

func (c *crowd) listen(ctx context.Context, t *testing.T, s *websocket.Conn, greeted func()) {
	defer greeted()
	for {
		_, b, err := s.Read(ctx)
		if err != nil {
			if ctx.Err() == nil {
				t.Errorf("a socket that reads was closed: %v", err)
			}
			return
		}
		greeted()
		var event struct {
			Event string `json:"event"`
			Data  struct {
				Comment string `json:"comment"`
			} `json:"data"`
		}
		if err := json.Unmarshal(b, &event); err != nil {
			t.Error(err)
			return
		}
		if event.Event == "new_feedback" {
			c.hear(event.Data.Comment)
		}
	}
}

func (c *crowd) hear(comment string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard[comment]++
	if c.heard[comment] == c.n {
		c.waiting[comment] <- time.Now()
	}
}

// expect returns a channel that gets the time at which the last socket hears of an event.
func (c *crowd) expect(comment string) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	c.waiting[comment] = ch
	return ch
}

// end closes the sockets and counts what they missed or heard twice.
func (c *crowd) end() (missed, doubled int) {
	c.stop()
	c.done.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.heard {
		missed += max(0, c.n-n)
		doubled += max(0, n-c.n)
	}
	return missed, doubled
}
