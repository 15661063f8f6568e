package train

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"time"

	"cifra"
	"cifra/digit"
)

// Versions keeps models. [cifra/store.DB] is one.
type Versions interface {
	// AddModel keeps a version; one that is there already stays.
	AddModel(ctx context.Context, m *cifra.ModelVersion) error
	// Model returns a version with its weights; NotFound, or Impossible where they were changed.
	Model(ctx context.Context, id string) (*cifra.ModelVersion, error)
	// Models returns all versions for an API without their weights, newest first.
	Models(ctx context.Context, api cifra.API) ([]cifra.ModelVersion, error)
	// Champion returns the id of the version that serves; NotFound where none was promoted yet.
	Champion(ctx context.Context, api cifra.API) (string, error)
	// Promote makes a version the one that serves.
	Promote(ctx context.Context, api cifra.API, id, reason string, a cifra.Audit) error
	// Reigns returns which versions served, the one that serves first.
	Reigns(ctx context.Context, api cifra.API) ([]cifra.Reign, error)
	// HoldChallenger holds a version beside the champion; Conflict where it is the champion.
	HoldChallenger(ctx context.Context, id string, a cifra.Audit) error
	// ReleaseChallenger ends a comparison; NotFound where there is none.
	ReleaseChallenger(ctx context.Context, api cifra.API, a cifra.Audit) error
	// Challengers returns the versions that are held, one an API at most.
	Challengers(ctx context.Context) ([]cifra.Challenger, error)
	// Compare returns how a challenger and a champion fared since the challenger was held.
	Compare(ctx context.Context, c cifra.Challenger, champion string) (*cifra.Contest, error)
	// TrainingOf returns the run that made a version; NotFound where none did.
	TrainingOf(ctx context.Context, model string) (*cifra.TrainingRun, error)
}

// Models promotes versions and rolls back. Nothing is promoted that this very program can't load.
type Models struct {
	Versions Versions
	Labels   Labels
	Now      func() time.Time
	Log      *slog.Logger
	Promoted func() // tells this process's follower; nil: it looks by itself each second
}

// Enrol keeps the versions that come with the program, so that runs and the history can name them.
func (m *Models) Enrol(ctx context.Context) error {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		v, err := embedded(api, m.Now())
		if err != nil {
			return err
		}
		if err := m.Versions.AddModel(ctx, v); err != nil {
			return fmt.Errorf("keep the embedded model %s: %w", v.ID, err)
		}
	}
	return nil
}

func embedded(api cifra.API, at time.Time) (*cifra.ModelVersion, error) {
	weights, err := digit.EmbeddedWeights(api)
	if err != nil {
		return nil, err
	}
	model, err := digit.Embedded(api)
	if err != nil {
		return nil, fmt.Errorf("embedded model %s: %w", api, err)
	}
	return &cifra.ModelVersion{
		ID: model.Version(), API: api, SHA256: model.SHA256(), Weights: weights, By: ByProgram, CreatedAt: at,
		Note: "model.note.embedded",
	}, nil
}

// ByProgram is who made the versions that come with the program.
const ByProgram = "embedded"

// Champion returns the version that serves api: the one that was promoted last, else the embedded one.
func (m *Models) Champion(ctx context.Context, api cifra.API) (*cifra.ModelVersion, error) {
	id, err := m.Versions.Champion(ctx, api)
	if cifra.CodeOf(err) == cifra.NotFound {
		return embedded(api, m.Now())
	}
	if err != nil {
		return nil, err
	}
	return m.Versions.Model(ctx, id)
}

// Promote makes a version the champion of its API. Its weights are read and a canary picture is asked of them first.
// A reason is needed where no gate let it pass: Impossible, "error.reason.missing", without one.
func (m *Models) Promote(ctx context.Context, id, reason string) error {
	return m.promote(ctx, id, reason, cifra.ActionPromote)
}

func (m *Models) promote(ctx context.Context, id, reason string, action cifra.Action) error {
	v, err := m.Versions.Model(ctx, id)
	if err != nil {
		return err
	}
	if reason == "" {
		run, err := m.Versions.TrainingOf(ctx, id)
		if err != nil && cifra.CodeOf(err) != cifra.NotFound {
			return err
		}
		if run == nil || run.Gate == nil || run.Gate.Verdict != cifra.VerdictPass {
			return needReason()
		}
	}
	if _, err := load(v); err != nil {
		return err
	}
	if err := m.crown(ctx, v.API); err != nil {
		return err
	}
	a := audit(ctx, action)
	a.Details = "model=" + id + " reason=" + reason
	if err := m.Versions.Promote(ctx, v.API, id, reason, a); err != nil {
		return err
	}
	m.promoted(ctx, v.API, id)
	return nil
}

// promoted tells this process's follower, and notes of the corrections that a run taught the new champion that they
// were used. That is only told to people: a database that is away just then doesn't undo the promotion.
func (m *Models) promoted(ctx context.Context, api cifra.API, id string) {
	if m.Promoted != nil {
		m.Promoted()
	}
	if err := m.noteUse(ctx, api, id); err != nil {
		m.Log.WarnContext(ctx, "the use of corrections was not noted", "model", id, "err", err)
	}
}

func (m *Models) noteUse(ctx context.Context, api cifra.API, id string) error {
	run, err := m.Versions.TrainingOf(ctx, id)
	if cifra.CodeOf(err) == cifra.NotFound {
		return nil // no run made it
	}
	if err != nil {
		return err
	}
	taught, err := m.Labels.TrainingImages(ctx, id)
	if err != nil {
		return err
	}
	all, err := m.Labels.Labelled(ctx, cifra.LabelledQuery{API: api, Batch: math.MaxInt32})
	if err != nil {
		return err
	}
	used := slices.DeleteFunc(all, func(l cifra.Labelled) bool {
		label, ok := taught[l.Image]
		return !ok || label != l.Label
	})
	return m.Labels.UseFeedback(ctx, api, strconv.FormatInt(run.ID, 10), used)
}

func needReason() error {
	e := cifra.E(cifra.Impossible, "error.reason.missing")
	e.Fields = map[string]*cifra.Error{"reason": cifra.E(cifra.Impossible, "error.reason.missing")}
	return e
}

// crown writes down that the embedded version served until now, where nothing was promoted before, so that the
// history is whole and there is something to roll back to.
func (m *Models) crown(ctx context.Context, api cifra.API) error {
	_, err := m.Versions.Champion(ctx, api)
	if cifra.CodeOf(err) != cifra.NotFound {
		return err
	}
	v, err := embedded(api, m.Now())
	if err != nil {
		return err
	}
	if err := m.Versions.AddModel(ctx, v); err != nil {
		return err
	}
	return m.Versions.Promote(ctx, api, v.ID, "model.reason.embedded", cifra.Audit{
		Username: ByProgram, Action: cifra.ActionPromote, Details: "model=" + v.ID,
	})
}

// Rollback makes the version the champion that served before the present one, and returns its id. It needs a reason.
// Conflict, "error.model.first", where none served before.
func (m *Models) Rollback(ctx context.Context, api cifra.API, reason string) (id string, err error) {
	if reason == "" {
		return "", needReason()
	}
	if !api.Valid() {
		return "", cifra.E(cifra.Impossible, "error.training.model")
	}
	reigns, err := m.Versions.Reigns(ctx, api)
	if err != nil {
		return "", err
	}
	for _, r := range reigns {
		if r.Model != reigns[0].Model {
			return r.Model, m.promote(ctx, r.Model, reason, cifra.ActionRollback)
		}
	}
	return "", cifra.E(cifra.Conflict, "error.model.first")
}

// List returns the versions for an API: the champion first, then the newest.
func (m *Models) List(ctx context.Context, api cifra.API) ([]cifra.Standing, error) {
	versions, err := m.Versions.Models(ctx, api)
	if err != nil {
		return nil, err
	}
	reigns, err := m.Versions.Reigns(ctx, api)
	if err != nil {
		return nil, err
	}
	champion, err := m.Versions.Champion(ctx, api)
	if cifra.CodeOf(err) == cifra.NotFound {
		var v *cifra.ModelVersion
		if v, err = embedded(api, m.Now()); err == nil {
			champion = v.ID
		}
	}
	if err != nil {
		return nil, err
	}
	var first, rest []cifra.Standing
	for _, v := range versions {
		s := cifra.Standing{Version: v, Champion: v.ID == champion}
		for _, r := range reigns {
			if r.Model == v.ID {
				s.Reigns = append(s.Reigns, r)
			}
		}
		if s.Run, err = m.Versions.TrainingOf(ctx, v.ID); err != nil && cifra.CodeOf(err) != cifra.NotFound {
			return nil, err
		}
		if s.Champion {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	return append(first, rest...), nil
}
