package train

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"cifra"
	"cifra/digit"
)

// Lease is how long a trainer may give no sign of life before another one may take its run, and the sign's interval.
const (
	Lease     = 15 * time.Second
	heartbeat = 5 * time.Second
	attempts  = 3
)

// Book keeps the runs. [cifra/store.DB] is one.
type Book interface {
	// AddTraining queues a run and returns its id; Conflict where one is queued or running.
	AddTraining(ctx context.Context, r *cifra.TrainingRun, a cifra.Audit) (int64, error)
	// Training returns a run; NotFound where there is none.
	Training(ctx context.Context, id int64) (*cifra.TrainingRun, error)
	// Trainings returns a page of the runs, newest first.
	Trainings(ctx context.Context, cursor string, perPage int) (runs []cifra.TrainingRun, next string, err error)
	// CancelTraining asks a run to stop; Conflict where it is finished.
	CancelTraining(ctx context.Context, id int64, a cifra.Audit) error
	// DiscardTraining rejects a challenger that waits; Conflict where it doesn't.
	DiscardTraining(ctx context.Context, id int64, reason string, a cifra.Audit) error
}

// Service is what people may do with retrainings.
type Service struct {
	Book Book
	Now  func() time.Time
	Log  *slog.Logger
	Wake func() // tells this process's runner that something changed; nil: it looks by itself each second
}

// Start queues a retraining of api's model, and returns its id. Conflict where one is queued or running. Where promote
// is set, a challenger that passes the gate becomes the champion at once.
func (s *Service) Start(ctx context.Context, api cifra.API, promote bool) (int64, error) {
	if !api.Valid() {
		return 0, cifra.E(cifra.Impossible, "error.training.model")
	}
	a := audit(ctx, cifra.ActionRetrain)
	seed := rand.Uint64() //nolint:gosec // of weights and orders, no secret
	id, err := s.Book.AddTraining(ctx, &cifra.TrainingRun{API: api, Promote: promote, By: a.Username, Seed: seed}, a)
	if err == nil && s.Wake != nil {
		s.Wake()
	}
	return id, err
}

// Run returns a run. NotFound where there is none.
func (s *Service) Run(ctx context.Context, id int64) (*cifra.TrainingRun, error) {
	return s.Book.Training(ctx, id)
}

// Runs returns a page of the runs, newest first; cursor as [Book] has it.
func (s *Service) Runs(ctx context.Context, cursor string, perPage int) ([]cifra.TrainingRun, string, error) {
	return s.Book.Trainings(ctx, cursor, perPage)
}

// Cancel asks a run to stop. Conflict where it is finished.
func (s *Service) Cancel(ctx context.Context, id int64) error {
	err := s.Book.CancelTraining(ctx, id, audit(ctx, cifra.ActionRetrainStop))
	if err == nil && s.Wake != nil {
		s.Wake()
	}
	return err
}

// Discard rejects the challenger of a run that waits for an admin. Conflict where it doesn't.
func (s *Service) Discard(ctx context.Context, id int64, reason string) error {
	return s.Book.DiscardTraining(ctx, id, reason, audit(ctx, cifra.ActionDiscard))
}

// audit is a row for the book of who did what, by the one whom ctx carries.
func audit(ctx context.Context, action cifra.Action) cifra.Audit {
	a := cifra.ActorFrom(ctx)
	return cifra.Audit{UserID: a.UserID(), Username: a.Name(), Action: action, IP: a.IP}
}

// load makes a model of a stored version: its SHA-256, shape, values and canary are checked on the way.
func load(v *cifra.ModelVersion) (*digit.Model, error) {
	m, err := digit.Load(v.Weights)
	if err != nil {
		return nil, cifra.E(cifra.Impossible, "error.model.damaged", "Model", v.ID).Wrap(err)
	}
	if m.API() != v.API || m.Version() != v.ID {
		return nil, cifra.E(cifra.Impossible, "error.model.api", "Model", v.ID, "API", string(v.API))
	}
	return m, nil
}
