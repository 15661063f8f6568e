package web

import "net/http"

// head answers HEAD as GET without its body: the same status and fields, for everything that can be read (RFC 9110, 9.3.2).
func head(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		get := *r
		get.Method = http.MethodGet
		next.ServeHTTP(noBody{w}, &get)
	})
}

// noBody lets through everything of an answer but its body.
type noBody struct{ http.ResponseWriter }

func (noBody) Write(b []byte) (int, error) { return len(b), nil }

// Flush does nothing: there is nothing to send early.
func (noBody) Flush() {}
