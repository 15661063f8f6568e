package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type instanceRow struct {
	bun.BaseModel `bun:"table:instances"`

	Name      string    `bun:"name,pk"`
	Kind      string    `bun:"kind"`
	Version   string    `bun:"version"`
	StartedAt time.Time `bun:"started_at"`
	SeenAt    time.Time `bun:"seen_at"`
	Seq       *int64    `bun:"seq"`
}

// forgottenAfter is how long a process may say nothing before it is taken for gone: events are kept for it until then.
const forgottenAfter = time.Hour

// SayHere keeps that a process is there, now, and forgets those that have said nothing for an hour.
func (db *DB) SayHere(ctx context.Context, i cifra.Instance) error {
	row := instanceRow{
		Name: clean(i.Name), Kind: "site", Version: clean(i.Version), StartedAt: stamp(i.Started), SeenAt: stamp(db.now()),
	}
	if i.Worker {
		row.Kind = "worker"
	}
	if i.Seq >= 0 {
		row.Seq = &i.Seq
	}
	return db.change(ctx, "say here", func(ctx context.Context, t *tx) error {
		_, err := t.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").
			Set("version = EXCLUDED.version").Set("started_at = EXCLUDED.started_at").Set("seen_at = EXCLUDED.seen_at").
			Set("kind = EXCLUDED.kind").Set("seq = EXCLUDED.seq").Exec(ctx)
		if err != nil {
			return err
		}
		_, err = t.NewDelete().Model((*instanceRow)(nil)).Where("seen_at < ?", stamp(db.now().Add(-forgottenAfter))).Exec(ctx)
		return err
	})
}

// SayGone forgets a process that ends. An unknown one is no error.
func (db *DB) SayGone(ctx context.Context, name string) error {
	_, err := db.remove(ctx, "say gone", (*instanceRow)(nil), "name = ?", clean(name))
	return err
}

// Instances returns the processes that work on this database, by name: those that said so within the last hour.
func (db *DB) Instances(ctx context.Context) ([]cifra.Instance, error) {
	var rows []instanceRow
	err := db.view(ctx, "instances", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("seen_at >= ?", stamp(db.now().Add(-forgottenAfter))).Order("name").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	all := make([]cifra.Instance, 0, len(rows))
	for _, r := range rows {
		i := cifra.Instance{
			Name: r.Name, Worker: r.Kind == "worker", Version: r.Version, Started: r.StartedAt.UTC(), Seen: r.SeenAt.UTC(), Seq: -1,
		}
		if r.Seq != nil {
			i.Seq = *r.Seq
		}
		all = append(all, i)
	}
	return all, nil
}
