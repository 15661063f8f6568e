package store

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// maxFileName is how many characters of a file's name are kept.
const maxFileName = 255

type predictionRow struct {
	bun.BaseModel `bun:"table:predictions"`

	ID          string    `bun:"id,pk"`
	UserID      *int64    `bun:"user_id"`
	Guest       *string   `bun:"guest"`
	API         string    `bun:"api"`
	Model       string    `bun:"model"`
	ImageHash   string    `bun:"image_hash"`
	Preparation string    `bun:"preparation"`
	FileName    string    `bun:"file_name"`
	Digit       int       `bun:"digit"`
	Probability float64   `bun:"probability"`
	Sure        bool      `bun:"sure"`
	Reason      string    `bun:"reason"`
	Reading     string    `bun:"reading"`
	Source      string    `bun:"source"`
	Provenance  string    `bun:"provenance"`
	CreatedAt   time.Time `bun:"created_at"`
	Shared      bool      `bun:"shared"`
}

// newPredictionRow returns p's row. What is asked for in queries (digit, model, source and so on) stands in columns
// of its own beside the whole reading and provenance.
func newPredictionRow(p *cifra.Prediction, pic *cifra.Picture) (*predictionRow, error) {
	reading, err := toJSON(p.Reading)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	provenance, err := toJSON(newProvenanceJSON(p.Provenance))
	if err != nil {
		return nil, fmt.Errorf("provenance: %w", err)
	}
	return &predictionRow{
		ID: clean(p.ID), UserID: null(p.UserID), Guest: null(clean(p.Guest)), API: string(p.API),
		Model: clean(p.Reading.Model), ImageHash: clean(pic.Hash), Preparation: clean(pic.Preparation), FileName: clip(p.FileName, maxFileName),
		Digit: p.Reading.Digit, Probability: p.Reading.Probability, Sure: p.Reading.Sure, Reason: clean(string(p.Reading.Reason)),
		Reading: reading, Source: clean(string(p.Provenance.Source)), Provenance: provenance, CreatedAt: stamp(p.CreatedAt),
		Shared: p.Shared,
	}, nil
}

func (r *predictionRow) prediction() (*cifra.Prediction, error) {
	p := &cifra.Prediction{
		ID: r.ID, UserID: value(r.UserID), Guest: value(r.Guest), API: cifra.API(r.API),
		ImageHash: r.ImageHash, FileName: r.FileName, CreatedAt: r.CreatedAt.UTC(), Shared: r.Shared,
	}
	if err := fromJSON(r.Reading, &p.Reading); err != nil {
		return nil, fmt.Errorf("prediction %s: reading: %w", r.ID, err)
	}
	var provenance provenanceJSON
	if err := fromJSON(r.Provenance, &provenance); err != nil {
		return nil, fmt.Errorf("prediction %s: provenance: %w", r.ID, err)
	}
	p.Provenance = provenance.provenance()
	return p, nil
}

// provenanceJSON is a [cifra.Provenance] as rows keep it; its field names are part of the database's shape.
// Durations are nanoseconds.
type provenanceJSON struct {
	Source     cifra.Source  `json:"source"`
	Origin     cifra.Source  `json:"origin,omitempty"`
	Outcome    cifra.Outcome `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Tier       string        `json:"tier,omitempty"`
	Age        time.Duration `json:"age"`
	TTL        time.Duration `json:"ttl"`
	Took       time.Duration `json:"took"`
	Saved      time.Duration `json:"saved"`
	By         string        `json:"by,omitempty"`
	ComputedAt time.Time     `json:"computed_at,omitzero"`
	ExpiresAt  time.Time     `json:"expires_at,omitzero"`
	Key        string        `json:"key,omitempty"`
	Degraded   bool          `json:"degraded,omitempty"`
	Steps      []stepJSON    `json:"steps,omitempty"`
}

// stepJSON is a [cifra.Step] as rows keep it. Durations are nanoseconds.
type stepJSON struct {
	Name  string        `json:"name"`
	Desc  string        `json:"desc,omitempty"`
	Start time.Duration `json:"start"`
	Took  time.Duration `json:"took"`
}

func newProvenanceJSON(p cifra.Provenance) provenanceJSON {
	j := provenanceJSON{
		Source: p.Source, Origin: p.Origin, Outcome: p.Outcome, Reason: p.Reason, Tier: p.Tier,
		Age: p.Age, TTL: p.TTL, Took: p.Took, Saved: p.Saved, By: p.By, ComputedAt: p.ComputedAt.UTC(), ExpiresAt: p.ExpiresAt.UTC(),
		Key: p.Key, Degraded: p.Degraded,
	}
	for _, s := range p.Steps {
		j.Steps = append(j.Steps, stepJSON(s))
	}
	return j
}

func (j provenanceJSON) provenance() cifra.Provenance {
	p := cifra.Provenance{
		Source: j.Source, Origin: j.Origin, Outcome: j.Outcome, Reason: j.Reason, Tier: j.Tier,
		Age: j.Age, TTL: j.TTL, Took: j.Took, Saved: j.Saved, By: j.By, ComputedAt: j.ComputedAt, ExpiresAt: j.ExpiresAt,
		Key: j.Key, Degraded: j.Degraded,
	}
	for _, s := range j.Steps {
		p.Steps = append(p.Steps, cifra.Step(s))
	}
	return p
}
