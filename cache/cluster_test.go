package cache_test

import (
	"strings"
	"testing"

	"cifra/cache/cachetest"
)

// TestCluster runs the suite over a cluster: one server that has all slots, so that a script or a command
// over keys of two slots is refused as it would be among many.
func TestCluster(t *testing.T) {
	r := cachetest.StartRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
	r.Do("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
	cachetest.Eventually(t, "the cluster is up", func() bool {
		s, _ := r.Do("CLUSTER", "INFO").(string)
		return strings.Contains(s, "cluster_state:ok")
	})
	cachetest.Run(t, cachetest.Backend{URL: "redis://" + r.Addr() + "," + r.Addr(), Shared: true})
}
