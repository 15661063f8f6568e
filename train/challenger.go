package train

import (
	"context"

	"cifra"
)

// Hold holds a version beside the champion of its API, to answer a share of the pictures. Its weights are read and a canary
// picture is asked of them first. Impossible, "error.model.refused", for one that the gate refused; Conflict for the
// champion; NotFound.
func (m *Models) Hold(ctx context.Context, id string) error {
	v, err := m.Versions.Model(ctx, id)
	if err != nil {
		return err
	}
	run, err := m.Versions.TrainingOf(ctx, id)
	if err != nil && cifra.CodeOf(err) != cifra.NotFound {
		return err
	}
	if run != nil && run.Gate != nil && run.Gate.Verdict == cifra.VerdictRefuse {
		return cifra.E(cifra.Impossible, "error.model.refused", "Model", id)
	}
	if _, err := load(v); err != nil {
		return err
	}
	if champion, err := m.Champion(ctx, v.API); err != nil {
		return err
	} else if champion.ID == id { // the embedded one serves without having been promoted
		return cifra.E(cifra.Conflict, "error.model.serves", "Model", id)
	}
	a := audit(ctx, cifra.ActionHold)
	a.Details = "model=" + id
	if err := m.Versions.HoldChallenger(ctx, id, a); err != nil {
		return err
	}
	m.changed()
	return nil
}

// Release ends the comparison of an API. NotFound where there is none.
func (m *Models) Release(ctx context.Context, api cifra.API) error {
	a := audit(ctx, cifra.ActionRelease)
	a.Details = "api=" + string(api)
	if err := m.Versions.ReleaseChallenger(ctx, api, a); err != nil {
		return err
	}
	m.changed()
	return nil
}

// Comparisons returns how the challengers that are held and the champions fared beside each other.
func (m *Models) Comparisons(ctx context.Context) ([]cifra.Contest, error) {
	held, err := m.Versions.Challengers(ctx)
	if err != nil {
		return nil, err
	}
	list := []cifra.Contest{}
	for _, c := range held {
		champion, err := m.Champion(ctx, c.API)
		if err != nil {
			return nil, err
		}
		compared, err := m.Versions.Compare(ctx, c, champion.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, *compared)
	}
	return list, nil
}

// changed tells this process's follower that another version is to answer.
func (m *Models) changed() {
	if m.Promoted != nil {
		m.Promoted()
	}
}
