package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"cifra"
)

// Serve opens a socket and serves it until either side closes it. An error of code NotFound (no such room), Invalid (no
// WebSocket request), Denied (from another site's page) or Unavailable (too many, or stopping) says that none was opened
// and nothing written.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, l cifra.Listener) error {
	room := h.rooms[l.Room]
	if room == nil {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	if err := mayUpgrade(r); err != nil {
		return err
	}
	ctx, cut := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cut(nil)
	c := newClient(room, l.Language, cut)
	if err := h.admit(c); err != nil {
		return err
	}
	defer h.dismiss(c)
	// Not compressed: the memory that takes for each socket is many times that of everything else about it.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return fmt.Errorf("live: %w", err) // it has written the answer
	}
	defer func() { _ = conn.CloseNow() }() // closed already where there was a goodbye
	conn.SetReadLimit(maxRead)
	go h.listen(ctx, conn, c, l)
	err = h.talk(ctx, conn, c, l)
	h.o.Logger.DebugContext(ctx, "a socket is closed", "room", l.Room, "why", err)
	return nil
}

// maxRead is the most bytes of a message that a socket may send.
const maxRead = 4 << 10

// mayUpgrade holds that a request asks for a WebSocket, and that no other site's page does.
func mayUpgrade(r *http.Request) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return cifra.E(cifra.Invalid, "error.socket")
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil // no browser
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return cifra.E(cifra.Denied, "error.origin")
	}
	return nil
}

func (h *Hub) admit(c *client) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping || h.open >= h.o.Max {
		return cifra.E(cifra.Unavailable, "error.socket.full").Retry(5 * time.Second)
	}
	h.open++
	h.all[c] = struct{}{}
	h.idle.Add(1)
	return nil
}

func (h *Hub) dismiss(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
	delete(h.all, c)
	delete(c.room.clients, c)
	h.idle.Done()
}

// listen reads what the other side sends, which is little: programs of the old system say join_admin.
func (h *Hub) listen(ctx context.Context, conn *websocket.Conn, c *client, l cifra.Listener) {
	for {
		_, b, err := conn.Read(ctx)
		if err != nil {
			c.cut(err)
			return
		}
		var m struct {
			Event string `json:"event"`
		}
		if c.language == "" && json.Unmarshal(b, &m) == nil && strings.HasPrefix(m.Event, "join_") {
			c.push(greeting(l.Welcome))
		}
	}
}

// greeting is what a program is answered with when it joins.
func greeting(sentence string) []byte {
	b, err := json.Marshal(map[string]any{"event": "message", "data": map[string]string{"data": sentence}})
	if err != nil {
		return nil // unreachable: text is JSON
	}
	return b
}

// talk sends what there is to say until the socket is to be closed, and returns why.
func (h *Hub) talk(ctx context.Context, conn *websocket.Conn, c *client, l cifra.Listener) error {
	if c.language == "" {
		if err := h.write(ctx, conn, greeting(l.Welcome)); err != nil {
			return err
		}
	}
	if err := h.catchUp(ctx, conn, c, l.Since); err != nil {
		if ctx.Err() == nil {
			h.o.Logger.WarnContext(ctx, "a socket can't catch up", "err", err)
			return h.close(conn, troubled)
		}
		return context.Cause(ctx)
	}
	beat := h.o.Times.Pulse
	if c.language == "" {
		beat = h.o.Times.Ping
	}
	pulse, check := time.NewTicker(beat), time.NewTicker(h.o.Times.Check)
	defer pulse.Stop()
	defer check.Stop()
	var later <-chan time.Time
	for {
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case r := <-c.out:
			return h.close(conn, r)
		case <-c.ready:
			for m := c.next(); m != nil && err == nil; m = c.next() {
				err = h.write(ctx, conn, m)
			}
		case <-pulse.C:
			err = h.beat(ctx, conn, c)
		case <-c.again:
			later = time.After(h.o.Times.Later)
			err = h.stillMay(ctx, l)
		case <-later:
			later = nil
			err = h.stillMay(ctx, l)
		case <-check.C:
			err = h.stillMay(ctx, l)
		}
		if errors.Is(err, errNoEntry) {
			return h.close(conn, noEntry)
		}
		if err != nil {
			return err
		}
	}
}

// errNoEntry is why a socket is closed whose owner signed out, or is no admin any more.
var errNoEntry = errors.New("live: may not listen any more")

// stillMay looks whether the socket's owner may still listen. Where that can't be found out just now, they may.
func (h *Hub) stillMay(ctx context.Context, l cifra.Listener) error {
	if l.Check == nil {
		return nil
	}
	select {
	case h.check <- struct{}{}:
		defer func() { <-h.check }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := l.Check(ctx)
	switch cifra.CodeOf(err) {
	case cifra.Unsigned, cifra.Denied:
		return fmt.Errorf("%w: %w", errNoEntry, err)
	case "":
		return nil
	default:
		h.o.Logger.WarnContext(ctx, "who listens can't be checked", "err", err)
		return nil
	}
}

// beat shows that the socket is alive: to a page with the number up to which it has seen everything, to a program by a ping.
func (h *Hub) beat(ctx context.Context, conn *websocket.Conn, c *client) error {
	if c.language == "" {
		ctx, cancel := context.WithTimeout(ctx, h.o.Times.Write)
		defer cancel()
		return conn.Ping(ctx)
	}
	h.mu.Lock()
	seq, idle := max(h.seq, c.after), c.idle()
	h.mu.Unlock()
	if !idle {
		return nil // what waits is sign enough
	}
	return h.write(ctx, conn, pulseAt("pulse", seq))
}

func pulseAt(event cifra.EventKind, seq int64) []byte {
	b, err := json.Marshal(said{Event: event, Seq: seq})
	if err != nil {
		return nil // unreachable: a word and a number are JSON
	}
	return b
}

func (h *Hub) write(ctx context.Context, conn *websocket.Conn, m []byte) error {
	ctx, cancel := context.WithTimeout(ctx, h.o.Times.Write)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, m)
}

// close says goodbye. The other side's own goodbye ends the reading goroutine.
func (h *Hub) close(conn *websocket.Conn, r reason) error {
	if err := conn.Close(r.code, r.text); err != nil {
		return fmt.Errorf("%s: %w", r.text, err)
	}
	return errors.New(r.text)
}
