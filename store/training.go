package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type trainingRow struct {
	bun.BaseModel `bun:"table:training_runs"`

	ID         int64      `bun:"id,pk,autoincrement"`
	API        string     `bun:"api"`
	State      string     `bun:"state"`
	Active     bool       `bun:"active"`
	Promote    bool       `bun:"promote"`
	MadeBy     string     `bun:"made_by"`
	Reason     string     `bun:"reason"`
	Cancel     bool       `bun:"cancel"`
	Owner      string     `bun:"owner"`
	Attempt    int        `bun:"attempt"`
	Fence      int64      `bun:"fence"`
	Beat       int64      `bun:"beat"`
	Seed       int64      `bun:"seed"`
	Parent     string     `bun:"parent"`
	Model      string     `bun:"model"`
	Progress   float64    `bun:"progress"`
	Epoch      int        `bun:"epoch"`
	Epochs     int        `bun:"epochs"`
	Data       string     `bun:"data"`
	Curve      string     `bun:"curve"`
	Gate       *string    `bun:"gate"`
	CreatedAt  time.Time  `bun:"created_at"`
	StartedAt  *time.Time `bun:"started_at"`
	UpdatedAt  time.Time  `bun:"updated_at"`
	FinishedAt *time.Time `bun:"finished_at"`
}

func (r *trainingRow) run() (*cifra.TrainingRun, error) {
	t := &cifra.TrainingRun{
		ID: r.ID, API: cifra.API(r.API), State: cifra.TrainingState(r.State), Promote: r.Promote, By: r.MadeBy, Reason: r.Reason,
		Cancel: r.Cancel, Owner: r.Owner, Attempt: r.Attempt, Fence: r.Fence, Beat: r.Beat,
		Seed:   uint64(r.Seed), //nolint:gosec // the same 64 bits
		Parent: r.Parent, Model: r.Model, Progress: r.Progress, Epoch: r.Epoch, Epochs: r.Epochs,
		CreatedAt: r.CreatedAt.UTC(), StartedAt: value(r.StartedAt).UTC(), UpdatedAt: r.UpdatedAt.UTC(), FinishedAt: value(r.FinishedAt).UTC(),
	}
	if err := fromJSON(r.Data, &t.Data); err != nil {
		return nil, fmt.Errorf("training %d: data: %w", r.ID, err)
	}
	if err := fromJSON(r.Curve, &t.Curve); err != nil {
		return nil, fmt.Errorf("training %d: curve: %w", r.ID, err)
	}
	if r.Gate != nil {
		if err := fromJSON(*r.Gate, &t.Gate); err != nil {
			return nil, fmt.Errorf("training %d: gate: %w", r.ID, err)
		}
	}
	return t, nil
}

// AddTraining queues a retraining of r.API with r.Promote, r.By and r.Seed, and writes its audit row. It returns the
// run's id, or Conflict, "error.training.running", where one is queued or running already, of whichever model.
func (db *DB) AddTraining(ctx context.Context, r *cifra.TrainingRun, a cifra.Audit) (id int64, err error) {
	err = db.change(ctx, "add training", func(ctx context.Context, t *tx) error {
		if err := t.alone(ctx, "training_runs"); err != nil {
			return err
		}
		n, err := t.NewSelect().Model((*trainingRow)(nil)).Where("active").Count(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return cifra.E(cifra.Conflict, "error.training.running")
		}
		now := stamp(db.now())
		row := trainingRow{
			API: string(r.API), State: string(cifra.TrainingQueued), Active: true, Promote: r.Promote, MadeBy: clean(r.By),
			Seed: int64(r.Seed), //nolint:gosec // the same 64 bits
			Data: "{}", Curve: "[]", CreatedAt: now, UpdatedAt: now,
		}
		if _, err := t.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		id = row.ID
		a.Details = "id=" + strconv.FormatInt(id, 10) + " model=" + row.API + " promote=" + strconv.FormatBool(r.Promote)
		if err := t.audit(ctx, a); err != nil {
			return err
		}
		return t.progress(ctx, id)
	})
	return id, err
}

// Training returns a run, or NotFound.
func (db *DB) Training(ctx context.Context, id int64) (*cifra.TrainingRun, error) {
	var row trainingRow
	err := db.view(ctx, "training", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.run()
}

// ActiveTraining returns the run that is queued or that a trainer has, or NotFound. There is never more than one.
func (db *DB) ActiveTraining(ctx context.Context) (*cifra.TrainingRun, error) {
	var row trainingRow
	err := db.view(ctx, "active training", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("active").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.run()
}

// TrainingOf returns the newest run whose challenger is the model, or NotFound.
func (db *DB) TrainingOf(ctx context.Context, model string) (*cifra.TrainingRun, error) {
	var row trainingRow
	err := db.view(ctx, "training of model", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("model = ?", clean(model)).Order("id DESC").Limit(1).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.run()
}

// Trainings returns a page of all runs, newest first. cursor is the next of the page before, "" for the first one; next
// is "" on the last one.
func (db *DB) Trainings(ctx context.Context, cursor string, perPage int) (runs []cifra.TrainingRun, next string, err error) {
	before, err := parseNumber(cursor)
	if err != nil {
		return nil, "", err
	}
	perPage = pageSize(perPage)
	var rows []trainingRow
	err = db.view(ctx, "trainings", func(ctx context.Context, q bun.IDB) error {
		s := q.NewSelect().Model(&rows).Order("id DESC").Limit(int64(perPage) + 1)
		if before > 0 {
			s.Where("id < ?", before)
		}
		return s.Scan(ctx)
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		next = strconv.FormatInt(rows[perPage-1].ID, 10)
	}
	for _, r := range rows {
		run, err := r.run()
		if err != nil {
			return nil, "", err
		}
		runs = append(runs, *run)
	}
	return runs, next, nil
}

// trainingFact is the data of the events retrain_progress and retrain_finished.
type trainingFact struct {
	ID       string              `json:"id"`
	API      cifra.API           `json:"model"`
	State    cifra.TrainingState `json:"state"`
	Progress float64             `json:"progress"`
	Epoch    int                 `json:"epoch"`
	Epochs   int                 `json:"epochs"`
	Points   int                 `json:"points"` // of the curve so far
	Attempt  int                 `json:"attempt"`
	Cancel   bool                `json:"cancelling"`
	By       string              `json:"by"`
	Parent   string              `json:"parent,omitempty"`
	Model    string              `json:"challenger,omitempty"`
	Reason   string              `json:"reason,omitempty"`
	Verdict  cifra.Verdict       `json:"verdict,omitempty"`
	Created  time.Time           `json:"created_at"`
	Started  *time.Time          `json:"started_at"`
	At       time.Time           `json:"timestamp"`
}

// progress tells where a run stands: that it is finished, or how far it is.
func (t *tx) progress(ctx context.Context, id int64) error {
	var row trainingRow
	if err := t.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return err
	}
	run, err := row.run()
	if err != nil {
		return err
	}
	f := trainingFact{
		ID: strconv.FormatInt(id, 10), API: run.API, State: run.State, Progress: run.Progress, Epoch: run.Epoch, Epochs: run.Epochs,
		Points: len(run.Curve), Attempt: run.Attempt, Cancel: run.Cancel,
		By: run.By, Parent: run.Parent, Model: run.Model, Reason: run.Reason, Created: run.CreatedAt, At: run.UpdatedAt,
	}
	if row.StartedAt != nil {
		f.Started = &run.StartedAt
	}
	if run.Gate != nil {
		f.Verdict = run.Gate.Verdict
	}
	kind := cifra.EventRetrainProgress
	if !run.State.Active() {
		kind = cifra.EventRetrainFinished
	}
	return t.tell(kind, f)
}
