package cache

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// scan lists keys by their prefix, on a cluster on the one node that has the namespace's slot.
func (b *redisBack) scan(ctx context.Context, prefix string, cursor uint64) ([]string, uint64, error) {
	var from redis.Cmdable = b.rdb
	if cluster, ok := b.rdb.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, prefix)
		if err != nil {
			return nil, 0, sorted(err)
		}
		from = node
	}
	list, next, err := from.Scan(ctx, cursor, prefix+"*", scanCount).Result()
	keys := list[:0]
	for _, k := range list {
		if !strings.HasSuffix(k, leaseSuffix) {
			keys = append(keys, k)
		}
	}
	return keys, next, sorted(err)
}

// scanCount is how many keys the server looks at in one step: well under a millisecond of its time.
const scanCount = 1000

// heads returns the beginnings of the values of keys, "" for what isn't there.
func (b *redisBack) heads(ctx context.Context, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	p := b.rdb.Pipeline()
	replies := make([]*redis.StringCmd, len(keys))
	for i, k := range keys {
		replies[i] = p.GetRange(ctx, k, 0, headLen-1)
	}
	_, _ = p.Exec(ctx) // its error is the first of the replies'
	heads := make([]string, len(keys))
	for i, r := range replies {
		// What another program keeps under a key of ours need not be a string: to us it isn't there.
		if err := r.Err(); err != nil && !redis.HasErrorPrefix(err, "WRONGTYPE") {
			return nil, sorted(err)
		}
		heads[i] = r.Val()
	}
	return heads, nil
}
