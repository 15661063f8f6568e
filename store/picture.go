package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type imageRow struct {
	bun.BaseModel `bun:"table:images"`

	Hash        string    `bun:"hash,pk"`
	Preparation string    `bun:"preparation,pk"`
	Views       []byte    `bun:"views"`
	Thumbnail   []byte    `bun:"thumbnail"`
	Meta        string    `bun:"meta"`
	CreatedAt   time.Time `bun:"created_at"`
}

// imageMeta is the JSON of what is small about a picture.
type imageMeta struct {
	Steps  []string  `json:"steps"`
	Boxes  []boxJSON `json:"boxes"`
	Ink    cifra.Ink `json:"ink"`
	Width  int       `json:"width"`
	Height int       `json:"height"`
	Format string    `json:"format"`
}

// boxJSON is x, y, width and height.
type boxJSON [4]int

func newImageRow(p *cifra.Picture, now time.Time) (*imageRow, error) {
	m := imageMeta{Steps: p.Steps, Ink: p.Ink, Width: p.Width, Height: p.Height, Format: p.Format}
	for _, b := range p.Boxes {
		m.Boxes = append(m.Boxes, boxJSON{b.X, b.Y, b.W, b.H})
	}
	meta, err := toJSON(m)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return &imageRow{
		Hash: clean(p.Hash), Preparation: clean(p.Preparation), Meta: meta, CreatedAt: stamp(now),
		Views: notNil(p.Views), Thumbnail: notNil(p.Thumbnail),
	}, nil
}

func (r *imageRow) picture() (*cifra.Picture, error) {
	var m imageMeta
	if err := fromJSON(r.Meta, &m); err != nil {
		return nil, fmt.Errorf("picture %s: %w", r.Hash, err)
	}
	p := &cifra.Picture{
		Hash: r.Hash, Preparation: r.Preparation, Views: r.Views, Thumbnail: r.Thumbnail,
		Steps: m.Steps, Ink: m.Ink, Width: m.Width, Height: m.Height, Format: m.Format,
	}
	for _, b := range m.Boxes {
		p.Boxes = append(p.Boxes, cifra.Box{X: b[0], Y: b[1], W: b[2], H: b[3]})
	}
	return p, nil
}

// keepImage makes sure that the picture's row is there, and stays there until this transaction ends.
func (t *tx) keepImage(ctx context.Context, row *imageRow) error {
	// Between finding no row and adding one, or the other way round, another transaction may add or delete it.
	// Each round waits for that one to end, so a second round is rare and a third has not been seen.
	for range 5 {
		// Most uploads that are asked about twice are there already, and need not be sent again.
		there, err := t.holdImage(ctx, row, "KEY SHARE")
		if err != nil || there {
			return err
		}
		res, err := t.NewInsert().Model(row).On("CONFLICT (hash, preparation) DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("picture: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
	}
	return unavailable(errors.New("picture: others add and delete it all the time"))
}

// dropImage removes a picture that no prediction refers to any more.
func (t *tx) dropImage(ctx context.Context, hash, preparation string) error {
	row := &imageRow{Hash: hash, Preparation: preparation}
	// Waits for those who are about to refer to it; the statement after it sees what they did.
	if there, err := t.holdImage(ctx, row, "UPDATE"); err != nil || !there {
		return err
	}
	_, err := t.NewDelete().Model(row).WherePK().Where(
		"NOT EXISTS (SELECT 1 FROM predictions WHERE image_hash = ? AND preparation = ?)", hash, preparation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	return nil
}

// holdImage reports whether the picture's row is there, and locks it. SQLite has one writer, which is this one.
func (t *tx) holdImage(ctx context.Context, row *imageRow, lock string) (bool, error) {
	s := t.NewSelect().Model(row).ColumnExpr("1").WherePK()
	if t.db.isPostgres() {
		s = s.For(lock)
	}
	var ones []int
	if err := s.Scan(ctx, &ones); err != nil {
		return false, fmt.Errorf("picture: %w", err)
	}
	return len(ones) > 0, nil
}

// notNil returns b, or an empty slice in place of nil, which bun would write as null.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
