package servers

import (
	"os"
	"strings"
	"testing"
)

func TestTheContainersBalancerHere(t *testing.T) {
	b, err := os.ReadFile("../../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	got, err := nginxHere(string(b), "/srv/balancer", "127.0.0.1:8090", []string{"127.0.0.1:1", "127.0.0.1:2"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"server 127.0.0.1:1 max_fails", "server 127.0.0.1:2 max_fails", "listen 127.0.0.1:8090;", "pid /srv/balancer/pid;",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("got %d lines with %q, want 1:\n%s", strings.Count(got, want), want, got)
		}
	}
	for _, not := range []string{"app1", "app3", "/var/", "/run/", ":8080", "listen 8080"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is still there", not)
		}
	}
}
