package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"cifra/auth"
)

func isRedis(address string) bool {
	return strings.HasPrefix(address, "redis://") || strings.HasPrefix(address, "rediss://")
}

// openRedis makes the client that counts failed sign-ins for all instances. It connects when it is first used.
func openRedis(address string) (redis.UniversalClient, error) {
	o, err := auth.RedisOptions(address)
	if err != nil {
		return nil, err
	}
	return redis.NewUniversalClient(o), nil
}

// redisLogger is set before the first client is used: go-redis keeps one logger for the whole program.
var redisLogger sync.Once

func logRedis(log *slog.Logger) {
	redisLogger.Do(func() { redis.SetLogger(redisLog{log}) })
}

// redisLog takes what go-redis would print for itself: of what it says we hear by errors, and act on them.
type redisLog struct{ log *slog.Logger }

// Printf implements the client's logger.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis", "says", fmt.Sprintf(format, v...))
}
