package cache

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

func (b *redisBack) channel() string { return b.prefix + "!notices" }

func (b *redisBack) poll(ctx context.Context, scopes []string) ([]int64, int64, error) {
	p := b.rdb.Pipeline()
	clock := p.Time(ctx)
	counts := make([]*redis.StringCmd, len(scopes))
	for i, scope := range scopes {
		counts[i] = p.Get(ctx, seqKeyOf(b.prefix, scope))
	}
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, 0, sorted(err)
	}
	seqs := make([]int64, len(scopes))
	for i, c := range counts {
		if n, err := c.Int64(); err == nil {
			seqs[i] = n
		} else if !errors.Is(err, redis.Nil) {
			return nil, 0, sorted(err)
		}
	}
	return seqs, clock.Val().UnixMicro(), nil
}

func (b *redisBack) enrol(ctx context.Context, alive bool) error {
	flag := "0"
	if alive {
		flag = "1"
	}
	return sorted(scriptEnrol.Run(ctx, b.rdb, []string{b.prefix + instancesSuffix}, b.id, flag, time.Hour.Milliseconds()).Err())
}

func (b *redisBack) ack(ctx context.Context, n *notice) error {
	a := notice{Kind: noticeAck, Ref: n.Ref, From: b.id}
	return sorted(b.rdb.Publish(ctx, b.channel()+":"+n.From, a.wire()).Err())
}

// quiet is how long nothing may be heard before the connection is tried.
const quiet = time.Second

func (b *redisBack) listen(ctx context.Context, joined func(), hear func(*notice)) error {
	ps := b.rdb.Subscribe(ctx, b.channel(), b.channel()+":"+b.id)
	defer func() { _ = ps.Close() }()
	defer context.AfterFunc(ctx, func() { _ = ps.Close() })() // ends a wait for news
	for channels, tried := 0, false; ; {
		got, err := ps.ReceiveTimeout(ctx, quiet)
		var timeout net.Error
		switch {
		case err == nil:
			tried = false
		case errors.As(err, &timeout) && timeout.Timeout() && !tried:
			tried = true
			if err := ps.Ping(ctx); err != nil {
				return sorted(err)
			}
			continue
		default:
			return sorted(err)
		}
		switch got := got.(type) {
		case *redis.Subscription:
			if channels++; channels == 2 {
				joined()
			} else if channels > 2 {
				return errors.New("cache: the subscription began anew") // what passed meanwhile is lost
			}
		case *redis.Message:
			if n, err := parseNotice(got.Payload); err == nil {
				hear(n)
			}
		}
	}
}

// sorted tells a server that refuses from one that can't be reached.
func sorted(err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return nil
	}
	var said redis.Error
	if !errors.As(err, &said) {
		return err
	}
	word, _, _ := strings.Cut(said.Error(), " ")
	switch word {
	case "LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOAUTH", "WRONGPASS", "TRYAGAIN", "BUSY":
		return err
	}
	return refused(err)
}

// stampOf joins the numbers of generations as the scripts do.
func stampOf(gens []string) string {
	t := make([]string, len(gens))
	for i, g := range gens {
		t[i], _, _ = strings.Cut(g, " ")
	}
	return strings.Join(t, ",")
}

func without(keys []string, i int) []string {
	return append(append(make([]string, 0, len(keys)-1), keys[:i]...), keys[i+1:]...)
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
