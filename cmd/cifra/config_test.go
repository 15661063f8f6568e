package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settingsOf runs `cifra config --json` with an environment and a .env file of the test's.
func settingsOf(t *testing.T, env map[string]string, dotenv string, args ...string) (map[string]settingLine, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(dotenv), 0o600); err != nil {
		t.Fatal(err)
	}
	getenv := func(k string) string {
		if k == "CIFRA_ENV_FILE" {
			return file
		}
		return env[k]
	}
	var out, errs bytes.Buffer
	if err := run(t.Context(), append([]string{"config", "--json"}, args...), getenv, strings.NewReader(""), &out, &errs); err != nil {
		return nil, err
	}
	var lines []settingLine
	if err := json.Unmarshal(out.Bytes(), &lines); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	all := map[string]settingLine{}
	for _, l := range lines {
		all[l.Variable] = l
	}
	return all, nil
}

func TestWhereSettingsComeFrom(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		env                   map[string]string
		dotenv                string
		args                  []string
		variable, value, from string
	}{
		{"the default", nil, "", nil, "CIFRA_ADDR", "127.0.0.1:8080", "default"},
		{".env goes over the default", nil, "CIFRA_ADDR=:1", nil, "CIFRA_ADDR", ":1", ".env"},
		{"the environment goes over .env", map[string]string{"CIFRA_ADDR": ":2"}, "CIFRA_ADDR=:1", nil, "CIFRA_ADDR", ":2", "environment"},
		{"a flag goes over all", map[string]string{"CIFRA_ADDR": ":2"}, "CIFRA_ADDR=:1", []string{"--addr", ":3"}, "CIFRA_ADDR", ":3", "flag"},
		{"an old name", map[string]string{"DATABASE_URL": "sqlite:///app.db"}, "", nil, "CIFRA_DATABASE_URL", "sqlite:///app.db", "environment (DATABASE_URL)"},
		{"ours goes over an old name", map[string]string{"DATABASE_URL": "x", "CIFRA_DATABASE_URL": "sqlite:y"}, "", nil, "CIFRA_DATABASE_URL", "sqlite:y", "environment"},
		{"the database lies in the data folder", map[string]string{"CIFRA_DATA_DIR": "/srv"}, "", nil, "CIFRA_DATABASE_URL", "sqlite:/srv/cifra.db", "default"},
		{"an old Redis host", map[string]string{"REDIS_HOST": "r", "REDIS_PORT": "7"}, "", nil, "CIFRA_CACHE_URL", "redis://r:7", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old cache on Redis", map[string]string{"CACHE_TYPE": "RedisCache", "CACHE_REDIS_HOST": "r", "CACHE_REDIS_DB": "2"}, "", nil, "CIFRA_CACHE_URL", "redis://r:6379/2", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old cache in memory, though there is a Redis", map[string]string{"CACHE_TYPE": "SimpleCache", "REDIS_HOST": "r"}, "", nil, "CIFRA_CACHE_URL", "memory://", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old cache on Memcached", map[string]string{"CACHE_TYPE": "MemcachedCache", "MEMCACHED_HOST": "m", "REDIS_HOST": "r"}, "", nil, "CIFRA_CACHE_URL", "memcached://m:11211", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old Memcached host and port", map[string]string{"MEMCACHED_HOST": "m", "MEMCACHED_PORT": "7"}, "", nil, "CIFRA_CACHE_URL", "memcached://m:7", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"several old Memcached servers", map[string]string{"CACHE_TYPE": "MemcachedCache", "CACHE_MEMCACHED_SERVERS": "['a:1', 'b:2']"}, "", nil, "CIFRA_CACHE_URL", "memcached://a:1,b:2", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old cache on Memcached, nobody says where", map[string]string{"CACHE_TYPE": "MemcachedCache"}, "", nil, "CIFRA_CACHE_URL", "memcached://127.0.0.1:11211", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old cache in files", map[string]string{"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": "/srv/c"}, "", nil, "CIFRA_CACHE_URL", "file:///srv/c", "environment (CACHE_*, REDIS_*, MEMCACHED_*)"},
		{"an old default timeout", map[string]string{"CACHE_DEFAULT_TIMEOUT": "120"}, "", nil, "CIFRA_CACHE_TTL", "2m0s", "environment (CACHE_DEFAULT_TIMEOUT)"},
		{"a cluster's password is hidden too", map[string]string{"CIFRA_CACHE_URL": "redis://u:very-secret@a:1,b:2/0"}, "", nil, "CIFRA_CACHE_URL", "redis://u:xxxxx@a:1,b:2/0", "environment"},
		{"Redis of the limits is the cache's", map[string]string{"CIFRA_CACHE_URL": "redis://r:1"}, "", nil, "CIFRA_REDIS_URL", "redis://r:1", "default"},
		{"days", map[string]string{"CIFRA_RETENTION": "36h"}, "", nil, "CIFRA_RETENTION", "36h0m0s", "environment"},
		{"a secret is hidden", map[string]string{"SECRET_KEY": "very secret"}, "", nil, "CIFRA_SECRET", "(hidden)", "environment (SECRET_KEY)"},
		{"a password in an address is hidden", map[string]string{"CIFRA_CACHE_URL": "redis://u:very-secret@r:1"}, "", nil, "CIFRA_CACHE_URL", "redis://u:xxxxx@r:1", "environment"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, err := settingsOf(t, tt.env, tt.dotenv, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got := all[tt.variable]; got.Value != tt.value || got.From != tt.from {
				t.Errorf("got %q from %q, want %q from %q", got.Value, got.From, tt.value, tt.from)
			}
		})
	}
}

func TestSettingsThatMakeNoSense(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
	}{
		{"a retention that is no time", map[string]string{"CIFRA_RETENTION": "soon"}},
		{"an environment that does not exist", map[string]string{"CIFRA_ENV": "staging"}},
		{"an old cache that is not known", map[string]string{"CACHE_TYPE": "CouchbaseCache"}},
		{"an old cache in files, nobody says where", map[string]string{"CACHE_TYPE": "FileSystemCache"}},
		{"an old timeout that is no number", map[string]string{"CACHE_DEFAULT_TIMEOUT": "soon"}},
		{"an old timeout of nothing", map[string]string{"CACHE_DEFAULT_TIMEOUT": "0"}},
		{"a switch that is neither on nor off", map[string]string{"CIFRA_DEMO": "perhaps"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := settingsOf(t, tt.env, "")
			if code := exitCode(err, &bytes.Buffer{}); code != exitUsage {
				t.Errorf("got exit code %d (%v), want %d", code, err, exitUsage)
			}
		})
	}
}

func TestSecretsInProduction(t *testing.T) {
	good := "3f1c9a7be2d84c6590ab17de43f8c2a6"
	for _, tt := range []struct {
		name, secret string
		ok           bool
	}{
		{"none", "", false},
		{"a short one", good[:31], false},
		{"a known one, many times", strings.Repeat("changeme", 5), false},
		{"one letter, many times", strings.Repeat("a", 64), false},
		{"a random one", good, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := secret(&Settings{Env: "production", Secret: tt.secret, DataDir: t.TempDir()})
			if (err == nil) != tt.ok {
				t.Errorf("got %v, want ok %v", err, tt.ok)
			}
		})
	}
}

func TestDevelopmentSecretIsMadeOnceAndKept(t *testing.T) {
	s := &Settings{Env: "development", DataDir: filepath.Join(t.TempDir(), "new")}
	first, err := secret(s)
	if err != nil || len(first) < minSecret {
		t.Fatalf("got %q, %v, want %d bytes", first, err, minSecret)
	}
	if second, err := secret(s); err != nil || second != first {
		t.Errorf("got another one (%v), want the one that was kept", err)
	}
}

// TestReadmeHasTheSettings holds the README's table to the code. UPDATE_README=1 writes it anew.
func TestReadmeHasTheSettings(t *testing.T) {
	all, err := settingsOf(t, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	readme := filepath.Join("..", "..", "README.md")
	b, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), "<!-- settings -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- /settings -->")
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the settings")
	}
	want := before + "<!-- settings -->\n" + settingsTable(all) + "<!-- /settings -->" + after
	if os.Getenv("UPDATE_README") == "1" {
		if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if string(b) != want && os.Getenv("UPDATE_README") != "1" {
		t.Error("README.md's settings differ from the program's; write them anew with UPDATE_README=1 go test ./cmd/cifra -run Readme")
	}
}

func settingsTable(all map[string]settingLine) string {
	var b strings.Builder
	b.WriteString("| variable | default | |\n| --- | --- | --- |\n")
	for _, name := range []string{
		"CIFRA_ADDR", "CIFRA_DATABASE_URL", "CIFRA_DATA_DIR", "CIFRA_CACHE_URL", "CIFRA_CACHE_TTL", "CIFRA_REDIS_URL",
		"CIFRA_SECRET", "CIFRA_JWT_SECRET", "CIFRA_ENV", "CIFRA_ADMIN_USERNAME", "CIFRA_ADMIN_PASSWORD", "CIFRA_DEMO",
		"CIFRA_RETENTION", "CIFRA_MNIST_DIR", "CIFRA_RETRAIN_AFTER", "CIFRA_CHALLENGER_SHARE", "CIFRA_TRUSTED_PROXIES", "CIFRA_DEBUG_ADDR", "CIFRA_OTLP_ENDPOINT",
		"CIFRA_HEAVY_DELAY", "CIFRA_UNIVERSITIES_URL", "CIFRA_UNIVERSITIES_TTL", "CIFRA_RATE_LIMITS",
		"CIFRA_POOL_SIZE", "CIFRA_POOL_OVERFLOW", "CIFRA_POOL_RECYCLE", "CIFRA_POOL_TIMEOUT", "CIFRA_SLOW_REQUEST", "CIFRA_SLOW_QUERY",
	} {
		l := all[name]
		delete(all, name)
		value := "–"
		if l.Value != "" {
			value = "`" + l.Value + "`"
		}
		b.WriteString("| `" + name + "` | " + value + " | " + l.Help + " |\n")
	}
	for name := range all { // one that was forgotten above
		b.WriteString("| `" + name + "` | ? | is not in the list |\n")
	}
	return b.String()
}

func TestShares(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Share
		ok   bool
	}{
		{"0", 0, true},
		{"0.1", 0.1, true},
		{"10%", 0.1, true},
		{" 100 % ", 1, true},
		{"1", 1, true},
		{"1.01", 0, false},
		{"101%", 0, false},
		{"-0.1", 0, false},
		{"NaN", 0, false},
		{"a tenth", 0, false},
	} {
		var s Share
		if err := s.UnmarshalText([]byte(tt.text)); (err == nil) != tt.ok || s != tt.want {
			t.Errorf("%q: got %v, %v; want %v", tt.text, s, err, tt.want)
		}
	}
}
