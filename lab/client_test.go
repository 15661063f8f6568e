package lab

import (
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"

	"cifra/lab/upstream"
)

func TestClientMeetsEveryKindOfFailure(t *testing.T) {
	server := upstream.New()
	at := httptest.NewServer(server)
	t.Cleanup(at.Close)
	client, err := NewClient(at.URL+"/search", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range upstream.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			server.Be(mode)
			list, err := client.Search(t.Context(), "country=Spain")
			if (err == nil) != (mode == upstream.OK) || (err == nil) != (len(list) > 0) {
				t.Errorf("got %d universities, %v", len(list), err)
			}
		})
	}
	server.Be(upstream.OK)
	one, two := client.Gone(), client.Gone()
	one()
	if _, err := client.Search(t.Context(), "country=Spain"); !errors.Is(err, errGone) {
		t.Errorf("switched off: got %v, want it gone", err)
	}
	two()
	if _, err := client.Search(t.Context(), "country=Spain"); err != nil {
		t.Errorf("nobody wants it gone any more: got %v", err)
	}
}

func TestClientAsksNoPrivateAddressUnlessConfigured(t *testing.T) {
	at := httptest.NewServer(upstream.New())
	t.Cleanup(at.Close)
	client, err := NewClient(at.URL+"/search", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Search(t.Context(), "country=Spain"); !errors.Is(err, errPrivate) {
		t.Errorf("got %v, want the loopback refused", err)
	}
	for _, tt := range []struct {
		address string
		want    bool
	}{
		{"93.184.216.34", true},
		{"2606:2800:220:1::1", true},
		{"127.0.0.1", false},
		{"::1", false},
		{"10.1.2.3", false},
		{"192.168.0.1", false},
		{"172.16.0.1", false},
		{"169.254.169.254", false},
		{"fe80::1", false},
		{"fd00::1", false},
		{"100.64.0.1", false},
		{"0.0.0.0", false},
		{"224.0.0.1", false},
		{"255.255.255.255", false},
		{"64:ff9b::a00:1", false},
		{"2002:a00:1::", false},
	} {
		if got := isPublic(netip.MustParseAddr(tt.address).Unmap()); got != tt.want {
			t.Errorf("%s: got public %v, want %v", tt.address, got, tt.want)
		}
	}
	if got := isPublic(netip.MustParseAddr("::ffff:127.0.0.1").Unmap()); got {
		t.Error("loopback hidden in IPv6: got it public")
	}
}

func TestClientsAddress(t *testing.T) {
	for _, base := range []string{"", "universities", "ftp://host/search", "http:///search", "http://host/search?x=1", "http://host/#x"} {
		if _, err := NewClient(base, true); err == nil {
			t.Errorf("%q: got a client, want it refused", base)
		}
	}
}
