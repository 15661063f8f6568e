package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// While an instance drains each answer ends its connection; before that they are kept.
func TestFarewell(t *testing.T) {
	s := &state{}
	s.serve()
	site := httptest.NewServer(s.farewell(http.NotFoundHandler()))
	defer site.Close()
	ask := func() (closes bool) {
		t.Helper()
		res, err := site.Client().Get(site.URL) //nolint:noctx // a test's server
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		return res.Close
	}
	if ask() {
		t.Error("got an answer that ends its connection from an instance that serves")
	}
	s.drain()
	if !ask() {
		t.Error("got an answer that keeps its connection from an instance that drains")
	}
}
