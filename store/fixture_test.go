package store_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// picture returns a picture that n tells apart from others, with something in every field.
func picture(n int) *cifra.Picture {
	sum := sha256.Sum256(fmt.Append(nil, n))
	return &cifra.Picture{
		Hash: hex.EncodeToString(sum[:]), Preparation: "p1", Views: bytes.Repeat([]byte{0, 255, byte(n)}, cifra.Pixels),
		Steps: []string{cifra.StepShrunk, cifra.StepInverted}, Boxes: []cifra.Box{{X: 1, Y: 2, W: 30, H: 40}, {X: 50, Y: 2, W: 30, H: 41}},
		Ink: cifra.Ink{Fraction: 0.1, Contrast: 200.5, Components: 2, Stroke: 1.0 / 3}, Width: 640, Height: 480,
		Thumbnail: []byte("\x89PNG\r\n\x1a\n\x00'\\"), Format: "jpeg",
	}
}

// prediction returns a prediction about pic by nobody, with something in every field.
func prediction(pic *cifra.Picture) *cifra.Prediction {
	return &cifra.Prediction{
		ID: rand.Text(), API: cifra.V2, ImageHash: pic.Hash, FileName: "siete.jpg",
		Reading: cifra.Reading{
			Model: "v2-0a1b2c3d", Digit: 7, Probability: 0.1 + 0.2, Probabilities: [10]float64{7: 0.1 + 0.2, 1: 1 - (0.1 + 0.2)},
			Reason: cifra.ReasonUnsure, Digits: []cifra.ReadDigit{{Digit: 7, Probability: 0.3, Box: cifra.Box{X: 1, Y: 2, W: 30, H: 40}}},
		},
		Provenance: cifra.Provenance{
			Source: cifra.SourceCache, Origin: cifra.SourceModel, Outcome: cifra.HitL2, Reason: "flushed by ana 14:03:11", Tier: "redis",
			Age: 3 * time.Second, TTL: -time.Nanosecond, Took: 1234 * time.Nanosecond, Saved: time.Hour, By: "a",
			ComputedAt: storetest.Start.Add(-time.Minute), ExpiresAt: storetest.Start.Add(time.Minute), Key: "k:1", Degraded: true,
			Steps: []cifra.Step{{Name: "l1", Desc: "miss", Took: 5}, {Name: "l2", Start: 5, Took: 7}},
		},
		CreatedAt: storetest.Start,
	}
}

// addPrediction keeps a prediction about picture n by who and returns it.
func addPrediction(t testing.TB, db *store.DB, who cifra.Actor, n int) *cifra.Prediction {
	t.Helper()
	pic := picture(n)
	p := prediction(pic)
	p.UserID, p.Guest, p.CreatedAt = who.UserID(), who.Guest, time.Time{}
	if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{UserID: who.UserID(), Username: who.Name(), Action: cifra.ActionPredictV2}); err != nil {
		t.Fatalf("add prediction: %v", err)
	}
	return p
}

// addUser keeps a user of this name and returns it.
func addUser(t testing.TB, db *store.DB, name string) *cifra.User {
	t.Helper()
	u := &cifra.User{Username: name, Role: cifra.RoleUser, PasswordHash: "$argon2id$"}
	if err := db.AddUser(t.Context(), u, cifra.Audit{Action: cifra.ActionRegister}); err != nil {
		t.Fatalf("add user %q: %v", name, err)
	}
	return u
}

// addModel keeps a version for api whose weights are those bytes, and returns it.
func addModel(t testing.TB, db *store.DB, api cifra.API, weights string) *cifra.ModelVersion {
	t.Helper()
	sum := sha256.Sum256([]byte(weights))
	m := &cifra.ModelVersion{
		API: api, SHA256: hex.EncodeToString(sum[:]), Weights: []byte(weights), Note: "from the digits of 1998", By: "embedded",
		Metrics: map[string]float64{"accuracy": 0.9931},
	}
	m.ID = string(api) + "-" + m.SHA256[:8]
	if err := db.AddModel(t.Context(), m); err != nil {
		t.Fatalf("add model: %v", err)
	}
	return m
}

// wantCode checks the code of an error.
func wantCode(t testing.TB, what string, err error, want cifra.Code) {
	t.Helper()
	if got := cifra.CodeOf(err); got != want {
		t.Errorf("%s: got code %q (%v), want %q", what, got, err, want)
	}
}
