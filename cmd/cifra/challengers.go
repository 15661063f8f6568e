package main

import (
	"context"

	"cifra"
)

// lookForChallengers has the versions that are held for comparison answer their share. One that can't be loaded answers
// nothing: then the champion answers all.
func (c *champions) lookForChallengers(ctx context.Context) {
	if c.share <= 0 {
		return
	}
	list, err := c.db.Challengers(ctx)
	if err != nil {
		return // the database is away: what answers goes on
	}
	held := make(map[cifra.API]string, len(list))
	for _, challenger := range list {
		held[challenger.API] = challenger.Model
	}
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		id := held[api]
		if c.held[api] == id {
			continue
		}
		if id == "" {
			c.models.Challenge(api, nil, 0)
			c.held[api] = ""
			c.log.InfoContext(ctx, "no challenger answers any more", "api", api)
			continue
		}
		m, err := c.load(ctx, api, id)
		if cifra.CodeOf(err) == cifra.Unavailable {
			continue
		}
		c.held[api] = id
		if err != nil {
			c.models.Challenge(api, nil, 0)
			c.log.ErrorContext(ctx, "the challenger cannot be loaded, and answers nothing", "api", api, "model", id, "err", err)
			continue
		}
		c.models.Challenge(api, m, c.share)
		c.log.InfoContext(ctx, "a challenger answers a share", "api", api, "model", id, "share", c.share)
	}
}

// ChallengerShare returns the share of the pictures that a challenger answers, 0 where none does.
func (c *champions) ChallengerShare() float64 { return c.share }
