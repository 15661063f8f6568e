// Package predict is the path of one upload: key, cache or model, record, tell.
package predict

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"cifra"
	"cifra/cache"
)

// Store keeps predictions. [cifra/store.DB] is one.
type Store interface {
	// AddPrediction keeps the prediction with its picture and its audit row, all or nothing.
	// An error of code Unavailable says that nothing was kept and that trying again makes sense.
	AddPrediction(ctx context.Context, p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) error
	// Prediction returns a kept prediction with its picture. NotFound where there is none with this id.
	Prediction(ctx context.Context, id string) (*cifra.Recognition, error)
	// DeletePrediction deletes a prediction, its picture where nothing else refers to it, and keeps the audit row.
	// NotFound where there is none with this id.
	DeletePrediction(ctx context.Context, id string, a cifra.Audit) error
	// ClaimGuest makes a guest's predictions the user's, and returns how many there were.
	ClaimGuest(ctx context.Context, guest string, userID int64) (int64, error)
	History
}

// Model reads prepared pictures. [cifra/digit.Model] is one.
type Model interface {
	Version() string
	Read(p *cifra.Picture) cifra.Reading
}

// Preparer makes uploads ready for a model. [cifra/digit/prep.Preparer] is one.
type Preparer interface {
	Prepare(ctx context.Context, content []byte) (*cifra.Picture, error)
}

// Deps is what a [Service] is made of; all of it is required but Answered.
type Deps struct {
	Cache       *cache.Cache
	Policy      cache.Policy
	Prep        Preparer
	PrepVersion string // of what Prep makes
	Models      *Models
	Store       Store
	Persons     Persons
	Said        FeedbackStore
	Now         func() time.Time
	Answered    func(*cifra.Recognition) // hears of every answer, for statistics
}

// Service answers uploads. It is safe for concurrent use.
type Service struct {
	Deps
	memo *cache.Memo[Key, Seen]
}

// Key is all on which an answer depends, so that whatever differs in it is another answer.
type Key struct {
	Image       string // hex SHA-256 of the upload's bytes
	API         cifra.API
	Model       string // its version
	Preparation string // its version
}

// Seen is what is remembered of an upload: what a model read, and what it saw.
type Seen struct {
	Reading cifra.Reading
	Picture cifra.Picture
}

// New returns a service.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	s.memo = cache.NewMemo(d.Cache, d.Policy, nil, cache.Tags[Key, Seen](func(k Key) []string { return []string{ImageTag(k.Image)} }))
	return s
}

// ImageTag is the tag under which every remembered answer about the image with this hash can be forgotten.
func ImageTag(hash string) string { return "image:" + hash }

// Predict reads which digit an upload shows. The steps, top to bottom: choose the model, make the key,
// ask the cache (the loader prepares the picture and runs the network), keep the prediction.
// An upload that cannot be read gives a [cifra.Error]; nothing is kept then.
func (s *Service) Predict(ctx context.Context, up cifra.Upload) (*cifra.Recognition, error) {
	start := s.Now()
	image := hash(up.Content)
	model, err := s.Models.Answering(up.API, image)
	if err != nil {
		return nil, err
	}
	if up.Trace {
		ctx = cache.WithTrace(ctx)
	}
	key := s.key(image, up.API, model)
	seen, info, err := s.memo.GetWith(ctx, key, func(ctx context.Context, _ Key) (Seen, error) {
		end := cache.Step(ctx, "prepare")
		picture, err := s.Prep.Prepare(ctx, up.Content)
		end("")
		if err != nil {
			return Seen{}, err
		}
		defer cache.Step(ctx, "model")(model.Version())
		return Seen{Reading: model.Read(picture), Picture: *picture}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	if info.Took == 0 { // too little for the cache to measure; the hash of the upload is most of it
		info.Took = s.Now().Sub(start)
	}
	a := &cifra.Recognition{Picture: seen.Picture, Prediction: cifra.Prediction{
		API: up.API, ImageHash: key.Image, FileName: up.Name, Reading: seen.Reading,
		Provenance: info.Provenance(cifra.SourceModel), CreatedAt: s.Now().UTC(),
	}}
	if s.Answered != nil {
		s.Answered(a)
	}
	if !up.Keep {
		return a, nil
	}
	return a, s.keep(ctx, a)
}

func (s *Service) key(image string, api cifra.API, m Model) Key {
	return Key{Image: image, API: api, Model: m.Version(), Preparation: s.PrepVersion}
}

// keep stores the prediction with its audit row, under an id that cannot be guessed.
func (s *Service) keep(ctx context.Context, a *cifra.Recognition) error {
	actor := cifra.ActorFrom(ctx)
	a.ID = rand.Text()
	a.UserID, a.Guest = actor.UserID(), actor.Guest
	action := cifra.ActionPredictV1
	if a.API == cifra.V2 {
		action = cifra.ActionPredictV2
	}
	return s.Store.AddPrediction(ctx, &a.Prediction, &a.Picture, cifra.Audit{
		UserID: a.UserID, Username: actor.Name(), Action: action, IP: actor.IP, At: a.CreatedAt,
		Details: fmt.Sprintf("id=%s digit=%d source=%s model=%s", a.ID, a.Reading.Digit, a.Provenance.Source, a.Reading.Model),
	})
}

// hash is SHA-256, because two images with one MD5 are made in seconds, and on processors with
// SHA instructions it is the faster one as well.
func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
