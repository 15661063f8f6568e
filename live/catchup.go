package live

import (
	"context"
	"errors"

	"github.com/coder/websocket"
)

// maxReplay is how many events are read again at most for a socket that was away. Whoever missed more loads the page anew.
const maxReplay = 10_000

// catchUp sends the events after number since that concern the socket's room, and then has it take part. Between the
// last one that it reads and the first one that is handed out there is neither a gap nor a double: the socket enters
// the room under the same lock under which events are handed out, and only when it has read all of those before.
func (h *Hub) catchUp(ctx context.Context, conn *websocket.Conn, c *client, since int64) error {
	if since < 0 {
		h.enterNow(c)
		return h.begin(ctx, conn, c)
	}
	last, err := h.o.Log.LastSeq(ctx)
	if err != nil {
		return err
	}
	pruned, err := h.o.Log.PrunedSeq(ctx)
	if err != nil {
		return err
	}
	// A number far beyond the last one is of another database. (A little beyond is possible: see [Log.LastSeq].)
	tooFar := since > last+batch || since < pruned
	for read := 0; !tooFar && !h.enter(c, since); {
		events, err := h.o.Log.Events(ctx, since, batch)
		if err != nil {
			return err
		}
		if len(events) == 0 { // those up to the hub's number were there a moment ago, so this can't be
			return errors.New("live: the outbox lost events")
		}
		for _, e := range events {
			since = e.Seq
			if !c.room.wants(e) {
				continue
			}
			if m := h.message(c.room.Name, c.language, e); m != nil {
				if err := h.write(ctx, conn, m); err != nil {
					return err
				}
			}
		}
		read += len(events)
		tooFar = read >= maxReplay
	}
	if tooFar {
		h.enterNow(c)
		return h.write(ctx, conn, pulseAt("reload", c.after))
	}
	return h.begin(ctx, conn, c)
}

// begin tells a page up to which number it has seen everything.
func (h *Hub) begin(ctx context.Context, conn *websocket.Conn, c *client) error {
	if c.language == "" {
		return nil
	}
	return h.write(ctx, conn, pulseAt("hello", c.after))
}

// enterNow has a socket take part from now on.
func (h *Hub) enterNow(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.after = h.seq
	c.room.clients[c] = struct{}{}
}

// enter has a socket that has seen everything up to number seq take part, unless more than that was handed out already.
func (h *Hub) enter(c *client, seq int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq < h.seq {
		return false
	}
	c.after = seq
	c.room.clients[c] = struct{}{}
	return true
}
