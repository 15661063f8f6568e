package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"cifra/cache"
	"cifra/web"
)

// TestOperationsSayWhatIsThere holds docs/operations.md and the alerts to the metrics that the program has.
func TestOperationsSayWhatIsThere(t *testing.T) {
	read := func(path ...string) string {
		b, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	doc, alerts := read("docs", "operations.md"), read("deploy", "alerts.yml")
	named := regexp.MustCompile(`cifra_[a-z_]+`)
	have := strings.Join(names(t), "\n") + "\n"
	for _, m := range slices.Concat(named.FindAllString(doc, -1), named.FindAllString(alerts, -1)) {
		for _, suffix := range []string{"_count", "_bucket"} {
			m = strings.TrimSuffix(m, suffix)
		}
		if !strings.Contains(have, m+"\n") {
			t.Errorf("%s is written about, but there is no such metric", m)
		}
	}
	for _, a := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(alerts, -1) {
		if !strings.Contains(doc, "\n### "+a[1]+"\n") {
			t.Errorf("docs/operations.md has no section for the alarm %s", a[1])
		}
	}
}

// names returns the metrics that this program registers.
func names(t *testing.T) []string {
	t.Helper()
	m := newMetrics()
	web.NewMetrics(m)
	c, err := cache.New(t.Context(), cache.Options{URL: "memory://", Instance: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	found := regexp.MustCompile(`fqName: "([a-z_]+)"`)
	var all []string
	for _, x := range []prometheus.Collector{m.Registry, c.Collector(), poolCollector{}, servingCollector{}} {
		ch := make(chan *prometheus.Desc)
		go func() { x.Describe(ch); close(ch) }()
		for d := range ch {
			if f := found.FindStringSubmatch(d.String()); f != nil {
				all = append(all, f[1])
			}
		}
	}
	return all
}
