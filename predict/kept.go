package predict

import (
	"context"
	"fmt"

	"cifra"
	"cifra/cache"
)

// Recognition returns a kept prediction with its picture to who may see it: the one who asked for it, or an admin.
// To anybody else it does not exist.
func (s *Service) Recognition(ctx context.Context, id string) (*cifra.Recognition, error) {
	r, err := s.Store.Prediction(ctx, id)
	if err != nil {
		return nil, err
	}
	if !maySee(cifra.ActorFrom(ctx), &r.Prediction) {
		return nil, cifra.E(cifra.NotFound, "error.not-found")
	}
	return r, nil
}

// Delete deletes a kept prediction, its picture, and every cached answer about that picture.
func (s *Service) Delete(ctx context.Context, id string) error {
	r, err := s.Recognition(ctx, id)
	if err != nil {
		return err
	}
	actor := cifra.ActorFrom(ctx)
	err = s.Store.DeletePrediction(ctx, id, cifra.Audit{
		UserID: actor.UserID(), Username: actor.Name(), Action: cifra.ActionDelete, IP: actor.IP, At: s.Now().UTC(),
		Details: "id=" + id,
	})
	if err != nil {
		return err
	}
	s.Cache.InvalidateTag(ctx, ImageTag(r.ImageHash), "deleted by "+actor.Name())
	return nil
}

// ClaimGuest gives a user what they did as a guest.
func (s *Service) ClaimGuest(ctx context.Context, guest string, userID int64) error {
	_, err := s.Store.ClaimGuest(ctx, guest, userID)
	return err
}

// maySee holds that a prediction is its owner's, and the admins'.
func maySee(a cifra.Actor, p *cifra.Prediction) bool {
	switch {
	case a.User.IsAdmin():
		return true
	case p.UserID != 0:
		return a.UserID() == p.UserID
	default:
		return p.Guest != "" && a.Guest == p.Guest
	}
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
