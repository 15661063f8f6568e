package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/predict"
	"cifra/store"
)

// Times of following the champions: how often the pointers are looked at without being told, and how long a
// champion that can't be loaded isn't tried again.
const (
	followEvery = time.Second
	againAfter  = 30 * time.Second
)

// champions keeps this instance's models those that the database names. A version that can't be loaded is never
// served: the last good one stays, and [champions.Trouble] says why.
type champions struct {
	db     *store.DB
	models *predict.Models
	share  float64 // of the pictures that go to a challenger
	log    *slog.Logger
	wake   chan struct{}
	held   map[cifra.API]string // the challengers that answer, or can't; the following goroutine's own

	mu      sync.Mutex
	serving map[cifra.API]string           // guarded by mu, as what follows
	trouble map[cifra.API]cifra.ModelFault // of a champion that isn't served
	tried   map[cifra.API]time.Time        // when it was tried last
}

func newChampions(db *store.DB, models *predict.Models, share float64, log *slog.Logger) *champions {
	return &champions{
		db: db, models: models, share: share, log: log, wake: make(chan struct{}, 1), held: make(map[cifra.API]string),
		serving: make(map[cifra.API]string), trouble: make(map[cifra.API]cifra.ModelFault), tried: make(map[cifra.API]time.Time),
	}
}

// begin serves the embedded models, and then the champions.
func (c *champions) begin(ctx context.Context) error {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		if err := c.serveEmbedded(api); err != nil {
			return err
		}
	}
	c.look(ctx)
	return nil
}

func (c *champions) serveEmbedded(api cifra.API) error {
	m, err := digit.Embedded(api)
	if err != nil {
		return fmt.Errorf("embedded model %s: %w", api, err)
	}
	c.serve(api, m)
	return nil
}

func (c *champions) serve(api cifra.API, m *digit.Model) {
	c.models.Serve(api, m)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serving[api] = m.Version()
	delete(c.trouble, api)
}

// Wake has the pointers looked at now.
func (c *champions) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// follow looks at the pointers until ctx ends.
func (c *champions) follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.wake:
		}
		c.look(ctx)
	}
}

func (c *champions) look(ctx context.Context) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		id, err := c.db.Champion(ctx, api)
		if err != nil {
			continue // none was promoted, or the database is away: what serves goes on
		}
		if !c.isNew(api, id) {
			continue
		}
		m, err := c.load(ctx, api, id)
		if err != nil {
			if cifra.CodeOf(err) != cifra.Unavailable {
				c.fault(ctx, api, id, err)
			}
			continue
		}
		c.serve(api, m)
		c.log.InfoContext(ctx, "a champion serves", "api", api, "model", id)
	}
	c.lookForChallengers(ctx)
}

// isNew reports whether id isn't served, and may be tried.
func (c *champions) isNew(api cifra.API, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.serving[api] == id {
		delete(c.trouble, api)
		return false
	}
	return c.trouble[api].Model != id || time.Since(c.tried[api]) >= againAfter
}

func (c *champions) load(ctx context.Context, api cifra.API, id string) (*digit.Model, error) {
	version, err := c.db.Model(ctx, id)
	if err != nil {
		return nil, err
	}
	m, err := digit.Load(version.Weights)
	if err != nil {
		return nil, cifra.E(cifra.Impossible, "error.model.damaged", "Model", id).Wrap(err)
	}
	if m.API() != api || m.Version() != id {
		return nil, cifra.E(cifra.Impossible, "error.model.api", "Model", id, "API", string(api))
	}
	return m, nil
}

func (c *champions) fault(ctx context.Context, api cifra.API, id string, err error) {
	c.mu.Lock()
	first := c.trouble[api].Model != id
	f := cifra.ModelFault{API: api, Model: id, Serving: c.serving[api], Err: faultOf(err), Since: time.Now().UTC()}
	if !first {
		f.Since = c.trouble[api].Since
	}
	c.trouble[api], c.tried[api] = f, time.Now()
	c.mu.Unlock()
	if first {
		c.log.ErrorContext(ctx, "the champion cannot be loaded; the last good model goes on", "api", api, "model", id, "serving", f.Serving, "err", err)
	}
}

// Faults returns what is wrong with champions that this instance should serve, but doesn't.
func (c *champions) Faults() []cifra.ModelFault {
	c.mu.Lock()
	defer c.mu.Unlock()
	var fs []cifra.ModelFault
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		if f, ok := c.trouble[api]; ok {
			fs = append(fs, f)
		}
	}
	return fs
}

// Serving returns which version answers api in this instance.
func (c *champions) Serving(api cifra.API) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.serving[api]
}

// faultOf is what people are told of err.
func faultOf(err error) *cifra.Error {
	if known, ok := errors.AsType[*cifra.Error](err); ok {
		return known
	}
	return cifra.E(cifra.Internal, "error.internal").Wrap(err)
}
