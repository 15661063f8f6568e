package web

import (
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// forwardedHeaders are what proxies say about the request before them, in all the ways that Echo reads.
var forwardedHeaders = []string{
	echo.HeaderXForwardedFor, echo.HeaderXForwardedProto, echo.HeaderXForwardedProtocol, echo.HeaderXForwardedSsl,
	echo.HeaderXUrlScheme, echo.HeaderXRealIP, "X-Forwarded-Host", "Forwarded",
}

// trusted lets a request keep what it says of its client's address and scheme where it comes straight from one of the
// proxies, and takes it away from all others. Whether cookies are Secure, whether browsers are told to stay with https, and which
// address is limited depend on it. Of a trusted proxy X-Forwarded-For and X-Forwarded-Proto count; of the latter
// the last element, which that proxy added itself.
func trusted(proxies []*net.IPNet, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isProxy := isAmong(proxies, r.RemoteAddr)
		proto := ""
		if isProxy {
			all := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedProto), ","), ",")
			proto = strings.ToLower(strings.TrimSpace(all[len(all)-1]))
		}
		for _, h := range forwardedHeaders {
			if !isProxy || h != echo.HeaderXForwardedFor {
				r.Header.Del(h)
			}
		}
		if proto == "https" || proto == "http" {
			r.Header.Set(echo.HeaderXForwardedProto, proto)
		}
		next.ServeHTTP(w, r)
	})
}

// isAmong reports whether the address of a connection lies in one of the networks.
func isAmong(networks []*net.IPNet, address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return false
	}
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}
