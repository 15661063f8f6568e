package e2e

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cifra/e2e/harness"
	"cifra/scripts/servers"
)

// postgres is a private PostgreSQL that a test may kill and bring back. It waits for the disk, as in production.
type postgres struct {
	t     *testing.T
	url   string
	addr  string
	child *servers.Child
	*servers.Process
}

// startPostgres starts one; it ends with the test.
func startPostgres(t *testing.T) *postgres {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "cifra-e2e-postgres-") //nolint:usetesting // t.TempDir is closed to the user as whom it runs
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := &postgres{t: t}
	if p.child, p.url, err = servers.Postgres(t.Context(), dir, true); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	p.addr = u.Host
	p.start()
	t.Cleanup(func() { p.Stop() })
	return p
}

// aDatabase is an empty database of a PostgreSQL that nobody breaks: the one that `make test` has started, else a private one.
func aDatabase(t *testing.T) *postgres {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	server := os.Getenv("TEST_POSTGRES_URL")
	if server == "" {
		return startPostgres(t)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	p := &postgres{t: t, url: server, addr: u.Host}
	name := "e2e_" + strings.ToLower(rand.Text())
	p.make(name)
	u.Path = "/" + name
	p.url = u.String()
	return p
}

// make makes a database, which is gone with the test.
func (p *postgres) make(name string) {
	p.t.Helper()
	do := func(statement string) error {
		ctx := context.WithoutCancel(p.t.Context())
		c, err := pgx.Connect(ctx, p.url)
		if err != nil {
			return err
		}
		_, err = c.Exec(ctx, statement)
		return errors.Join(err, c.Close(ctx))
	}
	if err := do("CREATE DATABASE " + name); err != nil {
		p.t.Fatal(err)
	}
	if p.child != nil { // it goes with its server
		return
	}
	server := p.url
	p.t.Cleanup(func() {
		at := p.url
		p.url = server
		if err := do("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			p.t.Error(err)
		}
		p.url = at
	})
}

func (p *postgres) start() {
	p.t.Helper()
	// What a killed one left behind may hold its memory for a moment longer.
	for began := time.Now(); ; {
		process, err := p.child.Start(p.t.Context())
		if err == nil {
			p.Process = process
			return
		}
		if time.Since(began) > time.Minute {
			p.t.Fatal(err)
		}
	}
}

// kill ends it without a goodbye.
func (p *postgres) kill() {
	if err := syscall.Kill(p.Pid, syscall.SIGKILL); err != nil {
		p.t.Error(err)
	}
	<-p.Ended
}

// through is its address by way of a proxy.
func (p *postgres) through(network *harness.Proxy) string {
	u, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	u.Host = network.Addr
	return u.String()
}

// takeAll throws everybody out and takes every connection that there is. release gives them back.
func (p *postgres) takeAll() (release func()) {
	p.t.Helper()
	ctx := context.WithoutCancel(p.t.Context())
	var taken []*pgx.Conn
	for full := 0; full < 3; { // three refusals one after the other: nobody else got one meanwhile
		c, err := pgx.Connect(ctx, p.url)
		if err != nil {
			full++
			_, err := taken[0].Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cifra'")
			if err != nil {
				p.t.Fatal(err)
			}
			continue
		}
		full = 0
		taken = append(taken, c)
	}
	return func() {
		for _, c := range taken {
			if err := c.Close(ctx); err != nil {
				p.t.Error(err)
			}
		}
	}
}

// TestPostgresInTrouble breaks PostgreSQL in every way under a steady load: what is remembered is still answered, writes
// are refused with 503 and Retry-After until it is back, and nothing that was acknowledged is lost or there twice.
func TestPostgresInTrouble(t *testing.T) {
	t.Parallel()
	db := startPostgres(t)
	network := harness.NewProxy(t, db.addr)
	app := harness.StartInstance(t, program, t.TempDir(), asAdmin("CIFRA_DATABASE_URL="+db.through(network))...)
	admin := signIn(t, app.URL, "admin")
	l := startLoad(t, app.URL)
	answers := 10
	if proving() {
		answers = 1000
	}
	l.until(answers)
	var release func()
	for _, trouble := range []struct {
		name       string
		always     bool // not only with CIFRA_PROVE=1
		begin, end func()
	}{
		{"killed", true, db.kill, db.start},
		{"paused", true, network.Pause, network.Heal},
		{"reset", false, network.Cut, network.Heal},
		{"slow", false, func() { network.Delay(250 * time.Millisecond) }, network.Heal},
		{"out of connections", true, func() { release = db.takeAll() }, func() { release() }},
	} {
		if !trouble.always && !proving() {
			continue
		}
		began := time.Now()
		trouble.begin()
		l.untilRefused(began)
		ended := time.Now()
		trouble.end()
		back := l.untilWritten(ended)
		l.until(5)
		reads, writes := l.between("read", began, time.Now()), l.between("write", began, time.Now())
		refused := slices.DeleteFunc(slices.Clone(writes), func(a asked) bool { return a.status != 503 })
		t.Logf("%s: %s of reads, p99 %s; %s of writes, refused within %s; written again %s after it was back", trouble.name,
			outcomes(reads), quantile(reads, .99), outcomes(writes), quantile(refused, 1), back.Sub(ended).Round(10*time.Millisecond))
		for _, a := range reads {
			if a.status != 200 {
				t.Errorf("%s: got a read that failed with %d, %v; want none", trouble.name, a.status, a.err)
				break
			}
		}
		for _, a := range writes {
			if a.status/100 != 2 && (a.status != 503 || !a.later) {
				t.Errorf("%s: got %d, Retry-After %v, %v for a write; want 201, or 503 with Retry-After", trouble.name, a.status, a.later, a.err)
				break
			}
			if a.took > 20*time.Second {
				t.Errorf("%s: got an answer to a write after %s, want it in 2 s on a quiet machine", trouble.name, a.took)
			}
		}
		if back.Sub(ended) > 30*time.Second {
			t.Errorf("%s: got the first write %s after it was back, want it in 3 s on a quiet machine", trouble.name, back.Sub(ended))
		}
	}
	l.check(app.URL, admin)
}

// untilRefused waits until writes that began since then have been refused, or have slowly got through.
func (l *load) untilRefused(since time.Time) {
	l.t.Helper()
	l.eventually("refused", func() bool {
		writes := l.between("write", since, time.Now())
		return len(writes) >= 4 && len(l.between("read", since, time.Now())) >= 20
	})
}

// untilWritten waits until a write that began after then is acknowledged, and returns when that was.
func (l *load) untilWritten(since time.Time) (at time.Time) {
	l.t.Helper()
	l.eventually("written", func() bool {
		for _, a := range l.between("write", since, time.Now()) {
			if a.status/100 == 2 {
				at = a.at.Add(a.took)
				return true
			}
		}
		return false
	})
	return at
}

// eventually waits for something that becomes true with an answer.
func (l *load) eventually(what string, yes func() bool) {
	l.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		l.mu.Lock()
		more := l.more
		l.mu.Unlock()
		if yes() {
			return
		}
		select {
		case <-more:
		case <-deadline:
			l.t.Fatal("2 minutes later nothing is " + what)
		}
	}
}
