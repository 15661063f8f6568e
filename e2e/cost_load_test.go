package e2e

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra/digit/synth"
)

// request is what the load asks again and again.
type request struct {
	url, token, kind string
	body             []byte
	compressed       bool
}

// answer sends the request once and returns what came.
func (r request) answer(t *testing.T) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", r.url, res.Status, err)
	}
	return b
}

// ask sends the request over several connections for a while, rate times a second at most where that isn't 0, counts the
// answers, and returns the size of one.
func (r request) ask(t *testing.T, d time.Duration, rate float64, n *atomic.Int64) (size int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	transport := &http.Transport{MaxIdleConnsPerHost: *connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	web := &http.Client{Transport: transport}
	var all sync.WaitGroup
	var last, asked atomic.Int64
	began := time.Now()
	for range *connections {
		all.Go(func() {
			for ctx.Err() == nil {
				if rate > 0 {
					turn := began.Add(time.Duration(float64(asked.Add(1)) / rate * float64(time.Second)))
					select {
					case <-ctx.Done():
						return
					case <-time.After(time.Until(turn)):
					}
				}
				method := http.MethodGet
				if r.body != nil {
					method = http.MethodPost
				}
				req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, r.url, bytes.NewReader(r.body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+r.token)
				if r.kind != "" {
					req.Header.Set("Content-Type", r.kind)
				}
				if r.compressed {
					req.Header.Set("Accept-Encoding", "gzip")
				}
				res, err := web.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.Copy(io.Discard, res.Body)
				if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("%s: %s, %v", r.url, res.Status, err)
					return
				}
				last.Store(got)
				if n != nil {
					n.Add(1)
				}
			}
		})
	}
	all.Wait()
	return int(last.Load())
}

// pictureOf is a PNG of some seven in about so many bytes.
func pictureOf(t *testing.T, size int) []byte {
	t.Helper()
	picture, err := synth.Drawing{}.PNG(3, 7)
	if err != nil {
		t.Fatal(err)
	}
	if size < len(picture) { // the smallest that there is: 28 × 28, black on white
		return smallPNG(t)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2)) // noise, the same each time
	for share := 1; ; share++ {
		noisy := image.NewGray(img.Bounds())
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				g := color.GrayModel.Convert(img.At(x, y)).(color.Gray) //nolint:forcetypeassert // that model's
				if random.IntN(100) < share {
					g.Y = uint8(max(0, int(g.Y)-random.IntN(12)))
				}
				noisy.SetGray(x, y, g)
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, noisy); err != nil {
			t.Fatal(err)
		}
		if b.Len() >= size || share == 100 {
			return b.Bytes()
		}
	}
}

// smallPNG is a seven of a few strokes, 28 × 28, in a palette of two colours.
func smallPNG(t *testing.T) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 28, 28), color.Palette{color.White, color.Black})
	for i := range 15 {
		for w := range 3 {
			img.SetColorIndex(6+i, 5+w, 1)
			img.SetColorIndex(20-i*2/3+w, 5+i, 1)
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
