package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml3 "github.com/oasdiff/yaml3"
)

// composeFile is docker-compose.yml as far as these tests look at it.
type composeFile struct {
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
}

type composeService struct {
	Build       string            `yaml:"build"`
	Image       string            `yaml:"image"`
	Profiles    []string          `yaml:"profiles"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	DependsOn   yaml3.Node        `yaml:"depends_on"`
	Healthcheck *struct {
		Test    []string `yaml:"test"`
		Disable bool     `yaml:"disable"`
	} `yaml:"healthcheck"`
	ReadOnly bool `yaml:"read_only"`
}

// TestComposeFile reads docker-compose.yml as Docker would, where there is no Docker: each profile has what it needs, every
// service says how it is well, and every variable is a setting.
func TestComposeFile(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	text := read("docker-compose.yml")
	var file composeFile
	if err := yaml3.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	all, err := settingsOf(t, nil, "")
	if err != nil {
		t.Fatal(err)
	}

	started := map[string][]string{}
	for name, s := range file.Services {
		if len(s.Profiles) == 0 {
			started["by default"] = append(started["by default"], name)
		}
		for _, p := range s.Profiles {
			started[p] = append(started[p], name)
		}
		if ours := s.Image == "cifra"; !ours && s.Healthcheck == nil {
			t.Errorf("%s has no healthcheck", name)
		} else if ours && !s.ReadOnly {
			t.Errorf("%s may write to its own files", name)
		}
		for v := range s.Environment {
			if _, ok := all[v]; strings.HasPrefix(v, "CIFRA_") && !ok {
				t.Errorf("%s sets %s, which is no setting", name, v)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s opens %s to the network", name, p)
			}
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if !strings.HasPrefix(source, "./") {
				if _, ok := file.Volumes[source]; !ok {
					t.Errorf("%s uses the volume %s, which isn't declared", name, source)
				}
			} else if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, needed := range dependencies(s.DependsOn) {
			if other, ok := file.Services[needed]; !ok || len(other.Profiles) > 0 && !slices.ContainsFunc(s.Profiles, func(p string) bool { return slices.Contains(other.Profiles, p) }) {
				t.Errorf("%s depends on %s, which its profile doesn't start", name, needed)
			}
		}
	}
	for _, names := range started {
		slices.Sort(names)
	}
	want := map[string][]string{
		"by default": {"app"}, "redis": {"redis"}, "postgres": {"postgres"}, "memcached": {"memcached"}, "observe": {"prometheus"},
		"full": {"app1", "app2", "app3", "balancer", "postgres", "redis", "worker"},
	}
	if diff := cmp.Diff(want, started); diff != "" {
		t.Errorf("what is started by which profile (-want +got):\n%s", diff)
	}

	// What a person may set stands in .env.example, and everything there is a setting.
	example := read(".env.example")
	for _, m := range regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(example, m[1]+"=") {
			t.Errorf("docker-compose.yml asks for %s, of which .env.example says nothing", m[1])
		}
	}
	for _, source := range []string{example, read("Dockerfile"), text, read("docs/operations.md")} {
		for _, v := range regexp.MustCompile(`CIFRA_[A-Z_]*[A-Z]`).FindAllString(source, -1) {
			if _, ok := all[v]; !ok && v != "CIFRA_PROVE" && v != "CIFRA_ENV_FILE" {
				t.Errorf("%s is no setting", v)
			}
		}
	}

	// Prometheus asks those that answer it.
	targets := regexp.MustCompile(`"(\w+):6060"`).FindAllStringSubmatch(read("deploy/prometheus.yml"), -1)
	var asked []string
	for _, m := range targets {
		asked = append(asked, m[1])
		if !strings.HasSuffix(file.Services[m[1]].Environment["CIFRA_DEBUG_ADDR"], ":6060") {
			t.Errorf("Prometheus asks %s, which doesn't answer it", m[1])
		}
	}
	for name, s := range file.Services {
		if s.Environment["CIFRA_DEBUG_ADDR"] != "" && !slices.Contains(asked, name) {
			t.Errorf("Prometheus doesn't ask %s", name)
		}
	}
	t.Log(slices.Sorted(maps.Keys(file.Services)))
}

// dependencies are the names under depends_on, which is a list or a map.
func dependencies(n yaml3.Node) (names []string) {
	for i, c := range n.Content {
		if n.Kind == yaml3.SequenceNode || i%2 == 0 {
			names = append(names, c.Value)
		}
	}
	return names
}
