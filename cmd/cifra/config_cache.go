package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// oldCache makes a cache URL of the old systems' variables. CACHE_TYPE decides; where it is missing, a Redis host does,
// then a Memcached one.
func oldCache(get func(string) string) (string, error) {
	redis := cmp.Or(get("CACHE_REDIS_URL"), redisAt(cmp.Or(get("CACHE_REDIS_HOST"), get("REDIS_HOST")),
		cmp.Or(get("CACHE_REDIS_PORT"), get("REDIS_PORT"), "6379"), get("CACHE_REDIS_DB")))
	memcached := memcachedAt(get)
	switch kind := get("CACHE_TYPE"); kind {
	case "":
		return cmp.Or(redis, memcached), nil
	case "redis", "RedisCache":
		return cmp.Or(redis, "redis://127.0.0.1:6379"), nil
	case "MemcachedCache":
		return cmp.Or(memcached, "memcached://127.0.0.1:11211"), nil
	case "FileSystemCache":
		return folder(get("CACHE_DIR"))
	case "SimpleCache":
		return "memory://", nil
	default:
		return "", fmt.Errorf("CACHE_TYPE=%s is not known; use CIFRA_CACHE_URL", kind)
	}
}

func redisAt(host, port, db string) string {
	if host == "" {
		return ""
	}
	u := url.URL{Scheme: "redis", Host: net.JoinHostPort(host, port), Path: db}
	return u.String()
}

// memcachedAt returns the address of the servers in CACHE_MEMCACHED_SERVERS, written one after the other as the old
// systems' settings were ("a:11211, b:11211", or with brackets and quotes around), else of the one in MEMCACHED_HOST.
func memcachedAt(get func(string) string) string {
	servers := strings.FieldsFunc(get("CACHE_MEMCACHED_SERVERS"), func(r rune) bool { return strings.ContainsRune(" ,;()[]'\"", r) })
	if host := get("MEMCACHED_HOST"); len(servers) == 0 && host != "" {
		servers = []string{net.JoinHostPort(host, cmp.Or(get("MEMCACHED_PORT"), "11211"))}
	}
	if len(servers) == 0 {
		return ""
	}
	return "memcached://" + strings.Join(servers, ",")
}

// folder returns the address of a cache in files.
func folder(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("CACHE_TYPE=FileSystemCache needs CACHE_DIR, the folder")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("CACHE_DIR: %w", err)
	}
	return "file://" + filepath.ToSlash(dir), nil
}

// oldTimeout reads CACHE_DEFAULT_TIMEOUT, in seconds.
func oldTimeout(get func(string) string) (string, error) {
	text := get("CACHE_DEFAULT_TIMEOUT")
	if text == "" {
		return "", nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n <= 0 {
		return "", fmt.Errorf("CACHE_DEFAULT_TIMEOUT=%s: a number of seconds above 0 is needed", text)
	}
	return (time.Duration(n) * time.Second).String(), nil
}
