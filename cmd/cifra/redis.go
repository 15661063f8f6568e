package main

import (
	"strings"

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
