package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver is an OpenTelemetry collector as far as OTLP over HTTP goes.
type receiver struct {
	*httptest.Server

	mu    sync.Mutex // guards what follows
	spans []*v1.Span
	names []string // of services
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		var got collector.ExportTraceServiceRequest
		if req.Method != http.MethodPost || req.URL.Path != "/v1/traces" || proto.Unmarshal(b, &got) != nil {
			t.Errorf("got %s %s with %d bytes, want OTLP at /v1/traces", req.Method, req.URL.Path, len(b))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, resource := range got.GetResourceSpans() {
			for _, a := range resource.GetResource().GetAttributes() {
				if a.GetKey() == "service.name" {
					r.names = append(r.names, a.GetValue().GetStringValue())
				}
			}
			for _, scope := range resource.GetScopeSpans() {
				r.spans = append(r.spans, scope.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

// TestTraces has a collector of its own receive what happens within an upload: the request, named by its route, its
// statements and its calls of Redis below it, in the trace that the client began; and no value of a statement.
func TestTraces(t *testing.T) {
	to := newReceiver(t)
	env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + to.URL}
	redis := os.Getenv("TEST_REDIS_URL")
	if redis != "" {
		env = append(env, "CIFRA_REDIS_URL="+redis)
	} else if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
		t.Error("TEST_REDIS_URL is not set")
	}
	r := start(t, env...)
	token := r.register("ana")
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	body, kind := multipartBody(t, "a-file-of-anas.png", crossedSeven(t))
	a := r.do(http.MethodPost, "/api/v2/predict", body, "Content-Type", kind, "Authorization", "Bearer "+token, "Traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	if a.status != http.StatusOK {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	r.do(http.MethodGet, "/health", nil)
	r.do(http.MethodGet, "/r/no-such-prediction", nil)
	if err := r.stop(); err != nil { // which sends what is left
		t.Fatal(err)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	var request *v1.Span
	names := map[string]int{}
	for _, s := range to.spans {
		names[s.GetName()]++
		if s.GetName() == "POST /api/v2/predict" {
			request = s
		}
		for _, attribute := range s.GetAttributes() {
			for _, secret := range []string{"a-file-of-anas", "argon2id", token, "a long passphrase"} {
				if strings.Contains(attribute.GetValue().GetStringValue(), secret) {
					t.Errorf("%s has %s with %q in it", s.GetName(), attribute.GetKey(), secret)
				}
			}
		}
	}
	t.Log(names)
	if request == nil {
		t.Fatal("got no span of the upload")
	}
	if got := hexOf(request.GetTraceId()); got != trace {
		t.Errorf("got the trace %s, want the client's own, %s", got, trace)
	}
	below := func(system string) int {
		n := 0
		for _, s := range to.spans {
			if slices.ContainsFunc(s.GetAttributes(), func(a *common.KeyValue) bool {
				return strings.HasPrefix(a.GetKey(), "db.system") && a.GetValue().GetStringValue() == system
			}) {
				n++
			}
		}
		return n
	}
	if below("sqlite") == 0 {
		t.Error("got no span of a statement")
	}
	if redis != "" && below("redis") == 0 {
		t.Error("got no span of a call of Redis")
	}
	if !slices.Contains(to.names, "cifra") {
		t.Errorf("got spans of %v, want of cifra", to.names)
	}
	for name := range names {
		if strings.Contains(name, "/health") || strings.Contains(name, "no-such") {
			t.Errorf("got a span named %q: want none of what balancers ask, and no path that anybody may make up", name)
		}
	}
}

// TestNoTraces holds that without the setting nothing is wrapped.
func TestNoTraces(t *testing.T) {
	var none *tracing
	site := http.NewServeMux()
	if got := none.handler(site); got != http.Handler(site) || none.hooks() != nil || none.redis(nil) != nil {
		t.Error("without a collector something is wrapped")
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
