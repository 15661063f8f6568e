package cache_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"cifra/cache/cachetest"
)

// slots is how many slots a Redis Cluster has.
const slots = 16384

// TestCluster runs the suite over a cluster of three servers, each with a third of the slots: a script or a command over
// keys of two slots is refused, and what is published on one must be heard on another.
func TestCluster(t *testing.T) {
	const n = 3
	var nodes []*cachetest.Redis
	var addresses []string
	for i := range n {
		bus := cachetest.FreePort(t) // Redis would add 10,000 to its own port, which may be too high for that
		r := cachetest.StartRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", strconv.Itoa(bus))
		r.Do("CLUSTER", "ADDSLOTSRANGE", i*slots/n, (i+1)*slots/n-1)
		if i > 0 {
			host, port, _ := strings.Cut(r.Addr(), ":")
			nodes[0].Do("CLUSTER", "MEET", host, port, bus)
		}
		nodes, addresses = append(nodes, r), append(addresses, r.Addr())
	}
	cachetest.Eventually(t, "every server knows the whole cluster", func() bool {
		for _, r := range nodes {
			s, _ := r.Do("CLUSTER", "INFO").(string)
			for _, want := range []string{"cluster_state:ok", "cluster_slots_ok:16384", fmt.Sprintf("cluster_known_nodes:%d", n)} {
				if !strings.Contains(s, want) {
					return false
				}
			}
		}
		return true
	})
	cachetest.Run(t, cachetest.Backend{URL: "redis://" + strings.Join(addresses, ","), Shared: true})
}
