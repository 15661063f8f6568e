package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/handlers"
	"cifra/httpcache"
	"cifra/store"
)

// countedStore is the store, which has everybody's remembered statistics forgotten when they do what changes them.
type countedStore struct {
	*store.DB
	cache *cache.Cache
	layer *httpcache.Layer
}

// openMyStats makes the response cache of everybody's own statistics.
func (a *app) openMyStats(s *Settings) *countedStore {
	return &countedStore{DB: a.db, cache: a.cache, layer: httpcache.New(a.cache, myStatsPolicy, httpcache.Options{
		Origin: cifra.SourceDatabase,
		Key: func(r *http.Request, k *httpcache.Key) bool {
			u := cifra.ActorFrom(r.Context()).User
			if u == nil {
				return false
			}
			k.User, k.Language = strconv.FormatInt(u.ID, 10), handlers.LanguageOf(r.Context())
			return true
		},
		Tags: func(k httpcache.Key) []string { return []string{"mystats:" + k.User} },
		Full: func(r *http.Request) bool { return s.Demo || cifra.ActorFrom(r.Context()).User.IsAdmin() },
	})}
}

func (s *countedStore) changed(ctx context.Context, userID int64, why string) {
	if userID != 0 {
		s.cache.InvalidateTag(ctx, fmt.Sprintf("mystats:%d", userID), why)
	}
}

// AddPrediction is [store.DB.AddPrediction].
func (s *countedStore) AddPrediction(ctx context.Context, p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) error {
	err := s.DB.AddPrediction(ctx, p, pic, a)
	if err == nil {
		s.changed(ctx, p.UserID, "a drawing was read")
	}
	return err
}

// DeletePrediction is [store.DB.DeletePrediction].
func (s *countedStore) DeletePrediction(ctx context.Context, id string, a cifra.Audit) error {
	err := s.DB.DeletePrediction(ctx, id, a)
	if err == nil {
		s.changed(ctx, a.UserID, "a drawing was deleted")
	}
	return err
}

// DeletePredictions is [store.DB.DeletePredictions].
func (s *countedStore) DeletePredictions(ctx context.Context, who cifra.Actor, ids []string, a cifra.Audit) ([]string, error) {
	images, err := s.DB.DeletePredictions(ctx, who, ids, a)
	if err == nil {
		s.changed(ctx, who.UserID(), "drawings were deleted")
	}
	return images, err
}

// ClaimGuest is [store.DB.ClaimGuest].
func (s *countedStore) ClaimGuest(ctx context.Context, guest string, userID int64) (int64, error) {
	n, err := s.DB.ClaimGuest(ctx, guest, userID)
	if err == nil && n > 0 {
		s.changed(ctx, userID, "what a guest did is theirs now")
	}
	return n, err
}

// AddFeedback is [store.DB.AddFeedback].
func (s *countedStore) AddFeedback(ctx context.Context, f *cifra.Feedback, key string, a cifra.Audit) (bool, error) {
	repeated, err := s.DB.AddFeedback(ctx, f, key, a)
	if err == nil {
		s.changed(ctx, f.UserID, "an answer was judged")
	}
	return repeated, err
}

// WithdrawFeedback is [store.DB.WithdrawFeedback].
func (s *countedStore) WithdrawFeedback(ctx context.Context, id int64, who cifra.Actor, since time.Time, a cifra.Audit) error {
	err := s.DB.WithdrawFeedback(ctx, id, who, since, a)
	if err == nil {
		s.changed(ctx, who.UserID(), "a judgement was taken back")
	}
	return err
}
