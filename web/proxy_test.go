package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestWhoseForwardedHeadersCount(t *testing.T) {
	var proxies []*net.IPNet
	for _, text := range []string{"10.0.0.0/8", "fd00::/8"} {
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		proxies = append(proxies, n)
	}
	for _, tt := range []struct {
		name, from string
		proxies    []*net.IPNet
		headers    []string // pairs
		scheme, ip string
	}{
		{"a client without proxies", "203.0.113.7:1", nil, nil, "http", "203.0.113.7"},
		{"a client that claims https, without proxies", "203.0.113.7:1", nil, []string{"X-Forwarded-Proto", "https"}, "http", "203.0.113.7"},
		{"a client that claims another address, without proxies", "203.0.113.7:1", nil, []string{"X-Forwarded-For", "1.2.3.4", "X-Real-Ip", "1.2.3.4"}, "http", "203.0.113.7"},
		{"a client beside the proxies that claims https", "203.0.113.7:1", proxies, []string{"X-Forwarded-Proto", "https"}, "http", "203.0.113.7"},
		{"in the other ways that Echo reads", "203.0.113.7:1", proxies, []string{"X-Forwarded-Ssl", "on", "X-Url-Scheme", "https", "X-Forwarded-Protocol", "https"}, "http", "203.0.113.7"},
		{"a neighbour in a private network is no proxy", "192.168.1.9:1", proxies, []string{"X-Forwarded-For", "1.2.3.4", "X-Forwarded-Proto", "https"}, "http", "192.168.1.9"},
		{"this very machine is no proxy", "127.0.0.1:1", proxies, []string{"X-Forwarded-For", "1.2.3.4", "X-Forwarded-Proto", "https"}, "http", "127.0.0.1"},
		{"a proxy", "10.1.2.3:1", proxies, []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https"}, "https", "203.0.113.7"},
		{"a proxy of the newer internet", "[fd00::1]:1", proxies, []string{"X-Forwarded-For", "2001:db8::7", "X-Forwarded-Proto", "https"}, "https", "2001:db8::7"},
		{"two proxies", "10.1.2.3:1", proxies, []string{"X-Forwarded-For", "203.0.113.7, 10.9.9.9"}, "http", "203.0.113.7"},
		{"a client that lies to a proxy about its address", "10.1.2.3:1", proxies, []string{"X-Forwarded-For", "1.2.3.4, 203.0.113.7"}, "http", "203.0.113.7"},
		{"a client that lies to a proxy that adds its word", "10.1.2.3:1", proxies, []string{"X-Forwarded-Proto", "https, http"}, "http", "10.1.2.3"},
		{"a header twice", "10.1.2.3:1", proxies, []string{"X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"}, "https", "10.1.2.3"},
		{"a proxy that says nonsense", "10.1.2.3:1", proxies, []string{"X-Forwarded-Proto", "javascript"}, "http", "10.1.2.3"},
		{"what only X-Forwarded-Proto may say", "10.1.2.3:1", proxies, []string{"X-Forwarded-Ssl", "on", "X-Url-Scheme", "https"}, "http", "10.1.2.3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := echo.New()
			e.IPExtractor = clientIP(tt.proxies)
			reached := false
			e.GET("/", func(c echo.Context) error {
				reached = true
				if c.Scheme() != tt.scheme || c.RealIP() != tt.ip {
					t.Errorf("got %s from %s, want %s from %s", c.Scheme(), c.RealIP(), tt.scheme, tt.ip)
				}
				return c.NoContent(http.StatusNoContent)
			})
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.RemoteAddr = tt.from
			for i := 0; i < len(tt.headers); i += 2 {
				r.Header.Add(tt.headers[i], tt.headers[i+1])
			}
			trusted(tt.proxies, e).ServeHTTP(httptest.NewRecorder(), r)
			if !reached {
				t.Error("the handler was not reached")
			}
		})
	}
}
