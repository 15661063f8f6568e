package web

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// traced gives the request's span, where there is one, the route's name and the id that the answer carries. Without
// tracing there is none, and nothing happens.
func traced(ctx context.Context, method, route, id string) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetName(known(method) + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.String("request.id", id))
}
