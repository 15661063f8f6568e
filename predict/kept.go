package predict

import (
	"context"
	"fmt"

	"cifra"
	"cifra/cache"
)

// Recognition returns a kept prediction with its picture to who may see it: the one who asked for it, an admin, or
// anybody where it is shared. To others it does not exist.
func (s *Service) Recognition(ctx context.Context, id string) (*cifra.Recognition, error) {
	r, err := s.Store.Prediction(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.Shared && !mayChange(cifra.ActorFrom(ctx), &r.Prediction) {
		return nil, cifra.E(cifra.NotFound, "error.not-found")
	}
	return r, nil
}

// Delete deletes a kept prediction, its picture, and every cached answer about that picture. Only who asked for it and
// admins may; to others it does not exist, shared or not.
func (s *Service) Delete(ctx context.Context, id string) error {
	r, err := s.Store.Prediction(ctx, id)
	if err != nil {
		return err
	}
	if !mayChange(cifra.ActorFrom(ctx), &r.Prediction) {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	if err := s.Store.DeletePrediction(ctx, id, s.audit(ctx, cifra.ActionDelete, "id="+id)); err != nil {
		return err
	}
	s.forgetImages(ctx, []string{r.ImageHash})
	return nil
}

// ClaimGuest gives a user what they did as a guest.
func (s *Service) ClaimGuest(ctx context.Context, guest string, userID int64) error {
	_, err := s.Store.ClaimGuest(ctx, guest, userID)
	return err
}

// mayChange holds that a prediction is its owner's, and the admins'.
func mayChange(a cifra.Actor, p *cifra.Prediction) bool {
	return a.User.IsAdmin() || a.Owns(p)
}

// Compare reads a picture that was already prepared with the other API's model, so that both can be shown
// side by side. Nothing is kept of it but the cached answer.
func (s *Service) Compare(ctx context.Context, pic *cifra.Picture, api cifra.API) (*cifra.Recognition, error) {
	model, err := s.Models.Serving(api)
	if err != nil {
		return nil, err
	}
	key := s.key(pic.Hash, api, model)
	key.Preparation = pic.Preparation
	seen, info, err := s.memo.GetWith(ctx, key, func(ctx context.Context, _ Key) (Seen, error) {
		defer cache.Step(ctx, "model")(model.Version())
		return Seen{Reading: model.Read(pic), Picture: *pic}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("predict: compare: %w", err)
	}
	return &cifra.Recognition{Picture: seen.Picture, Prediction: cifra.Prediction{
		API: api, ImageHash: key.Image, Reading: seen.Reading, Provenance: info.Provenance(cifra.SourceModel),
	}}, nil
}

// Guess reads an upload and remembers nothing of it, so that what is recognised later still tells where its answer
// came from.
func (s *Service) Guess(ctx context.Context, up cifra.Upload) (*cifra.Recognition, error) {
	model, err := s.Models.Serving(up.API)
	if err != nil {
		return nil, err
	}
	start := s.Now()
	pic, err := s.Prep.Prepare(ctx, up.Content)
	if err != nil {
		return nil, fmt.Errorf("predict: guess: %w", err)
	}
	r := &cifra.Recognition{Picture: *pic, Prediction: cifra.Prediction{API: up.API, Reading: model.Read(pic)}}
	r.Provenance = cifra.Provenance{Source: cifra.SourceModel, Origin: cifra.SourceModel, Outcome: cifra.Bypass, Took: s.Now().Sub(start)}
	return r, nil
}
