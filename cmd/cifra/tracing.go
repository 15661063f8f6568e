package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/extra/bunotel"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// tracing sends what happens within a request to an OpenTelemetry collector: the request, its statements, its calls of
// Redis. A nil one does nothing, and nothing is wrapped then.
type tracing struct {
	provider *sdktrace.TracerProvider
}

// lastSpans is how long the collector may take for the last spans when the program ends.
const lastSpans = 3 * time.Second

// openTracing begins to send spans to the collector at s.OTLPEndpoint; without one it returns nil. A collector that is
// away costs the spans, and nothing else.
func openTracing(ctx context.Context, s *Settings, log *slog.Logger) (*tracing, error) {
	if s.OTLPEndpoint == "" {
		return nil, nil //nolint:nilnil // no collector, no spans
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimSuffix(s.OTLPEndpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, &usageError{fmt.Errorf("CIFRA_OTLP_ENDPOINT: %w", err)}
	}
	// Its own words about who we are first: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "cifra"), attribute.String("service.version", buildInfo().Version),
		attribute.String("service.instance.id", instanceName()),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	t := &tracing{provider: sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("tracing", "err", err) })) //nolint:sloglint // it is given no context
	return t, nil
}

// openTracing is done first, and its last spans are sent when all else is closed.
func (a *app) openTracing(ctx context.Context, s *Settings) (err error) {
	if a.tracing, err = openTracing(ctx, s, a.log); a.tracing != nil {
		a.closers = append(a.closers, a.tracing.close)
	}
	return err
}

// close sends what is left.
func (t *tracing) close() error {
	within, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if err := t.provider.Shutdown(within); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("tracing: %w", err)
	}
	return nil
}

// handler has a span for each request, but for sockets, which live for hours, and for what balancers and browsers' caches
// ask. [cifra/web] names it by its route.
func (t *tracing) handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "request", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(propagation.TraceContext{}), otelhttp.WithFilter(func(r *http.Request) bool {
		return r.URL.Path != "/health" && r.URL.Path != "/readyz" && !strings.HasPrefix(r.URL.Path, "/static/") &&
			!strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	}))
}

// hooks are what the database calls around each statement. Spans hold statements without their values.
func (t *tracing) hooks() []bun.QueryHook {
	if t == nil {
		return nil
	}
	return []bun.QueryHook{bunotel.NewQueryHook(bunotel.WithFormattedQueries(false), bunotel.WithTracerProvider(t.provider))}
}

// redis has a span for each call of a client, without its arguments.
func (t *tracing) redis(client redis.UniversalClient) error {
	if t == nil {
		return nil
	}
	if err := redisotel.InstrumentTracing(client, redisotel.WithDBStatement(false), redisotel.WithTracerProvider(t.provider)); err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	return nil
}
