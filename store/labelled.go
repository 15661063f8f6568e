package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// agreement is how many users must say the same of a picture before it is learned without an admin, and
// quota the part of a batch that those labels may take for each of them: one in a hundred.
const (
	agreement = 3
	quota     = 100
)

// labelRow is what somebody said of a picture that is still there.
type labelRow struct {
	ID          int64     `bun:"id"`
	UserID      *int64    `bun:"user_id"`
	Said        int       `bun:"said"`
	Label       int       `bun:"label"`
	State       string    `bun:"state"`
	Decided     int       `bun:"decided"`
	DecidedAt   time.Time `bun:"decided_at,nullzero"`
	CreatedAt   time.Time `bun:"created_at"`
	ImageHash   string    `bun:"image_hash"`
	Preparation string    `bun:"preparation"`
	Learned     *int      `bun:"learned"` // the label that a run has learned from this row
}

// Labelled returns the pictures that may be trained on, the oldest first, each once. That is what an admin accepted, in
// full and with the last decision about a picture; and of the others, on which no admin has decided, those of which three users
// or more say the same and fewer say anything else, as long as none of them has a hundredth of the query's batch
// already. Of what one user says about one picture the last counts; guests, whom anybody can be any number of,
// don't count. Pictures that were deleted, and lines of several digits, are not among them.
func (db *DB) Labelled(ctx context.Context, q cifra.LabelledQuery) ([]cifra.Labelled, error) {
	var rows []labelRow
	err := db.view(ctx, "labels", func(ctx context.Context, b bun.IDB) error {
		return b.NewRaw(`SELECT id, user_id, said, label, state, decided, decided_at, created_at, image_hash, preparation, learned FROM (
				SELECT f.id, f.user_id, f.said, f.label, f.state, f.decided, f.decided_at, f.created_at, p.image_hash, p.preparation, u.label AS learned,
					row_number() OVER (PARTITION BY p.image_hash, f.owner ORDER BY f.id DESC) AS nth
				FROM feedback f JOIN predictions p ON p.id = f.prediction_id
				LEFT JOIN feedback_uses u ON u.feedback_id = f.id AND u.api = ?
				WHERE f.state IN (?)) said
			WHERE nth = 1 ORDER BY id`, q.API, bun.List(counting)).Scan(ctx, &rows)
	})
	if err != nil {
		return nil, err
	}
	var chosen []cifra.Labelled
	taken := map[int64]int{} // agreed labels, by user
	for _, image := range byImage(rows) {
		l, ok := labelOf(image)
		if !ok || q.Fresh && l.Used {
			continue
		}
		if !l.Accepted && !within(taken, l.Users, q.Batch/quota) {
			continue
		}
		chosen = append(chosen, l)
	}
	slices.SortStableFunc(chosen, func(a, b cifra.Labelled) int { return a.At.Compare(b.At) })
	return db.withPictures(ctx, chosen)
}

// byImage groups rows by their picture, in the order of the first row about each.
func byImage(rows []labelRow) [][]labelRow {
	at := map[string]int{}
	var groups [][]labelRow
	for _, r := range rows {
		i, known := at[r.ImageHash]
		if !known {
			i = len(groups)
			at[r.ImageHash] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// labelOf decides what is learned of one picture: the last accepted label, else the one on which enough users agree.
func labelOf(rows []labelRow) (l cifra.Labelled, ok bool) {
	decided := slices.DeleteFunc(slices.Clone(rows), func(r labelRow) bool { return r.State == string(cifra.FeedbackNew) })
	if len(decided) > 0 {
		last := slices.MaxFunc(decided, func(a, b labelRow) int { return cmp.Or(a.DecidedAt.Compare(b.DecidedAt), cmp.Compare(a.ID, b.ID)) })
		if last.State != string(cifra.FeedbackAccepted) || last.Decided == cifra.NoLabel {
			return l, false
		}
		l = newLabelled(last, last.Decided)
		l.Accepted, l.At = true, last.DecidedAt.UTC()
		l.Feedback, l.Used = []int64{last.ID}, last.Learned != nil && *last.Learned == last.Decided
		if last.UserID != nil {
			l.Users = []int64{*last.UserID}
		}
		return l, true
	}
	votes := map[int][]labelRow{}
	for _, r := range rows {
		if r.UserID != nil && r.Label != cifra.NoLabel {
			votes[r.Label] = append(votes[r.Label], r)
		}
	}
	for _, label := range slices.Sorted(maps.Keys(votes)) {
		agreed, others := votes[label], 0
		for other, v := range votes {
			if other != label {
				others += len(v)
			}
		}
		if len(agreed) < agreement || len(agreed) <= others {
			continue
		}
		l = newLabelled(agreed[len(agreed)-1], label)
		l.At = agreed[len(agreed)-1].CreatedAt.UTC()
		for _, r := range agreed {
			l.Users, l.Feedback = append(l.Users, *r.UserID), append(l.Feedback, r.ID)
			l.Used = l.Used || r.Learned != nil && *r.Learned == label
		}
		return l, true
	}
	return l, false
}

func newLabelled(r labelRow, label int) cifra.Labelled {
	return cifra.Labelled{Image: r.ImageHash, Preparation: r.Preparation, Label: label, Predicted: r.Said}
}

// within reports whether each of the users has room for one more label, and counts it.
func within(taken map[int64]int, users []int64, most int) bool {
	for _, u := range users {
		if taken[u] >= most {
			return false
		}
	}
	for _, u := range users {
		taken[u]++
	}
	return true
}

// pictureBatch is how many pictures are read at a time.
const pictureBatch = 200

// withPictures fills in the pictures. Those that were deleted meanwhile, or show no single digit, are left out.
func (db *DB) withPictures(ctx context.Context, chosen []cifra.Labelled) ([]cifra.Labelled, error) {
	whole := make([]cifra.Labelled, 0, len(chosen))
	for part := range slices.Chunk(chosen, pictureBatch) {
		var images []imageRow
		err := db.view(ctx, "labelled pictures", func(ctx context.Context, q bun.IDB) error {
			var hashes []string
			for _, l := range part {
				hashes = append(hashes, l.Image)
			}
			return q.NewSelect().Model(&images).Where("hash IN (?)", bun.List(hashes)).Scan(ctx)
		})
		if err != nil {
			return nil, err
		}
		there := map[imageKey]*imageRow{}
		for i := range images {
			there[imageKey{images[i].Hash, images[i].Preparation}] = &images[i]
		}
		for _, l := range part {
			row := there[imageKey{l.Image, l.Preparation}]
			if row == nil {
				continue
			}
			pic, err := row.picture()
			if err != nil {
				return nil, err
			}
			if len(pic.Boxes) > 1 || len(pic.Views) < cifra.Pixels {
				continue
			}
			l.Views = pic.Views
			whole = append(whole, l)
		}
	}
	return whole, nil
}

// UseFeedback keeps that a training run of api has learned these pictures, so that they are not fresh any more.
func (db *DB) UseFeedback(ctx context.Context, api cifra.API, run string, learned []cifra.Labelled) error {
	var rows []feedbackUseRow
	for _, l := range learned {
		for _, id := range l.Feedback {
			rows = append(rows, feedbackUseRow{FeedbackID: id, API: string(api), Label: l.Label, Run: clean(run), At: stamp(db.now())})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b feedbackUseRow) int { return cmp.Compare(a.FeedbackID, b.FeedbackID) })
	return db.change(ctx, "use feedback", func(ctx context.Context, t *tx) error {
		for part := range slices.Chunk(rows, pictureBatch) {
			_, err := t.NewInsert().Model(&part).On("CONFLICT (feedback_id, api) DO UPDATE").
				Set("label = EXCLUDED.label").Set("run = EXCLUDED.run").Set("at = EXCLUDED.at").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type feedbackUseRow struct {
	bun.BaseModel `bun:"table:feedback_uses"`

	FeedbackID int64     `bun:"feedback_id,pk"`
	API        string    `bun:"api,pk"`
	Label      int       `bun:"label"`
	Run        string    `bun:"run"`
	At         time.Time `bun:"at"`
}
