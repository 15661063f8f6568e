package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"cifra"
)

const (
	upstreamTime = 2 * time.Second // for the whole answer
	upstreamMost = 1 << 20         // bytes of it
)

// Client asks the universities' service: at one fixed address, with parameters that can't leave the query, without
// following redirects, within 2 s and 1 MiB, and at no private address unless that was configured.
type Client struct {
	base string
	http *http.Client
	gone atomic.Int32 // a what-if: how many want it to look as if the service could not be reached
}

// NewClient returns a client of the service at base, the whole address up to /search. An address that the operator has
// chosen may be private.
func NewClient(base string, private bool) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no address such as http://host/search", base)
	}
	dialer := &net.Dialer{Timeout: upstreamTime}
	if !private {
		dialer.Control = publicOnly
	}
	return &Client{base: u.String(), http: &http.Client{
		Timeout: upstreamTime,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			ResponseHeaderTimeout: upstreamTime, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

var errPrivate = errors.New("a private address is not asked")

// publicOnly refuses a connection to an address that is not public, after its name was resolved: what a name points to
// can't be known before.
func publicOnly(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errPrivate, address)
	}
	if ip := a.Addr().Unmap(); !isPublic(ip) {
		return fmt.Errorf("%w: %s", errPrivate, ip)
	}
	return nil
}

// special are networks that are neither private nor public: shared by providers, for documentation, for tests, and
// those by which IPv4 hides in IPv6.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

func isPublic(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

var errGone = errors.New("the service is switched off (what-if)")

// Gone makes the service look gone until back is called, once.
func (c *Client) Gone() (back func()) {
	c.gone.Add(1)
	return func() { c.gone.Add(-1) }
}

// Search asks the service.
func (c *Client) Search(ctx context.Context, query string) ([]cifra.University, error) {
	if c.gone.Load() > 0 {
		return nil, errGone
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"?"+query, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answered %s", res.Status)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, upstreamMost+1))
	if err != nil {
		return nil, err
	}
	if len(b) > upstreamMost {
		return nil, fmt.Errorf("it answered with more than %d bytes", upstreamMost)
	}
	list := []cifra.University{}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("it answered with something else: %w", err)
	}
	return list, nil
}
