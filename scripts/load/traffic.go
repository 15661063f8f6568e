package main

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	mrand "math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cifra/scripts/servers"
)

// traffic is what the clients share.
type traffic struct {
	servers.State

	admin    string   // token
	tokens   []string // of the users
	examples [][]byte // pictures that are sent again and again
	drawing  image.Image
	web      *http.Client

	now      atomic.Pointer[string] // the phase
	promoted atomic.Pointer[promotion]
	records  records
	ledger   ledger
	last     sync.Map // API → the last prediction's id, for pages and feedback
}

// promotion is the version that every answer must come from after a moment.
type promotion struct {
	model string
	since time.Time
}

// followWithin is how soon all instances answer with a promoted model.
const followWithin = 2 * time.Second

const exampleFile = "static/examples/crossed-seven.png"

func newTraffic(ctx context.Context, s servers.State) (*traffic, error) {
	t := &traffic{State: s, web: &http.Client{Timeout: 15 * time.Second}}
	t.phase("warming")
	b, err := os.ReadFile(exampleFile)
	if err != nil {
		return nil, err
	}
	if t.drawing, err = png.Decode(bytes.NewReader(b)); err != nil {
		return nil, err
	}
	for range 20 {
		e, err := t.newPicture()
		if err != nil {
			return nil, err
		}
		t.examples = append(t.examples, e)
	}
	if t.admin, err = t.signIn(ctx, s.Admin, s.Password); err != nil {
		return nil, err
	}
	for range 4 {
		name, password := "load-"+crand.Text()[:12], crand.Text()
		body := fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)
		if status, b, err := t.call(ctx, http.MethodPost, "/api/v1/register", "", "application/json", []byte(body)); err != nil || status != http.StatusCreated {
			return nil, fmt.Errorf("register: %d %s %w", status, b, err)
		}
		token, err := t.signIn(ctx, name, password)
		if err != nil {
			return nil, err
		}
		t.tokens = append(t.tokens, token)
	}
	return t, nil
}

func (t *traffic) phase(name string) { t.now.Store(&name) }

func (t *traffic) signIn(ctx context.Context, name, password string) (string, error) {
	body := fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)
	status, b, err := t.call(ctx, http.MethodPost, "/api/v1/login", "", "application/json", []byte(body))
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("sign in as %s: %d %s %w", name, status, b, err)
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	return answer.Token, json.Unmarshal(b, &answer)
}

// call sends a request to the balancer and reads the whole answer.
func (t *traffic) call(ctx context.Context, method, path, token, kind string, body []byte, headers ...string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, t.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := t.web.Do(req)
	if err != nil {
		return 0, nil, err
	}
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, b, errors.Join(err, res.Body.Close())
}

// client asks one thing after the other, with a person's pause in between, until ctx ends.
func (t *traffic) client(ctx context.Context, n int) {
	token := t.tokens[n%len(t.tokens)]
	for ctx.Err() == nil {
		var err error
		switch dice := mrand.IntN(100); {
		case dice < 40:
			err = t.predict(ctx, "predict, seen before", token, t.examples[mrand.IntN(len(t.examples))])
		case dice < 55:
			var picture []byte
			if picture, err = t.newPicture(); err == nil {
				err = t.predict(ctx, "predict, new", token, picture)
			}
		case dice < 70:
			t.get(ctx, "page", "/", "")
		case dice < 80:
			if id, ok := t.last.Load(token); ok {
				t.get(ctx, "prediction", "/api/v1/predictions/"+id.(string), token) //nolint:forcetypeassert // stored below
			}
		default:
			t.feedback(ctx, token)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
		}
		pause(ctx, 10*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// predict uploads a picture, and checks that the answer comes from the model that serves.
func (t *traffic) predict(ctx context.Context, what, token string, picture []byte) error {
	body, kind, err := form(picture)
	if err != nil {
		return err
	}
	began, phase := time.Now(), *t.now.Load()
	must := t.promoted.Load()
	status, b, err := t.call(ctx, http.MethodPost, "/api/v2/predict", token, kind, body)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the test is over
	}
	t.records.add(phase, *t.now.Load(), what, outcome(status, err), began)
	if status != http.StatusOK {
		return nil
	}
	var answer struct {
		ID    string `json:"id"`
		Model string `json:"modelo"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	t.last.Store(token, answer.ID)
	if must != nil && began.After(must.since.Add(followWithin)) {
		t.records.served(answer.Model == must.model)
	}
	return nil
}

func (t *traffic) get(ctx context.Context, what, path, token string) {
	began, phase := time.Now(), *t.now.Load()
	status, _, err := t.call(ctx, http.MethodGet, path, token, "", nil)
	if ctx.Err() == nil {
		t.records.add(phase, *t.now.Load(), what, outcome(status, err), began)
	}
}

// form is a picture as the API's clients send it.
func form(picture []byte) (body []byte, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "seven.png")
	if err != nil {
		return nil, "", err
	}
	_, err = part.Write(picture)
	err = errors.Join(err, w.Close()) // which writes the form's end
	return b.Bytes(), w.FormDataContentType(), err
}

// newPicture is a drawing that nobody has sent before: one with some specks of its own.
func (t *traffic) newPicture() ([]byte, error) {
	box := t.drawing.Bounds()
	pic := image.NewRGBA(box)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			pic.Set(x, y, t.drawing.At(x, y))
		}
	}
	for range 8 {
		pic.Set(box.Min.X+mrand.IntN(box.Dx()), box.Min.Y+mrand.IntN(box.Dy()), color.Gray{Y: uint8(mrand.IntN(256))})
	}
	var b bytes.Buffer
	err := png.Encode(&b, pic)
	return b.Bytes(), err
}
