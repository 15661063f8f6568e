package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/joho/godotenv"

	"cifra/store"
)

// Settings is everything that can be set from outside. This file is the only reader of the environment;
// packages receive values. Each setting is a flag (--database-url), a variable (CIFRA_DATABASE_URL), for some a
// name of the old systems, a line of .env, or its default, in this order.
type Settings struct {
	Addr            string   `default:"127.0.0.1:8080" help:"Address to listen on."`
	DatabaseURL     string   `help:"sqlite:PATH or postgres://… (default: sqlite:DATA_DIR/cifra.db)."`
	DataDir         string   `default:"data" help:"Folder of the SQLite file and the development secret."`
	CacheURL        string   `default:"memory://" help:"memory://, redis://… (several addresses: a cluster), memcached://… or file:///… (one process)."`
	RedisURL        string   `help:"Redis for the limits of signing in (default: that of the cache, if it is Redis)."`
	Secret          string   `help:"32 bytes at least; made up and kept in development, required in production." secret:"true"`
	JWTSecret       string   `name:"jwt-secret" help:"Signs the API's tokens (default: derived from the secret)." secret:"true"`
	Env             string   `default:"development" enum:"development,production" help:"development or production."`
	AdminUsername   string   `help:"Makes the first admin at the start, where there is none."`
	AdminPassword   string   `help:"The first admin's password." secret:"true"`
	Demo            bool     `help:"A show: everybody may change the lab's data, break parts on purpose and use the wall; full headers for all."`
	Retention       Days     `default:"90d" help:"Drawings are deleted after this time, such as 90d or 36h."`
	MNISTDir        string   `name:"mnist-dir" help:"Folder with MNIST's training files: retraining then replays all of it."`
	RetrainAfter    int      `default:"0" help:"Accepted corrections that start a retraining; 0: none do."`
	ChallengerShare Share    `default:"0" help:"Share of the pictures that a version held for comparison answers, such as 0.1 or 10%; 0: none."`
	OTLPEndpoint    string   `name:"otlp-endpoint" help:"Where an OpenTelemetry collector takes traces over HTTP, such as http://127.0.0.1:4318; also OTEL_EXPORTER_OTLP_ENDPOINT (default: none, nothing is traced)."`
	DebugAddr       string   `help:"Address for metrics and pprof, such as 127.0.0.1:6060 (default: none)."`
	TrustedProxies  []string `help:"Networks whose X-Forwarded-For counts, such as 10.0.0.0/8."`

	CacheTTL        time.Duration `name:"cache-ttl" default:"300s" help:"How long answers are fresh whose policy names no time of its own."`
	HeavyDelay      time.Duration `default:"3s" help:"How long the cache lab's heavy operation takes at least; labelled as a delay."`
	UniversitiesURL string        `default:"http://universities.hipolabs.com/search" help:"The universities' service, the whole address up to /search; a configured one may be private."`
	UniversitiesTTL time.Duration `default:"30s" help:"How long the universities' answers are fresh."`

	PoolSize     int           `default:"10" help:"Connections to PostgreSQL that are kept."`
	PoolOverflow int           `default:"20" help:"Connections to PostgreSQL beyond those, under load."`
	PoolRecycle  time.Duration `default:"30m" help:"After this time a connection to PostgreSQL is renewed."`
	PoolTimeout  time.Duration `default:"2s" help:"The most that a call waits for PostgreSQL: for a connection and the answer."`
	SlowRequest  time.Duration `default:"500ms" help:"Requests that take this long are in the log and on the System page; 0: none are."`
	SlowQuery    time.Duration `default:"500ms" help:"The same of the database's statements, without their values."`

	RateLimits string `enum:"on,off," default:"" help:"on or off: the limits of the API (default: on in production, else off). Those of signing in are always on."`
}

// Production reports whether weak secrets are refused and cookies need https.
func (s *Settings) Production() bool { return s.Env == "production" }

// complete fills in what follows from other settings.
func (s *Settings) complete() {
	if s.DatabaseURL == "" {
		s.DatabaseURL = "sqlite:" + path.Join(filepath.ToSlash(s.DataDir), "cifra.db")
	}
	if s.RateLimits == "" {
		s.RateLimits = "off"
		if s.Production() {
			s.RateLimits = "on"
		}
	}
	if s.RedisURL == "" && isRedis(s.CacheURL) {
		s.RedisURL = s.CacheURL
	}
}

// pool fills in how many connections to PostgreSQL there may be, and for how long. SQLite opens its own as it needs them.
func (s *Settings) pool(o *store.Options) {
	if !strings.HasPrefix(s.DatabaseURL, "postgres") {
		return
	}
	o.KeepConns, o.MaxConns, o.Recycle = s.PoolSize, s.PoolSize+s.PoolOverflow, s.PoolRecycle
	o.Timeout = max(s.PoolTimeout-answerTime, s.PoolTimeout/2)
}

// answerTime is how much of the time that a call waits is left for the rest of the answer.
const answerTime = 200 * time.Millisecond

// Days is a duration that may be written in days: "90d".
type Days time.Duration

// UnmarshalText reads "90d" or anything that [time.ParseDuration] reads.
func (d *Days) UnmarshalText(b []byte) error {
	text := string(b)
	if n, ok := strings.CutSuffix(text, "d"); ok {
		h, err := time.ParseDuration(n + "h")
		if err != nil {
			return fmt.Errorf("%q is no time such as 90d", text)
		}
		*d = Days(24 * h)
		return nil
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no time such as 90d or 36h", text)
	}
	*d = Days(v)
	return nil
}

func (d Days) String() string {
	if day := 24 * time.Hour; time.Duration(d)%day == 0 {
		return fmt.Sprintf("%dd", time.Duration(d)/day)
	}
	return time.Duration(d).String()
}

// oldNames are the variables of the five systems that this program replaces, and one that all programs share, by the flag
// that they now set.
// Each gives the setting's value, "" where the variables say nothing.
var oldNames = map[string]struct {
	variables string // for cifra config
	value     func(get func(string) string) (string, error)
}{
	"secret":       {"SECRET_KEY", plain("SECRET_KEY")},
	"jwt-secret":   {"JWT_SECRET_KEY", plain("JWT_SECRET_KEY")},
	"database-url": {"DATABASE_URL", plain("DATABASE_URL")},
	"cache-url":    {"CACHE_*, REDIS_*, MEMCACHED_*", oldCache},
	"cache-ttl":    {"CACHE_DEFAULT_TIMEOUT", oldTimeout},

	"otlp-endpoint": {"OTEL_EXPORTER_OTLP_ENDPOINT", plain("OTEL_EXPORTER_OTLP_ENDPOINT")},
}

func plain(name string) func(func(string) string) (string, error) {
	return func(get func(string) string) (string, error) { return get(name), nil }
}

// sources says of each setting, by its flag's name, where its value came from.
type sources map[string]string

// resolver finds the value of each setting that no flag gave.
func resolver(getenv func(string) string, from sources) (kong.Resolver, error) {
	file, err := dotenv(getenv)
	if err != nil {
		return nil, err
	}
	places := []struct {
		name string
		get  func(string) string
	}{
		{"environment", getenv},
		{".env", func(k string) string { return file[k] }},
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if flag.Group == nil || flag.Group.Key != settingsGroup {
			return nil, nil //nolint:nilnil // kong's way to say "nothing here"
		}
		for _, place := range places {
			if v := place.get(variable(flag.Name)); v != "" {
				from[flag.Name] = place.name
				return v, nil
			}
			if old, ok := oldNames[flag.Name]; ok {
				v, err := old.value(place.get)
				if err != nil {
					return nil, err
				}
				if v != "" {
					from[flag.Name] = place.name + " (" + old.variables + ")"
					return v, nil
				}
			}
		}
		return nil, nil //nolint:nilnil // kong's way to say "nothing here"
	}), nil
}

// variable is the environment's name of a flag.
func variable(flag string) string {
	return "CIFRA_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// dotenv reads .env beside the program's working folder, or the file that CIFRA_ENV_FILE names.
func dotenv(getenv func(string) string) (map[string]string, error) {
	path := cmp.Or(getenv("CIFRA_ENV_FILE"), ".env")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file, no values
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	values, err := godotenv.Parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}
