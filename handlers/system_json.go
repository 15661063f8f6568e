package handlers

import (
	"time"

	"cifra"
)

// poolCounts is a pool's numbers, with the field names of the system that this one replaces.
type poolCounts struct {
	Kept     int     `json:"tamaño"`
	Open     int     `json:"conexiones_activas"`
	InUse    int     `json:"en_uso"`
	Overflow int     `json:"overflow"`
	Max      int     `json:"max"`
	Waits    int64   `json:"esperas"`
	Waited   float64 `json:"espera_ms"`
}

type poolJSON struct {
	Name string `json:"nombre"`
	Kind string `json:"tipo"`
	poolCounts
	Recycle  float64 `json:"reciclaje_s"` // 0: never
	Patience float64 `json:"timeout_s"`
	Checked  bool    `json:"pre_ping"`
}

type poolStatsJSON struct {
	poolCounts
	Pools []poolJSON `json:"pools"`
}

func newPoolJSON(p cifra.Pool) poolJSON {
	return poolJSON{
		Name: p.Name, Kind: p.Kind, Recycle: p.Recycle.Seconds(), Patience: p.Patience.Seconds(), Checked: p.Checked,
		poolCounts: poolCounts{Kept: p.Kept, Open: p.Open, InUse: p.InUse, Overflow: p.Overflow, Max: p.Max, Waits: p.Waits, Waited: wireMS(p.Waited)},
	}
}

// wireMS is a time in milliseconds.
func wireMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

type buildJSON struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

type slowRequestJSON struct {
	At        string  `json:"at"`
	Method    string  `json:"method"`
	Route     string  `json:"route"`
	Status    int     `json:"status"`
	Took      float64 `json:"took_ms"`
	RequestID string  `json:"request_id"`
}

type slowQueryJSON struct {
	At        string  `json:"at"`
	SQL       string  `json:"sql"`
	Took      float64 `json:"took_ms"`
	Failed    bool    `json:"failed"`
	RequestID string  `json:"request_id"`
}

type slowJSON struct {
	RequestsFrom float64           `json:"requests_from_ms"`
	QueriesFrom  float64           `json:"queries_from_ms"`
	Requests     []slowRequestJSON `json:"requests"`
	Queries      []slowQueryJSON   `json:"queries"`
}

type routeJSON struct {
	Method string  `json:"method"`
	Route  string  `json:"route"`
	N      int64   `json:"n"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	P99    float64 `json:"p99_ms"`
}

type instanceJSON struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // "site", "worker"
	Version string `json:"version"`
	Started string `json:"started_at"`
	Seen    string `json:"seen_at"`
}

type settingJSON struct {
	Variable string `json:"variable"`
	Value    string `json:"value"`
	From     string `json:"from"`
}

type systemJSON struct {
	Build     buildJSON      `json:"build"`
	Instance  string         `json:"instance"`
	Started   string         `json:"started_at"`
	Uptime    int64          `json:"uptime_s"`
	Database  string         `json:"database"`
	Cache     string         `json:"cache"`
	CacheDown *string        `json:"cache_down_since"`
	Sockets   int            `json:"sockets"`
	Pools     []poolJSON     `json:"pools"`
	Slow      slowJSON       `json:"slow"`
	Routes    []routeJSON    `json:"routes"`
	Instances []instanceJSON `json:"instances"`
	Settings  []settingJSON  `json:"settings"`
}

func newSystemJSON(s *cifra.System, now time.Time) systemJSON {
	out := systemJSON{
		Build:    buildJSON{s.Version, s.Revision, s.Go, s.Platform},
		Instance: s.Instance, Started: wireTime(s.Started), Uptime: int64(now.Sub(s.Started).Seconds()),
		Database: s.Database, Cache: s.Cache, Sockets: s.Sockets, Pools: []poolJSON{}, Routes: []routeJSON{}, Instances: []instanceJSON{}, Settings: []settingJSON{},
		Slow: slowJSON{wireMS(s.Slow.RequestsFrom), wireMS(s.Slow.QueriesFrom), []slowRequestJSON{}, []slowQueryJSON{}},
	}
	if !s.CacheDown.IsZero() {
		down := wireTime(s.CacheDown)
		out.CacheDown = &down
	}
	for _, p := range s.Pools {
		out.Pools = append(out.Pools, newPoolJSON(p))
	}
	for _, r := range s.Slow.Requests {
		out.Slow.Requests = append(out.Slow.Requests, slowRequestJSON{wireTime(r.At), r.Method, r.Route, r.Status, wireMS(r.Took), r.RequestID})
	}
	for _, q := range s.Slow.Queries {
		out.Slow.Queries = append(out.Slow.Queries, slowQueryJSON{wireTime(q.At), q.SQL, wireMS(q.Took), q.Failed, q.RequestID})
	}
	for _, r := range s.Routes {
		out.Routes = append(out.Routes, routeJSON{r.Method, r.Route, r.N, wireMS(r.P50), wireMS(r.P95), wireMS(r.P99)})
	}
	for _, i := range s.Instances {
		kind := "site"
		if i.Worker {
			kind = "worker"
		}
		out.Instances = append(out.Instances, instanceJSON{i.Name, kind, i.Version, wireTime(i.Started), wireTime(i.Seen)})
	}
	for _, o := range s.Settings {
		out.Settings = append(out.Settings, settingJSON{o.Variable, o.Value, o.From})
	}
	return out
}
