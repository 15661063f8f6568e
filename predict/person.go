package predict

import (
	"context"
	"strconv"

	"cifra"
)

// Persons is what the service needs of the store to forget somebody. [cifra/store.DB] is one.
type Persons interface {
	// MayDelete returns Conflict for the last admin.
	MayDelete(ctx context.Context, id int64) error
	// DeleteUser removes an account and all that is left of theirs, and returns the hashes of the images of the predictions
	// that went with it. NotFound; Conflict for the last admin.
	DeleteUser(ctx context.Context, id int64, a cifra.Audit) (images []string, err error)
}

// DeleteUser deletes who asks: their predictions in small steps, then the account with all that is left, and every cached
// answer about their pictures. The last admin stays: Conflict, and then nothing is deleted.
func (s *Service) DeleteUser(ctx context.Context) error {
	u := cifra.ActorFrom(ctx).User
	if u.Role == cifra.RoleAdmin { // who may not go must keep everything: ask before deleting the first picture
		if err := s.Persons.MayDelete(ctx, u.ID); err != nil {
			return err
		}
	}
	if _, err := s.DeleteAll(ctx); err != nil {
		return err
	}
	images, err := s.Persons.DeleteUser(ctx, u.ID, s.audit(ctx, cifra.ActionUserDelete, "by its owner"))
	if err != nil {
		return err
	}
	s.forgetImages(ctx, images)
	s.Cache.InvalidateTag(ctx, "user:"+strconv.FormatInt(u.ID, 10), "account deleted")
	return nil
}
