package predict

import (
	"context"

	"cifra"
)

// History is what the service needs of the store for all that somebody kept. [cifra/store.DB] is one.
type History interface {
	// Predictions returns a page of who's own predictions, newest first, with their thumbnails. next is "" on the last page.
	// Invalid where nobody gave out the cursor.
	Predictions(ctx context.Context, who cifra.Actor, f cifra.HistoryFilter, cursor string, perPage int) (items []cifra.Recognition, next string, err error)
	// DeletePredictions deletes those of at most 200 predictions that are who's, where ids is empty the newest 200,
	// and returns the hashes of their images.
	DeletePredictions(ctx context.Context, who cifra.Actor, ids []string, a cifra.Audit) (images []string, err error)
	// SharePrediction opens who's prediction to whoever has its address, or closes it. NotFound where it is not who's.
	SharePrediction(ctx context.Context, who cifra.Actor, id string, shared bool, a cifra.Audit) error
}

// deleteAtOnce is how many predictions one call of the store deletes.
const deleteAtOnce = 200

// History returns a page of the asker's own predictions, newest first, with their thumbnails.
func (s *Service) History(ctx context.Context, f cifra.HistoryFilter, cursor string, perPage int) ([]cifra.Recognition, string, error) {
	return s.Store.Predictions(ctx, cifra.ActorFrom(ctx), f, cursor, perPage)
}

// DeleteSome deletes those of the predictions that are the asker's, as [Service.Delete] does, and returns how many
// they were.
func (s *Service) DeleteSome(ctx context.Context, ids []string) (n int, err error) {
	for len(ids) > 0 {
		batch := ids[:min(len(ids), deleteAtOnce)]
		ids = ids[len(batch):]
		gone, err := s.deleteBatch(ctx, batch)
		n += gone
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// DeleteAll deletes everything that the asker kept, and returns how many predictions that were. It goes on in small
// steps until nothing is left or ctx ends.
func (s *Service) DeleteAll(ctx context.Context) (n int, err error) {
	for {
		gone, err := s.deleteBatch(ctx, nil)
		n += gone
		if err != nil || gone < deleteAtOnce {
			return n, err
		}
	}
}

func (s *Service) deleteBatch(ctx context.Context, ids []string) (int, error) {
	images, err := s.Store.DeletePredictions(ctx, cifra.ActorFrom(ctx), ids, s.audit(ctx, cifra.ActionDelete, ""))
	if err != nil {
		return 0, err
	}
	s.forgetImages(ctx, images)
	return len(images), nil
}

// forgetImages drops every cached answer about the images, once they were deleted.
func (s *Service) forgetImages(ctx context.Context, hashes []string) {
	done := make(map[string]bool, len(hashes))
	for _, h := range hashes {
		if !done[h] {
			s.Cache.InvalidateTag(ctx, ImageTag(h), "deleted by "+cifra.ActorFrom(ctx).Name())
			done[h] = true
		}
	}
}

// Share opens one of the asker's predictions to whoever has its address, or closes it again.
// NotFound where it is not the asker's, admins included.
func (s *Service) Share(ctx context.Context, id string, shared bool) error {
	details := "id=" + id + " shared=false"
	if shared {
		details = "id=" + id + " shared=true"
	}
	return s.Store.SharePrediction(ctx, cifra.ActorFrom(ctx), id, shared, s.audit(ctx, cifra.ActionShare, details))
}

// audit is a line about what the asker does.
func (s *Service) audit(ctx context.Context, action cifra.Action, details string) cifra.Audit {
	actor := cifra.ActorFrom(ctx)
	return cifra.Audit{
		UserID: actor.UserID(), Username: actor.Name(), Action: action, IP: actor.IP, At: s.Now().UTC(), Details: details,
	}
}
