package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisSignal wakes the followers of all instances through Redis: what it says is only that there is something to read.
// While Redis is away, followers look by themselves.
type RedisSignal struct {
	client  redis.UniversalClient
	channel string
	wake    func()
	log     *slog.Logger
	told    chan struct{}

	mu   sync.Mutex // guards stop
	stop context.CancelFunc
	done sync.WaitGroup
}

// NewRedisSignal returns a signal over a channel of Redis, which all instances of one site share and no other one. wake is
// called when any of them tells something; it must not block.
func NewRedisSignal(client redis.UniversalClient, channel string, wake func(), log *slog.Logger) *RedisSignal {
	return &RedisSignal{client: client, channel: channel, wake: wake, log: log, told: make(chan struct{}, 1)}
}

// Tell has every instance look at once, or within 10 ms of the last time: what is told meanwhile goes with it. It never waits.
func (s *RedisSignal) Tell() { signal(s.told) }

// Start begins to tell and to hear, until ctx ends or [RedisSignal.Stop]. Starting twice changes nothing.
func (s *RedisSignal) Start(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		return
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.done.Go(func() { s.tell(ctx) })
	s.done.Go(func() { s.hear(ctx) })
}

// Stop ends both. Stopping before starting, or twice, is fine.
func (s *RedisSignal) Stop() {
	s.mu.Lock()
	stop := s.stop
	s.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	s.done.Wait()
}

const (
	patience = time.Second           // that Redis may take to pass a signal on
	quiet    = 10 * time.Millisecond // between one signal and the next, however often something is told
)

func (s *RedisSignal) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.told:
		}
		within, cancel := context.WithTimeout(ctx, patience)
		err := s.client.Publish(within, s.channel, "").Err()
		cancel()
		if err != nil && ctx.Err() == nil {
			s.log.DebugContext(ctx, "other instances will look by themselves", "err", err)
		}
		select { // what is told meanwhile goes with the next
		case <-ctx.Done():
			return
		case <-time.After(quiet):
		}
	}
}

// hear passes signals on. go-redis connects anew by itself, again and again.
func (s *RedisSignal) hear(ctx context.Context) {
	sub := s.client.Subscribe(ctx, s.channel)
	defer func() { _ = sub.Close() }()
	messages := sub.Channel(redis.WithChannelSize(1))
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-messages:
			if !open {
				return
			}
			s.wake()
		}
	}
}
