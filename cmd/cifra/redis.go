package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Times of the client that counts failed sign-ins. Short: while Redis does not answer, each instance counts alone.
const (
	redisDial = 250 * time.Millisecond
	redisCall = 250 * time.Millisecond
)

func isRedis(address string) bool {
	return strings.HasPrefix(address, "redis://") || strings.HasPrefix(address, "rediss://")
}

// openRedis makes a client for redis://user:password@host:port/db; several hosts, separated by commas, are a cluster.
// It connects when it is first used.
func openRedis(address string) (redis.UniversalClient, error) {
	if !isRedis(address) {
		return nil, errors.New("an address such as redis://127.0.0.1:6379 is needed")
	}
	scheme, rest, _ := strings.Cut(address, "://")
	hosts, path, _ := strings.Cut(rest, "/")
	user := ""
	if i := strings.LastIndex(hosts, "@"); i >= 0 {
		user, hosts = hosts[:i+1], hosts[i+1:]
	}
	all := strings.Split(hosts, ",")
	one, err := redis.ParseURL(scheme + "://" + user + all[0] + "/" + path)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // without the address: it may hold a password
		}
		return nil, fmt.Errorf("the address of Redis: %w", err)
	}
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: all, IsClusterMode: len(all) > 1, DB: one.DB, Username: one.Username, Password: one.Password, TLSConfig: one.TLSConfig,
		ClientName: "cifra-limits", DialTimeout: redisDial, DialerRetries: 1, MaxRetries: -1,
		ReadTimeout: redisCall, WriteTimeout: redisCall, ContextTimeoutEnabled: true,
	}), nil
}
