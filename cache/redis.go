package cache

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisBack keeps values in Redis: one server, or a cluster.
type redisBack struct {
	rdb     redis.UniversalClient
	cluster bool
	prefix  string // "{cifra}"
	id      string // this instance's
}

// openRedis makes a client of the cache's own. Its settings matter: with go-redis's defaults one GET at a
// frozen server takes ten seconds.
func openRedis(c *Cache, rawURL string) (backend, error) {
	scheme, rest, _ := strings.Cut(rawURL, "://")
	addresses, path, _ := strings.Cut(rest, "/")
	user := ""
	if i := strings.LastIndex(addresses, "@"); i >= 0 {
		user, addresses = addresses[:i+1], addresses[i+1:]
	}
	hosts := strings.Split(addresses, ",")
	one, err := redis.ParseURL(scheme + "://" + user + hosts[0] + "/" + path)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // without the URL: it may hold a password
		}
		return nil, fmt.Errorf("cache: the URL of the Redis back end: %w", err)
	}
	o := &redis.UniversalOptions{
		Addrs: []string{one.Addr}, DB: one.DB, Username: one.Username, Password: one.Password,
		TLSConfig: one.TLSConfig, ClientName: c.prefix + "-cache",
		Protocol: 2, // looking for pushed messages before each reply, as RESP3 wants it, costs 7 % of a hit

		DialTimeout: 250 * time.Millisecond, DialerRetries: 1, MaxRetries: -1, MaxRedirects: 3,
		ReadTimeout: waitBudget, WriteTimeout: waitBudget, ContextTimeoutEnabled: true, // calls have shorter ones
		PoolSize: 32, PoolTimeout: readBudget, ConnMaxIdleTime: 5 * time.Minute,
	}
	b := &redisBack{prefix: "{" + c.prefix + "}", id: c.id}
	if len(hosts) > 1 {
		b.cluster, o.IsClusterMode = true, true
		o.Addrs = hosts
	}
	b.rdb = redis.NewUniversalClient(o)
	return b, nil
}

func (b *redisBack) tier() string { return "redis" }

func (b *redisBack) close() error { return b.rdb.Close() }

func (b *redisBack) read(ctx context.Context, s *slot) (reply, error) {
	if b.cluster {
		return b.readCluster(ctx, s)
	}
	args := append(append(s.room[:0], "mget", &s.key), s.keys...)
	cmd := redis.NewStringSliceCmd(ctx, args...) // what isn't there is "" in it
	if err := b.rdb.Process(ctx, cmd); err != nil {
		return reply{}, sorted(err)
	}
	return replyOf(cmd.Val()), nil
}

// readCluster reads both slots, the namespace's and that of all, in one pipeline. Its halves go to different servers, in
// no order: where the value came from after the generations, which it then outdates, these are read once more.
func (b *redisBack) readCluster(ctx context.Context, s *slot) (reply, error) {
	p := b.rdb.Pipeline()
	keys := s.genKeys()
	own := redis.NewStringSliceCmd(ctx, "mget", s.key, keys[1])
	others := append([]any{"mget"}, anys(without(keys, 1))...)
	all := redis.NewStringSliceCmd(ctx, others...)
	_, _ = p.Process(ctx, own), p.Process(ctx, all) // queued: Exec tells what went wrong
	if _, err := p.Exec(ctx); err != nil {
		return reply{}, sorted(err)
	}
	value, gens := own.Val()[0], all.Val()
	if value != "" && outdated(gens, []byte(value)) {
		again := redis.NewStringSliceCmd(ctx, others...)
		if err := b.rdb.Process(ctx, again); err != nil {
			return reply{}, sorted(err)
		}
		gens = again.Val()
	}
	return replyOf(append([]string{value, gens[0], own.Val()[1]}, gens[1:]...)), nil
}

// outdated reports whether value, an envelope, belongs to a later generation than one of gens: everything's and the tags'.
func outdated(gens []string, value []byte) bool {
	var l letter
	if l.open(value) != nil || len(l.tags) != len(gens)-1 {
		return false // of no use, whatever its generations are
	}
	for i, at := range append([]int64{l.all}, l.tags...) {
		if b, _ := parseBump(gens[i]); b.cur < at {
			return true
		}
	}
	return false
}

// replyOf reads {value, generations…}, where what isn't there is "".
func replyOf(list []string) reply {
	r := reply{gens: list[1:]}
	if list[0] != "" {
		r.value = []byte(list[0])
	}
	return r
}

func (b *redisBack) acquire(ctx context.Context, s *slot, id, seen string) (reply, error) {
	keys := []string{s.key, s.key + leaseSuffix}
	args := []any{id, leaseTime.Milliseconds(), seen, s.life.Milliseconds(), ""}
	var others []string // on a cluster: the generations in the other slot
	if b.cluster {
		var err error
		if others, err = b.ensure(ctx, s); err != nil {
			return reply{}, err
		}
		args[4] = "," + stampOf(others)
		keys = append(keys, s.genKeys()[1])
		args = append(args, s.gens[1].cur())
	} else {
		keys = append(keys, s.genKeys()...)
		for _, g := range s.gens {
			args = append(args, g.cur())
		}
	}
	list, err := scriptAcquire.Run(ctx, b.rdb, keys, args...).Slice()
	if err != nil {
		return reply{}, sorted(err)
	}
	won, _ := list[0].(int64)
	texts := make([]string, len(list)-1)
	for i, v := range list[1:] {
		texts[i], _ = v.(string)
	}
	if b.cluster {
		texts = append([]string{texts[0], others[0], texts[1]}, others[1:]...)
	}
	r := replyOf(texts)
	r.won = won == 1
	return r, nil
}

// ensure makes the missing generations of all and of the tags, on a cluster.
func (b *redisBack) ensure(ctx context.Context, s *slot) ([]string, error) {
	args := []any{s.life.Milliseconds()}
	for i, g := range s.gens {
		if i != 1 {
			args = append(args, g.cur())
		}
	}
	list, err := scriptEnsure.Run(ctx, b.rdb, without(s.genKeys(), 1), args...).StringSlice()
	return list, sorted(err)
}

func (b *redisBack) renew(ctx context.Context, s *slot, id string) (bool, error) {
	n, err := scriptRenew.Run(ctx, b.rdb, []string{s.key + leaseSuffix}, id, leaseTime.Milliseconds()).Int()
	return n == 1, sorted(err)
}

func (b *redisBack) fill(ctx context.Context, s *slot, id string, value []byte, life time.Duration) (bool, error) {
	news := notice{Kind: noticeFill, Key: s.key}
	n, err := scriptFill.Run(ctx, b.rdb, []string{s.key + leaseSuffix, s.key},
		id, b.channel(), news.wire(), value, life.Milliseconds()).Int()
	return n == 1, sorted(err)
}

func (b *redisBack) release(ctx context.Context, s *slot, id string) error {
	news := notice{Kind: noticeFill, Key: s.key}
	return sorted(scriptFill.Run(ctx, b.rdb, []string{s.key + leaseSuffix}, id, b.channel(), news.wire()).Err())
}

func (b *redisBack) invalidate(ctx context.Context, n *notice, floor int64) ([]string, error) {
	script, keys, args := b.invalidation(n, floor)
	if !b.cluster {
		keys = append(keys, b.prefix+instancesSuffix)
	}
	list, err := script.Run(ctx, b.rdb, keys, args...).StringSlice()
	if err != nil {
		return nil, sorted(err)
	}
	if n.Undo != 0 && len(list) == 0 {
		return nil, ErrUndo
	}
	if len(list) < 4 {
		return nil, fmt.Errorf("cache: a script answered %q", list)
	}
	for i, p := range []*int64{&n.seq, &n.cur, &n.hard, &n.from} {
		if *p, err = strconv.ParseInt(list[i], 10, 64); err != nil {
			return nil, fmt.Errorf("cache: a script answered %q", list)
		}
	}
	if b.cluster {
		return b.living(ctx)
	}
	return list[4:], nil
}

// invalidation returns the script that does n, with its keys but the last one, and its arguments.
func (b *redisBack) invalidation(n *notice, floor int64) (*redis.Script, []string, []any) {
	keys := []string{seqKeyOf(b.prefix, n.scope())}
	args := []any{b.channel(), n.json(), instanceLife.Milliseconds()}
	soft := "0"
	if n.Soft {
		soft = "1"
	}
	if n.Kind == noticeKey {
		value := valueKeyOf(b.prefix, n)
		return scriptForget, append(keys, value, value+leaseSuffix), append(args, soft, tomb(n), afterlife.Milliseconds())
	}
	gen := genKeyOf(b.prefix, n)
	keys = append(keys, gen, gen+undoSuffix)
	if n.Undo != 0 {
		return scriptUndo, keys, append(args, n.Undo, floor, n.By+"\n"+n.Why)
	}
	life, undo := time.Duration(0), time.Duration(0)
	if n.Kind == noticeTag {
		life = tagLife
	}
	if n.pure {
		undo = UndoFor
	}
	return scriptBump, keys, append(args, soft, floor, n.By+"\n"+n.Why, life.Milliseconds(), undo.Milliseconds())
}

// living returns who lives, on a cluster, where no script of a namespace's slot can tell.
func (b *redisBack) living(ctx context.Context) ([]string, error) {
	t, err := b.rdb.Time(ctx).Result()
	if err != nil {
		return nil, sorted(err)
	}
	list, err := b.rdb.ZRangeByScore(ctx, b.prefix+instancesSuffix, &redis.ZRangeBy{
		Min: strconv.FormatInt(t.Add(-instanceLife).UnixMilli(), 10), Max: "+inf",
	}).Result()
	return list, sorted(err)
}
