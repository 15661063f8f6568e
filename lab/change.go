package lab

import (
	"context"
	"time"

	"cifra"
	"cifra/cache"
)

// receipt is a cache's receipt as the application's noun.
func receipt(r cache.Receipt) cifra.Receipt {
	out := cifra.Receipt{Seq: r.Seq, Entries: r.Entries, Pending: r.Pending, Took: r.Took}
	for _, i := range r.Instances {
		out.Instances = append(out.Instances, cifra.Applied{Name: i.Name, After: i.After})
	}
	return out
}

// entry is a cache's entry as the application's noun.
func entry(e cache.Entry) cifra.CacheEntry {
	return cifra.CacheEntry{
		Namespace: e.Namespace, Key: e.Key, Args: e.Args, Type: e.Type, Tiers: e.Tiers, State: e.State, Reason: e.Reason,
		Negative: e.Negative, Bytes: e.Bytes, Hits: e.Hits, Age: e.Age, TTL: e.TTL, Cost: e.Cost, By: e.By, MadeAt: e.Made,
	}
}

// audit is a row of the book for what the context's actor does.
func audit(ctx context.Context, action cifra.Action, details string, now time.Time) cifra.Audit {
	a := cifra.ActorFrom(ctx)
	return cifra.Audit{UserID: a.UserID(), Username: a.Name(), Action: action, Details: details, IP: a.IP, At: now.UTC()}
}

// isNotFound is what the lab's memos remember as "not found".
func isNotFound(err error) bool { return cifra.CodeOf(err) == cifra.NotFound }

// notFound makes an error that came out of the cache, which keeps only its words, one of ours again.
func notFound(info cache.Info, err error) error {
	if err != nil && info.Negative {
		return cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
	}
	return err
}

// look looks into the entries of a namespace that args name, without counting as a question.
func look(ctx context.Context, c *cache.Cache, namespace string, args ...string) ([]cifra.CacheEntry, error) {
	var list []cifra.CacheEntry
	for _, a := range args {
		e, _, err := c.Look(ctx, namespace, a)
		if err != nil {
			return nil, err
		}
		list = append(list, entry(e))
	}
	return list, nil
}
