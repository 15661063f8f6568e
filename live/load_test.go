package live_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cifra/live"
)

// TestManySocketsSomeOfWhichNeverRead: every event reaches those who read, once and in order, and those who never do are
// closed. It tells how long events take and how much memory a socket does, its other end included.
func TestManySocketsSomeOfWhichNeverRead(t *testing.T) {
	readers, deaf, events, every := 45, 5, 400, 2*time.Millisecond
	if os.Getenv("CIFRA_PROVE") == "1" {
		readers, deaf, events, every = 900, 100, 600, 50*time.Millisecond
	}
	w := newWorld(t, crowd, func(o *live.Options) {
		o.Times.Ping = time.Hour    // these sockets answer no ping
		o.Times.Write = time.Minute // a machine that is very busy; who is deaf is known by what waits
	})
	w.out.pad = `,"comment":"` + strings.Repeat("x", 1000) + `"`
	before := inUse()
	var all []*plain
	for i := range readers + deaf {
		all = append(all, w.plain(i < deaf))
	}
	waitFor(t, func() bool { return w.Stats().Rooms["admin"] == readers+deaf })
	each := (inUse() - before) / int64(readers+deaf)

	sent := make([]time.Time, events+1)
	var mu sync.Mutex // guards took, and sent for who reads
	var took []time.Duration
	var reading sync.WaitGroup
	for _, s := range all[deaf:] {
		reading.Go(func() {
			own := make([]time.Duration, 0, events)
			for want := 1; want <= events; want++ {
				n, err := s.number()
				if err != nil || n != want {
					t.Errorf("got event %d, %v; want number %d", n, err, want)
					return
				}
				mu.Lock()
				own = append(own, time.Since(sent[n]))
				mu.Unlock()
			}
			mu.Lock()
			took = append(took, own...)
			mu.Unlock()
		})
	}
	pace := time.NewTicker(every)
	defer pace.Stop()
	for n := 1; n <= events; n++ {
		<-pace.C
		mu.Lock()
		sent[n] = time.Now()
		mu.Unlock()
		w.out.add("new_feedback")
	}
	reading.Wait()
	waitFor(t, func() bool { return w.Stats().Open == readers })
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[int(share*float64(len(took)-1))].Round(10 * time.Microsecond)
	}
	t.Logf("%d sockets, %d of which never read: %d events of 1 kB reached the others (p50 %s, p99 %s, slowest %s); the %d were closed; %.1f KiB a socket, both ends",
		readers+deaf, deaf, len(took), at(0.5), at(0.99), at(1), deaf, float64(each)/1024)
	if each > 64<<10 {
		t.Errorf("got %d bytes a socket, want 64 KiB at most", each)
	}
}

// inUse returns the memory of what lives.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// waitFor waits until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it takes more than a minute")
		}
	}
}

// plain is the other side of a program's socket, with next to nothing of its own.
type plain struct {
	net.Conn
	r *bufio.Reader
}

// plain joins the admins' room; a deaf one will never read.
func (w *world) plain(deaf bool) *plain {
	w.t.Helper()
	c, err := new(net.Dialer).DialContext(w.t.Context(), "tcp", strings.TrimPrefix(w.url, "ws://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	if deaf {
		if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			w.t.Fatal(err)
		}
	}
	_, err = fmt.Fprint(c, "GET /?room=admin HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	if err != nil {
		w.t.Fatal(err)
	}
	p := &plain{c, bufio.NewReaderSize(c, 1<<10)}
	res, err := http.ReadResponse(p.r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		w.t.Fatalf("got %v, %v; want a socket", res, err)
	}
	_ = res.Body.Close()
	if deaf {
		return p
	}
	if b, err := p.frame(); err != nil || !strings.Contains(string(b), `"message"`) {
		w.t.Fatalf("got %s, %v; want to be welcomed", b, err)
	}
	return p
}

// number reads an event and returns its number.
func (p *plain) number() (int, error) {
	b, err := p.frame()
	if err != nil {
		return 0, err
	}
	var m struct{ Seq int }
	err = json.Unmarshal(b, &m)
	return m.Seq, err
}

// frame reads one frame of a server: those are neither masked nor, here, longer than 64 KiB.
func (p *plain) frame() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.r, head[:2]); err != nil {
		return nil, err
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(p.r, head[2:]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	b := make([]byte, n)
	_, err := io.ReadFull(p.r, b)
	return b, err
}
