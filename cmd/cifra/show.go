package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/predict"
	"cifra/static"
	"cifra/store"
)

// showDigit is the show's last step: a drawing of the page's own, read as anybody's.
type showDigit struct {
	predict *predict.Service
	cache   *cache.Cache
	db      *store.DB
}

// showExample is the drawing.
const showExample = "crossed-seven"

func (d *showDigit) picture() ([]byte, string, error) {
	b, name, ok := static.Example(showExample)
	if !ok {
		return nil, "", fmt.Errorf("the drawing %s is not built in", showExample)
	}
	return b, name, nil
}

// settling is how long Forget waits for a Redis that was too late to be told.
const settling = 2 * time.Second

// Forget makes the cache forget the drawing. Where the shared cache has to be told once more, which would have the first
// answer forgotten too, it waits for that.
func (d *showDigit) Forget(ctx context.Context) error {
	b, _, err := d.picture()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	if !d.cache.InvalidateTag(ctx, predict.ImageTag(hex.EncodeToString(sum[:])), "the show begins").Pending {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	tick := time.NewTicker(settling / 100)
	defer tick.Stop()
	for d.cache.Status().Pending > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil // the show goes on without it
		}
	}
	return nil
}

// Read reads it, and keeps the answer.
func (d *showDigit) Read(ctx context.Context) (string, cifra.Provenance, error) {
	b, name, err := d.picture()
	if err != nil {
		return "", cifra.Provenance{}, err
	}
	r, err := d.predict.Predict(ctx, cifra.Upload{API: cifra.V2, Name: name, Content: b, Keep: true, Trace: true})
	if err != nil {
		return "", cifra.Provenance{}, err
	}
	return r.ID, r.Provenance, nil
}

// showGuest is in whose name the show corrects: always the same, so that there is one correction to review, however often
// the show was given; and no user's, so that nothing is learned of it unless an admin accepts it.
const showGuest = "show"

// Correct claims that the answer was wrong.
func (d *showDigit) Correct(ctx context.Context, id string) error {
	r, err := d.db.Prediction(ctx, id)
	if err != nil {
		return err
	}
	f := &cifra.Feedback{
		PredictionID: id, Guest: showGuest, Username: showGuest, API: r.API, Model: r.Reading.Model, Prediction: r.Reading.Digit, Label: 1,
	}
	if r.Reading.Digit == f.Label {
		f.Label = 7
	}
	a := cifra.ActorFrom(ctx)
	_, err = d.db.AddFeedback(ctx, f, "", cifra.Audit{
		UserID: a.UserID(), Username: a.Name(), Action: cifra.ActionFeedback, Details: "prediction=" + id + " in the show", IP: a.IP, At: time.Now().UTC(),
	})
	return err
}

// joinAddress is where phones in the hall find the server: at the address by which the presenter opened it, unless that
// is this machine's own name for itself; then at this machine's address in its network.
func joinAddress(scheme, host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	ip := net.ParseIP(name)
	if name != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return scheme + "://" + host + "/"
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return scheme + "://" + host + "/"
	}
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.To4() == nil || !n.IP.IsPrivate() {
			continue
		}
		u := url.URL{Scheme: scheme, Host: n.IP.String(), Path: "/"}
		if port != "" {
			u.Host = net.JoinHostPort(n.IP.String(), port)
		}
		return u.String()
	}
	return scheme + "://" + host + "/"
}
