package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"cifra"
	"cifra/auth"
	"cifra/cache"
	"cifra/digit/prep"
	"cifra/handlers"
	"cifra/i18n"
	"cifra/lab"
	"cifra/live"
	"cifra/predict"
	"cifra/store"
	"cifra/web"
)

// app is everything that serves, wired together. Nothing else knows concrete types.
type app struct {
	log     *slog.Logger
	db      *store.DB
	cache   *cache.Cache
	auth    *auth.Service
	redis   redis.UniversalClient // of the limits; nil without Redis
	models  *predict.Models
	champs  *champions
	learn   *retraining
	metrics *metrics
	words   *i18n.Bundle
	tracing *tracing // nil unless configured
	state   *state
	events  atomic.Pointer[events]
	fleet   *live.Fleet // nil without Redis
	burst   *lab.Burst
	visits  *auth.SessionStore
	site    http.Handler
	history *history
	slow    *slowLog
	lines   []settingLine // the settings, for the System page
	started time.Time
	trouble whatIf
	closers []func() error // in the order in which they were opened
	work    sync.WaitGroup // of what runs in the background
	stop    context.CancelFunc
}

// newApp opens and wires everything. What it opened before an error it closes again.
func newApp(env *environment) (_ *app, err error) {
	s := env.settings
	a := &app{log: slog.New(slog.NewTextHandler(env.err, nil)), models: &predict.Models{}, metrics: newMetrics()}
	a.slow = &slowLog{log: a.log, requestsFrom: s.SlowRequest, queriesFrom: s.SlowQuery}
	a.lines, a.started = env.lines, time.Now()
	logRedis(a.log)
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.words, err = i18n.New(); err != nil {
		return nil, err
	}
	key, err := secret(s)
	if err != nil {
		return nil, err
	}
	if err := a.openTracing(env.ctx, s); err != nil {
		return nil, err
	}
	if err := a.openStore(env); err != nil {
		return nil, err
	}
	if err := a.openEvents(env.ctx, s); err != nil {
		return nil, err
	}
	if err := a.openCache(env.ctx, s); err != nil {
		return nil, err
	}
	if err := a.openAuth(env.ctx, s, key); err != nil {
		return nil, err
	}
	if err := a.serveModels(env.ctx, s); err != nil {
		return nil, err
	}
	if err := a.wire(env.ctx, s); err != nil {
		return nil, err
	}
	a.startEvents(env.ctx)
	a.startFleet(env.ctx)
	a.startHousekeeping(env.ctx, s)
	return a, a.startRetraining(env.ctx)
}

// openStore opens the database and brings its tables up to date.
func (a *app) openStore(env *environment) error {
	db, err := openStore(env, a.log, func(o *store.Options) {
		o.Told, o.SlowFrom, o.Slow, o.Hooks = a.told, a.slow.queriesFrom, a.slow.query, a.tracing.hooks()
	})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, db.Close)
	a.db = db
	applied, err := db.Migrate(env.ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if len(applied) > 0 {
		a.log.Info("migrated", "applied", applied)
	}
	return nil
}

// openStore opens the configured database, by default a SQLite file in the data folder.
func openStore(env *environment, log *slog.Logger, change ...func(*store.Options)) (*store.DB, error) {
	o := store.Options{Now: time.Now, Logger: log}
	env.settings.pool(&o)
	for _, c := range change {
		c(&o)
	}
	db, err := store.Open(env.ctx, env.settings.DatabaseURL, o)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", withoutPassword(env.settings.DatabaseURL), err)
	}
	return db, nil
}

func (a *app) openCache(ctx context.Context, s *Settings) error {
	address, err := a.through(ctx, s)
	if err != nil {
		return err
	}
	c, err := cache.New(ctx, cache.Options{URL: address, TTL: s.CacheTTL, Instance: instanceName(), Logger: a.log, OnEvent: a.trouble.news.hear})
	if err != nil {
		return &usageError{fmt.Errorf("CIFRA_CACHE_URL: %w", err)}
	}
	a.closers = append(a.closers, c.Close)
	a.cache = c
	return nil
}

// instanceName tells this process from the others to people.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "cifra"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

func (a *app) openAuth(ctx context.Context, s *Settings, key string) error {
	jwt, err := jwtSecret(s)
	if err != nil {
		return err
	}
	keys, err := auth.NewKeys(key, jwt)
	if err != nil {
		return &usageError{err}
	}
	counter, err := a.openCounter(s)
	if err != nil {
		return err
	}
	a.openFleet()
	a.auth = auth.New(auth.Deps{
		Users: a.db, Tokens: a.db, Personal: a.db, Setup: a.db, Roster: a.db, Hasher: auth.NewHasher(auth.HasherOptions{}),
		Throttle: auth.NewThrottle(counter, time.Now, a.log), Keys: keys, Now: time.Now, Log: a.log,
		Remember: a.remembers, Tell: a.tell,
	})
	if s.AdminUsername == "" && s.AdminPassword == "" {
		return nil
	}
	u, err := a.auth.FirstAdmin(ctx, s.AdminUsername, s.AdminPassword)
	if err != nil {
		return fmt.Errorf("first admin: %w", err)
	}
	if u != nil {
		a.log.InfoContext(ctx, "made the first admin", "username", u.Username)
	}
	return nil
}

// openCounter returns what counts failed sign-ins for all instances: Redis where there is one, else nothing beyond
// this process.
func (a *app) openCounter(s *Settings) (auth.Counter, error) {
	if s.RedisURL == "" {
		return nil, nil //nolint:nilnil // no Redis, no shared counter
	}
	client, err := openRedis(s.RedisURL)
	if err != nil {
		return nil, &usageError{fmt.Errorf("CIFRA_REDIS_URL: %w", err)}
	}
	a.closers = append(a.closers, client.Close)
	a.redis = client
	if err := a.tracing.redis(client); err != nil {
		return nil, err
	}
	return auth.NewRedisCounter(client), nil
}

// openLimits returns the limits of the API, nil where they are off. Where there is Redis all instances count together.
func (a *app) openLimits(s *Settings) (*web.Limits, error) {
	if s.RateLimits != "on" {
		return nil, nil //nolint:nilnil // no limits, none to keep
	}
	return web.NewLimits(a.redis, time.Now, a.log)
}

// serving returns the version of the model that serves api here, "" where none does.
func (a *app) serving(api cifra.API) string {
	m, err := a.models.Serving(api)
	if err != nil {
		return ""
	}
	return m.Version()
}

// wire makes the site.
func (a *app) wire(ctx context.Context, s *Settings) error {
	proxies, err := networks(s.TrustedProxies)
	if err != nil {
		return &usageError{fmt.Errorf("CIFRA_TRUSTED_PROXIES: %w", err)}
	}
	words := a.words
	limits, err := a.openLimits(s)
	if err != nil {
		return err
	}
	stats := a.openMyStats(s)
	preparer, err := newPreparer()
	if err != nil {
		return err
	}
	predictions := predict.New(predict.Deps{
		Cache: a.cache, Policy: predictPolicy, Prep: preparer, PrepVersion: prep.Version,
		Models: a.models, Store: stats, Persons: a.db, Said: stats, Now: time.Now, Answered: a.metrics.predicted,
	})
	a.visits, err = auth.NewSessionStore(a.db, sessionPolicy, a.log) //nolint:contextcheck // its refreshes outlive requests
	if err != nil {
		return err
	}
	a.closers = append(a.closers, a.visits.Close)
	a.events.Load().doubt = a.doubt
	a.metrics.MustRegister(a.cache.Collector(), poolCollector{a.db}, servingCollector{a.serving})
	a.state = &state{cache: a.cache, db: a.db}
	rooms, err := a.openLab(ctx, s, predictions)
	if err != nil {
		return err
	}
	a.site, err = web.New(web.Deps{ //nolint:contextcheck // each request brings its own
		Handlers: &handlers.Site{
			History: predictions,
			Predict: predictions, Predictions: predictions, Accounts: a.auth, Cache: a.state, Parts: a.state,
			Audit:      a.db,
			Judgements: predictions, Feedback: a.db, Report: a.db, Overview: a.db,
			Events:  a.events.Load(),
			Lab:     rooms,
			Wall:    a.db,
			MyStats: a.db, StatsCache: stats.layer,
			Retraining: a.learn.service, Models: a.learn.models, Champions: a.champs, Drawings: a.db,
			Keys: a.auth, Browsers: a.visits, Persons: a.db, Roster: a.auth, System: a,
			Demo: s.Demo, Version: buildInfo().Version, Instance: a.cache.Instance(), Retention: time.Duration(s.Retention), Now: time.Now,
		},
		Identity: a.auth, Sessions: a.visits, Words: words, Limits: limits, Production: s.Production(), Proxies: proxies,
		Log: a.log, Now: time.Now, Metrics: web.NewMetrics(a.metrics), Prometheus: a.metrics.handler(), Slow: a.slow.request,
	})
	a.site = a.tracing.handler(a.site)
	return err
}

func networks(texts []string) ([]*net.IPNet, error) {
	var nets []*net.IPNet
	for _, text := range texts {
		if ip := net.ParseIP(text); ip != nil { // one address is a network too
			bits := 8 * len(ip)
			if four := ip.To4(); four != nil {
				ip, bits = four, 32
			}
			nets = append(nets, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
			continue
		}
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			return nil, err
		}
		nets = append(nets, n)
	}
	return nets, nil
}

// close ends what runs in the background and closes what was opened, last first.
func (a *app) close() {
	if a.learn != nil {
		a.learn.stop()
	}
	if a.stop != nil {
		a.stop()
	}
	a.work.Wait()
	var errs []error
	for _, v := range slices.Backward(a.closers) {
		errs = append(errs, v())
	}
	a.closers = nil
	if err := errors.Join(errs...); err != nil {
		a.log.Error("closing", "err", err)
	}
}
