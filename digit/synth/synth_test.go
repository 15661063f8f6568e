package synth_test

import (
	"bytes"
	"image"
	_ "image/jpeg" // for the examples
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra/digit/synth"
)

func TestEveryFormIsWritten(t *testing.T) {
	for class := range 10 {
		if len(synth.Forms(class)) == 0 {
			t.Errorf("digit %d: got no forms", class)
		}
		for _, form := range synth.Forms(class) {
			for _, style := range []synth.Style{{Form: form}, {Form: form, Wild: 1}, {Form: form, Wild: -1}, {Form: form, Slant: .5, Width: 2}} {
				g := synth.Digit(3, class, style)
				x0, y0, x1, y1 := g.Bounds()
				if long := max(x1-x0, y1-y0); math.Abs(long-1) > 1e-9 {
					t.Errorf("digit %d, %+v: got a long side of %v, want 1", class, style, long)
				}
				if math.Abs(x0+x1) > 1e-9 || math.Abs(y0+y1) > 1e-9 {
					t.Errorf("digit %d, %+v: got a middle of (%v, %v), want (0, 0)", class, style, (x0+x1)/2, (y0+y1)/2)
				}
				for _, s := range g.Strokes {
					for _, p := range s {
						if !(p.Press > .1 && p.Press < 2) {
							t.Fatalf("digit %d, %+v: got pressure %v", class, style, p.Press)
						}
					}
				}
			}
		}
	}
}

func TestOneSeedGivesOnePicture(t *testing.T) {
	scene := func(seed uint64) *image.RGBA { return synth.Photograph(seed, 4, synth.Combination) }
	tests := []struct {
		name string
		draw func(seed uint64) *image.RGBA
	}{
		{"a drawing", func(seed uint64) *image.RGBA { return synth.Drawing{Side: 100}.Image(seed, 4) }},
		{"a photograph", scene},
		{"a letter", func(seed uint64) *image.RGBA { return synth.OtherDrawing(seed, synth.Letter) }},
		{"a texture", func(seed uint64) *image.RGBA { return synth.OtherPhotograph(seed, synth.Texture, synth.PlainPaper) }},
	}
	for _, tt := range tests {
		if !bytes.Equal(tt.draw(7).Pix, tt.draw(7).Pix) {
			t.Errorf("%s: got two pictures of one seed", tt.name)
		}
		if bytes.Equal(tt.draw(7).Pix, tt.draw(8).Pix) {
			t.Errorf("%s: got one picture of two seeds", tt.name)
		}
	}
	if diff := cmp.Diff(synth.Digit(5, 2, synth.Style{}), synth.Digit(5, 2, synth.Style{})); diff != "" {
		t.Errorf("two digits of one seed differ:\n%s", diff)
	}
}

// TestEveryKindShowsItsDigit compares each photograph with the same one without a digit.
func TestEveryKindShowsItsDigit(t *testing.T) {
	for _, kind := range synth.Kinds() {
		s := synth.NewScene(2, kind)
		with, without := s.Image(2, synth.Digit(2, 8, synth.Style{})), s.Image(2, synth.Glyph{})
		changed, inkless := 0, 0
		for i := 0; i < len(with.Pix); i += 4 {
			if d := int(with.Pix[i+1]) - int(without.Pix[i+1]); d < -12 || d > 12 {
				changed++
			} else {
				inkless++
			}
		}
		if share := float64(changed) / float64(changed+inkless); share < .0005 || share > .4 {
			t.Errorf("%s: got ink on %.4f of the picture", kind, share)
		}
	}
}

func TestEveryOtherIsDrawn(t *testing.T) {
	for _, other := range synth.Others() {
		for seed := range uint64(20) {
			g := synth.NotDigit(seed, other)
			hasStrokes := other != synth.Blank && other != synth.Lines && other != synth.Texture
			if got := len(g.Strokes) > 0; got != hasStrokes {
				t.Errorf("%s, seed %d: got strokes %v, want %v", other, seed, got, hasStrokes)
			}
			for _, s := range g.Strokes {
				for _, p := range s {
					if !(math.Abs(p.X) < .501 && math.Abs(p.Y) < .501) {
						t.Fatalf("%s, seed %d: got a point at (%v, %v), want it within the box", other, seed, p.X, p.Y)
					}
				}
			}
		}
	}
}

// TestExamplesAreTheCommittedOnes draws every example again. The bytes may change with the encoders of another Go;
// the pixels may not.
func TestExamplesAreTheCommittedOnes(t *testing.T) {
	const folder = "../../static/examples"
	total := 0
	names := map[string]bool{}
	for _, e := range synth.Examples() {
		names[e.Name] = true
		stored, err := os.ReadFile(filepath.Join(folder, e.Name))
		if err != nil {
			t.Fatalf("%v: run go run ./digit/synth/examples", err)
		}
		total += len(stored)
		if len(stored) > 40_000 {
			t.Errorf("%s: got %d bytes, want 40,000 at most", e.Name, len(stored))
		}
		drawn, err := e.Content()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stored, drawn) {
			if d := difference(t, stored, drawn); d > 1.5 {
				t.Errorf("%s: got pixels %.2f levels away from the committed ones: run go run ./digit/synth/examples", e.Name, d)
			}
		}
	}
	if total > 200_000 {
		t.Errorf("got %d bytes in all, want 200,000 at most", total)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !names[e.Name()] {
			t.Errorf("%s lies in the folder, but no example has that name", e.Name())
		}
	}
}

// difference returns the mean difference of two encoded pictures, in levels of 255.
func difference(t *testing.T, a, b []byte) float64 {
	t.Helper()
	x, _, errA := image.Decode(bytes.NewReader(a))
	y, _, errB := image.Decode(bytes.NewReader(b))
	if errA != nil || errB != nil || x.Bounds() != y.Bounds() {
		t.Fatalf("got pictures that cannot be compared: %v, %v", errA, errB)
	}
	var sum float64
	for v := range x.Bounds().Dy() {
		for u := range x.Bounds().Dx() {
			r1, g1, b1, _ := x.At(u, v).RGBA()
			r2, g2, b2, _ := y.At(u, v).RGBA()
			sum += math.Abs(float64(r1)-float64(r2)) + math.Abs(float64(g1)-float64(g2)) + math.Abs(float64(b1)-float64(b2))
		}
	}
	return sum / 257 / 3 / float64(x.Bounds().Dx()*x.Bounds().Dy())
}

func BenchmarkDrawing(b *testing.B) {
	for b.Loop() {
		synth.Drawing{}.Image(1, 8)
	}
}

func BenchmarkPhotograph(b *testing.B) {
	for b.Loop() {
		synth.Photograph(1, 8, synth.Combination)
	}
}
