package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"cifra"
)

// Predictions returns a page of who's own predictions, newest first: the user's, or else the guest's. Nobody's
// page is empty. Of their pictures only the thumbnails come along. cursor is the next of the page before, "" for the
// first page; next is "" on the last one.
func (db *DB) Predictions(
	ctx context.Context, who cifra.Actor, f cifra.HistoryFilter, cursor string, perPage int,
) (items []cifra.Recognition, next string, err error) {
	before, err := parsePlace(cursor)
	if err != nil {
		return nil, "", err
	}
	items = []cifra.Recognition{}
	if isNobody(who) {
		return items, "", nil
	}
	perPage = pageSize(perPage)
	var rows []predictionRow
	var images []imageRow
	err = db.view(ctx, "predictions", func(ctx context.Context, q bun.IDB) error {
		if err := history(q, who, f, before).Model(&rows).Limit(int64(perPage) + 1).Scan(ctx); err != nil {
			return err
		}
		images, err = thumbnails(ctx, q, rows[:min(len(rows), perPage)])
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		last := rows[perPage-1]
		next = place{last.CreatedAt, last.ID}.String()
	}
	pictures := make(map[imageKey]cifra.Picture, len(images))
	for _, i := range images {
		pictures[imageKey{i.Hash, i.Preparation}] = cifra.Picture{Hash: i.Hash, Preparation: i.Preparation, Thumbnail: i.Thumbnail}
	}
	for _, r := range rows {
		p, err := r.prediction()
		if err != nil {
			return nil, "", fmt.Errorf("store: %w", err)
		}
		items = append(items, cifra.Recognition{Prediction: *p, Picture: pictures[imageKey{r.ImageHash, r.Preparation}]})
	}
	return items, next, nil
}

func isNobody(who cifra.Actor) bool { return who.User == nil && who.Guest == "" }

// thumbnails returns what is shown of the rows' pictures.
func thumbnails(ctx context.Context, q bun.IDB, rows []predictionRow) (images []imageRow, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	keys := make([][]string, 0, len(rows))
	for _, r := range rows {
		keys = append(keys, []string{r.ImageHash, r.Preparation})
	}
	err = q.NewSelect().Model(&images).Column("hash", "preparation", "thumbnail").
		Where("(hash, preparation) IN ?", bun.Tuple(keys)).Scan(ctx)
	return images, err
}

// history selects who's predictions before a place, in the order of their index.
func history(q bun.IDB, who cifra.Actor, f cifra.HistoryFilter, before place) *bun.SelectQuery {
	s := owned(q.NewSelect(), who).Order("created_at DESC", "id DESC")
	if before.id != "" {
		s.Where("(created_at, id) < (?, ?)", before.at, before.id)
	}
	if f.Digit != nil {
		s.Where("digit = ?", *f.Digit)
	}
	if f.API != "" {
		s.Where("api = ?", string(f.API))
	}
	if f.Model != "" {
		s.Where("model = ?", clean(f.Model))
	}
	if f.Source != "" {
		s.Where("source = ?", clean(string(f.Source)))
	}
	if f.Said != "" {
		s.Where("? (SELECT 1 FROM feedback WHERE prediction_id = ?TableAlias.id AND state IN (?)?)", bun.Safe(exists(f.Said)), bun.List(counting), bun.Safe(saying(f.Said)))
	}
	if !f.From.IsZero() {
		s.Where("created_at >= ?", stamp(f.From))
	}
	if !f.Until.IsZero() {
		s.Where("created_at < ?", stamp(f.Until))
	}
	return s
}

// exists and saying are the two halves of the condition that something was said.
func exists(s cifra.Said) string {
	if s == cifra.SaidNothing {
		return "NOT EXISTS"
	}
	return "EXISTS"
}

func saying(s cifra.Said) string {
	switch s {
	case cifra.SaidRight:
		return " AND correct"
	case cifra.SaidWrong:
		return " AND NOT correct"
	default:
		return ""
	}
}

// owned keeps of a selection of predictions those that are who's.
func owned(s *bun.SelectQuery, who cifra.Actor) *bun.SelectQuery {
	if who.User != nil {
		return s.Where("user_id = ?", who.User.ID)
	}
	return s.Where("guest = ?", clean(who.Guest))
}

// deleteBatch is how many predictions one transaction deletes at most, so that writers never wait long for it.
const deleteBatch = 200

// DeletePredictions removes those of these predictions that are who's, with an audit row, and returns the hashes
// of their images, one for each that was removed. It looks at the first 200 ids; no ids at all stand for who's newest
// 200. Where none is removed nothing is written.
func (db *DB) DeletePredictions(ctx context.Context, who cifra.Actor, ids []string, a cifra.Audit) (images []string, err error) {
	if isNobody(who) {
		return nil, nil
	}
	err = db.change(ctx, "delete predictions", func(ctx context.Context, t *tx) error {
		chosen := owned(t.NewSelect(), who)
		if len(ids) > 0 {
			chosen.Where("id IN (?)", bun.List(cleanAll(ids[:min(len(ids), deleteBatch)])))
		} else {
			chosen.Order("created_at DESC", "id DESC").Limit(deleteBatch)
		}
		gone, err := t.drop(ctx, chosen)
		if err != nil || len(gone) == 0 {
			return err
		}
		images = nil
		for _, g := range gone {
			images = append(images, g.ImageHash)
		}
		a.Details = fmt.Sprintf("count=%d", len(gone))
		return t.audit(ctx, a)
	})
	return images, err
}

func cleanAll(texts []string) []string {
	cleaned := make([]string, len(texts))
	for i, s := range texts {
		cleaned[i] = clean(s)
	}
	return cleaned
}

// dropped is a prediction that is gone.
type dropped struct{ ID, ImageHash, Preparation string }

// drop deletes the predictions that chosen selects, what was told of them, and their pictures where no other
// prediction is about them.
func (t *tx) drop(ctx context.Context, chosen *bun.SelectQuery) ([]dropped, error) {
	var gone []dropped
	chosen.Model((*predictionRow)(nil)).Column("id", "image_hash", "preparation")
	if t.db.isPostgres() {
		chosen.For("UPDATE")
	}
	if err := chosen.Scan(ctx, &gone); err != nil || len(gone) == 0 {
		return nil, err
	}
	ids, images := make([]string, 0, len(gone)), make([]imageKey, 0, len(gone))
	for _, g := range gone {
		ids, images = append(ids, g.ID), append(images, imageKey{g.ImageHash, g.Preparation})
	}
	if err := t.takeDown(ctx, ids); err != nil {
		return nil, fmt.Errorf("wall: %w", err)
	}
	if err := t.forget(ctx, ids); err != nil {
		return nil, err
	}
	if _, err := t.NewDelete().Model((*predictionRow)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("predictions: %w", err)
	}
	// Each once, and always in one order, so that two of these never wait for each other in a circle.
	slices.SortFunc(images, func(a, b imageKey) int {
		return cmp.Or(cmp.Compare(a.ImageHash, b.ImageHash), cmp.Compare(a.Preparation, b.Preparation))
	})
	for _, image := range slices.Compact(images) {
		if err := t.dropImage(ctx, image.ImageHash, image.Preparation); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// forget removes what was told and said of predictions: their events, and feedback with its label, whoever gave it. The
// report goes on counting it, as numbers that name nobody. Who follows the outbox is used to numbers that are missing.
func (t *tx) forget(ctx context.Context, ids []string) error {
	_, err := t.NewDelete().Model((*feedbackRow)(nil)).Where("prediction_id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("feedback: %w", err)
	}
	about := "coalesce(data ->> 'prediction_id', data ->> 'id')" // both databases read JSON so
	_, err = t.NewDelete().Model((*eventRow)(nil)).Where("kind <> ?", string(cifra.EventAudit)).
		Where("? IN (?)", bun.Safe(about), bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	return nil
}

// SharePrediction lets whoever has the address of who's prediction see it, or ends that, with an audit row.
// One that is not there, or not who's, is NotFound.
func (db *DB) SharePrediction(ctx context.Context, who cifra.Actor, id string, shared bool, a cifra.Audit) error {
	if isNobody(who) {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	return db.change(ctx, "share prediction", func(ctx context.Context, t *tx) error {
		own := owned(t.NewSelect().Model((*predictionRow)(nil)).Column("id"), who).Where("id = ?", clean(id))
		res, err := t.NewUpdate().Model((*predictionRow)(nil)).Set("shared = ?", shared).Where("id IN (?)", own).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, error(cifra.E(cifra.NotFound, "error.not-found")))
		}
		return t.audit(ctx, a)
	})
}
