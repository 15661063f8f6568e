package cifra

import (
	"context"
	"time"
)

// System is how the program is doing, as the instance that is asked knows it.
type System struct {
	Version   string
	Revision  string // of the source, "" where it is not known
	Go        string
	Platform  string
	Instance  string // its name
	Started   time.Time
	Database  string // "sqlite", "postgres"
	Cache     string // the cache's back end
	CacheDown time.Time
	Sockets   int // open ones
	Pools     []Pool
	Slow      SlowLog
	Routes    []RouteTimes
	Instances []Instance
	Settings  []Setting
}

// Pool is how one pool of connections is used just now.
type Pool struct {
	Name     string // "database", "redis"
	Kind     string // of the other side
	Kept     int    // connections that are kept without load
	Max      int    // the most that there may be; 0: not known
	Open     int
	InUse    int
	Overflow int           // open beyond those that are kept
	Waits    int64         // calls so far that had to wait for one
	Waited   time.Duration // that they waited, all together
	Recycle  time.Duration // after which a connection is renewed; 0: never
	Patience time.Duration // that a call waits at most
	Checked  bool          // each is checked before it is used
}

// SlowLog is what took long lately, newest first.
type SlowLog struct {
	Requests     []SlowRequest
	Queries      []SlowQuery
	RequestsFrom time.Duration // what takes this long is slow
	QueriesFrom  time.Duration
}

// SlowRequest is a request that took long.
type SlowRequest struct {
	At        time.Time // when it had ended
	Method    string
	Route     string // "/r/:id"
	Status    int
	Took      time.Duration
	RequestID string
}

// SlowQuery is a statement that took long.
type SlowQuery struct {
	At        time.Time
	SQL       string // with ? in place of every value
	Took      time.Duration
	Failed    bool
	RequestID string // of the request that it was for; "" where it was for none
}

// RouteTimes is how long answers of a route took, since the instance started.
type RouteTimes struct {
	Method, Route string
	N             int64
	P50, P95, P99 time.Duration
}

// Instance is a process that works on the same database.
type Instance struct {
	Name    string
	Worker  bool // it only retrains, and serves no pages
	Version string
	Started time.Time
	Seen    time.Time // when it last said that it is there
	Seq     int64     // the last event that it has read; -1: it follows none
}

// Setting is one setting as people may see it.
type Setting struct {
	Variable string
	Value    string // secrets are hidden
	From     string // where it came from
	Help     string
}

const requestKey contextKey = 2

// WithRequestID returns a context that carries the id of the request that it is for.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey, id)
}

// RequestIDFrom returns the id that ctx carries, "" where there is none.
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}
