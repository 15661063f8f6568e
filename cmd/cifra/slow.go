package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cifra"
)

// slowKept is how many slow requests, and how many slow statements, an instance remembers for its page.
const slowKept = 50

// slowLog remembers what took long lately, and writes it to the log.
type slowLog struct {
	log                       *slog.Logger
	requestsFrom, queriesFrom time.Duration // what takes this long is slow; 0: nothing is

	mu       sync.Mutex // guards both
	requests []cifra.SlowRequest
	queries  []cifra.SlowQuery
}

// request is told of every request that has ended.
func (s *slowLog) request(ctx context.Context, r cifra.SlowRequest) {
	if s.requestsFrom <= 0 || r.Took < s.requestsFrom {
		return
	}
	s.log.WarnContext(ctx, "slow request", "method", r.Method, "route", r.Route, "status", r.Status, "took", r.Took, "request_id", r.RequestID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = latest(s.requests, r)
}

// query is told of every slow statement.
func (s *slowLog) query(ctx context.Context, q cifra.SlowQuery) {
	s.log.WarnContext(ctx, "slow query", "sql", q.SQL, "took", q.Took, "failed", q.Failed, "request_id", q.RequestID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = latest(s.queries, q)
}

// latest adds one to the last ones.
func latest[T any](list []T, one T) []T {
	if len(list) == slowKept {
		copy(list, list[1:])
		list = list[:slowKept-1]
	}
	return append(list, one)
}

// list returns what took long, the newest first.
func (s *slowLog) list() cifra.SlowLog {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := cifra.SlowLog{
		Requests: slices.Clone(s.requests), Queries: slices.Clone(s.queries), RequestsFrom: s.requestsFrom, QueriesFrom: s.queriesFrom,
	}
	slices.Reverse(l.Requests)
	slices.Reverse(l.Queries)
	return l
}
