package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type personRow struct {
	bun.BaseModel `bun:"table:people"`

	ID        int64     `bun:"id,pk"`
	Name      string    `bun:"name"`
	Email     string    `bun:"email"`
	City      string    `bun:"city"`
	UpdatedAt time.Time `bun:"updated_at"`
}

func newPersonRow(p *cifra.Person) personRow {
	return personRow{ID: p.ID, Name: clean(p.Name), Email: clean(p.Email), City: clean(p.City), UpdatedAt: stamp(p.UpdatedAt)}
}

// Person returns the person with this id, or NotFound.
func (db *DB) Person(ctx context.Context, id int64) (*cifra.Person, error) {
	var r personRow
	err := db.view(ctx, "person", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return &cifra.Person{ID: r.ID, Name: r.Name, Email: r.Email, City: r.City, UpdatedAt: r.UpdatedAt.UTC()}, nil
}

// SavePerson keeps p, with an audit row, in the place of who has its id, and sets its UpdatedAt. It reports whether
// nobody had that id before.
func (db *DB) SavePerson(ctx context.Context, p *cifra.Person, a cifra.Audit) (created bool, err error) {
	err = db.change(ctx, "save person", func(ctx context.Context, t *tx) error {
		p.UpdatedAt = stamp(t.db.now())
		row := newPersonRow(p)
		there, err := t.NewSelect().Model((*personRow)(nil)).Where("id = ?", p.ID).Exists(ctx)
		if err != nil {
			return err
		}
		created = !there
		_, err = t.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("name = EXCLUDED.name").
			Set("email = EXCLUDED.email").Set("city = EXCLUDED.city").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
		if err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
	return created, err
}
