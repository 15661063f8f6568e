package prep_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// checkPicture holds a picture to what every picture promises.
func checkPicture(t *testing.T, p *cifra.Picture) {
	t.Helper()
	if p.Preparation != prep.Version {
		t.Errorf("got preparation %q, want %q", p.Preparation, prep.Version)
	}
	if len(p.Hash) != 64 {
		t.Errorf("got hash %q, want 64 hex digits", p.Hash)
	}
	if len(p.Views) == 0 || len(p.Views)%cifra.Pixels != 0 {
		t.Errorf("got views of %d bytes, want a multiple of %d", len(p.Views), cifra.Pixels)
	}
	if p.Boxes == nil {
		t.Error("got nil boxes, want an empty list at least")
	}
	for _, b := range p.Boxes {
		if b.X < 0 || b.Y < 0 || b.W < 1 || b.H < 1 || b.X+b.W > p.Width || b.Y+b.H > p.Height {
			t.Errorf("got box %+v outside of %d×%d", b, p.Width, p.Height)
		}
	}
	if !slices.IsSortedFunc(p.Boxes, func(a, b cifra.Box) int { return a.X - b.X }) {
		t.Errorf("got boxes %v, want reading order", p.Boxes)
	}
	if k := p.Ink; k.Fraction < 0 || k.Fraction > 1.0001 || k.Contrast < 0 || k.Contrast > 255 || k.Stroke < 0 {
		t.Errorf("got ink %+v out of range", k)
	}
	thumb, err := png.Decode(bytes.NewReader(p.Thumbnail))
	if err != nil {
		t.Fatalf("thumbnail: %v", err)
	}
	if s := thumb.Bounds().Size(); s.X > 160 || s.Y > 160 {
		t.Errorf("got a thumbnail of %v, want 160×160 at most", s)
	}
}

func TestPictureTellsWhatWasDone(t *testing.T) {
	content := asPNG(t, five())
	p, err := prep.Prepare(t.Context(), content)
	if err != nil {
		t.Fatal(err)
	}
	checkPicture(t, p)
	sum := sha256.Sum256(content)
	if want := hex.EncodeToString(sum[:]); p.Hash != want {
		t.Errorf("got hash %s, want %s", p.Hash, want)
	}
	if p.Width != 240 || p.Height != 240 || p.Format != "png" {
		t.Errorf("got %d×%d %s, want 240×240 png", p.Width, p.Height, p.Format)
	}
	if len(p.Boxes) != 1 {
		t.Fatalf("got %d boxes, want 1", len(p.Boxes))
	}
	if want := []string{cifra.StepCropped, cifra.StepStroke, cifra.StepCentred}; !slices.Equal(p.Steps, want) {
		t.Errorf("got steps %v, want %v", p.Steps, want)
	}
}

// TestPreparedDigitsAreAsModelsExpectThem looks at every digit: a box of 20, the centre of mass in the middle.
func TestPreparedDigitsAreAsModelsExpectThem(t *testing.T) {
	for seed := range uint64(5) {
		for class := range 10 {
			p, err := prep.Image(t.Context(), synth.Drawing{}.Image(seed, class))
			if err != nil {
				t.Fatal(err)
			}
			var sum, sx, sy float64
			x0, x1, y0, y1 := 28, 0, 28, 0
			for i, v := range p.Views[:cifra.Pixels] {
				x, y := i%28, i/28
				sum += float64(v)
				sx += float64(v) * float64(x)
				sy += float64(v) * float64(y)
				if v > 20 {
					x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
				}
			}
			if cx, cy := sx/sum-13.5, sy/sum-13.5; max(cx, -cx, cy, -cy) > .75 {
				t.Errorf("digit %d, seed %d: got the centre of mass off by (%.2f, %.2f), want half a pixel", class, seed, cx, cy)
			}
			if long := max(x1-x0, y1-y0) + 1; long < 18 || long > 21 {
				t.Errorf("digit %d, seed %d: got a long side of %d, want 20", class, seed, long)
			}
		}
	}
}

func TestBlankPicturesHaveNoBoxes(t *testing.T) {
	white := image.NewGray(image.Rect(0, 0, 280, 280))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	scene := synth.NewScene(3, synth.PlainPaper)
	paper, err := scene.JPEG(3, synth.Glyph{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		content []byte
	}{
		{"white", asPNG(t, white)},
		{"black", asPNG(t, image.NewGray(image.Rect(0, 0, 280, 280)))},
		{"clear", asPNG(t, image.NewNRGBA(image.Rect(0, 0, 280, 280)))},
		{"white as a JPEG", asJPEG(t, white)},
		{"small", asPNG(t, image.NewGray(image.Rect(0, 0, 28, 28)))},
		{"a photograph of paper", paper},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := prep.Prepare(t.Context(), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			checkPicture(t, p)
			if len(p.Boxes) != 0 || len(p.Views) != cifra.Pixels || slices.Max(p.Views) != 0 {
				t.Errorf("got boxes %v, want none, and one black view", p.Boxes)
			}
			if p.Ink.Contrast > 30 {
				t.Errorf("got contrast %.0f, want next to none", p.Ink.Contrast)
			}
		})
	}
}

func TestSeveralDigitsHaveBoxesInReadingOrder(t *testing.T) {
	line := image.NewRGBA(image.Rect(0, 0, 800, 240))
	for i := range line.Pix {
		line.Pix[i] = 255
	}
	for k, class := range []int{5, 2, 8} {
		d := synth.Drawing{Side: 240}.Image(9, class)
		for y := range 240 {
			copy(line.Pix[line.PixOffset(20+260*k, y):], d.Pix[d.PixOffset(0, y):d.PixOffset(239, y)+4])
		}
	}
	p, err := prep.Prepare(t.Context(), asPNG(t, line))
	if err != nil {
		t.Fatal(err)
	}
	checkPicture(t, p)
	if len(p.Boxes) != 3 {
		t.Fatalf("got boxes %v, want 3", p.Boxes)
	}
	if len(p.Views) != 3*cifra.Pixels {
		t.Errorf("got %d bytes of views, want one view for each box", len(p.Views))
	}
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	for k, d := range model.Read(p).Digits {
		if want := []int{5, 2, 8}[k]; d.Digit != want {
			t.Errorf("digit %d of the line: got %d, want %d", k, d.Digit, want)
		}
	}
	for k, b := range p.Boxes {
		if lo, hi := 20+260*k, 260+260*k; b.X < lo || b.X+b.W > hi {
			t.Errorf("box %d: got %+v, want it within %d to %d", k, b, lo, hi)
		}
	}
}

func TestADoneContextStopsPreparation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := prep.Prepare(ctx, asPNG(t, five()))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestSlowDecodingIsRefused(t *testing.T) {
	p := prep.New(prep.Options{DecodeTime: time.Nanosecond})
	_, err := p.Prepare(t.Context(), asJPEG(t, five()))
	if got, want := keyOf(t, err), "impossible error.file.slow"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOnePreparerServesManyAtOnce prepares different uploads together and wants what each gives alone.
func TestOnePreparerServesManyAtOnce(t *testing.T) {
	p := patient()
	var wg sync.WaitGroup
	for class := range 10 {
		content := asPNG(t, synth.Drawing{Side: 200}.Image(6, class))
		want, err := prep.Prepare(t.Context(), content)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wg.Go(func() {
				got, err := p.Prepare(t.Context(), content)
				if err != nil {
					t.Error(err)
					return
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("digit %d: got another picture:\n%s", class, diff)
				}
			})
		}
	}
	wg.Wait()
}

func TestExplainShowsEveryStage(t *testing.T) {
	content := photograph(t, 640, 480)
	stages, p, err := prep.Explain(t.Context(), content)
	if err != nil {
		t.Fatal(err)
	}
	want, err := prep.Prepare(t.Context(), content)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(p.Views, want.Views) {
		t.Error("got other pixels than Prepare")
	}
	if len(stages) < 4 {
		t.Errorf("got %d stages, want 4 at least", len(stages))
	}
	sheet := prep.Sheet(stages, 3, 100)
	if got, want := sheet.Bounds().Dx(), 3*108+8; got != want {
		t.Errorf("got a sheet %d px wide, want %d", got, want)
	}
}
