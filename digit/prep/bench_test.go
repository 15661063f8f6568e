package prep_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"cifra/digit/prep"
	"cifra/digit/synth"
)

// photograph is a noisy, shaded JPEG of w×h with a digit in its middle.
func photograph(tb testing.TB, w, h int) []byte {
	tb.Helper()
	side := min(w, h)
	d := synth.Drawing{Side: side, Pen: .5, Size: .4}.Image(3, 5)
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			light := .55 + .35*float64(x)/float64(w) + .02*r.NormFloat64()
			p := [3]uint8{255, 255, 255}
			if dx, dy := x-(w-side)/2, y-(h-side)/2; dx >= 0 && dy >= 0 && dx < side && dy < side {
				i := d.PixOffset(dx, dy)
				copy(p[:], d.Pix[i:i+3])
			}
			i := img.PixOffset(x, y)
			for k, v := range p {
				img.Pix[i+k] = uint8(max(0, min(255, float64(v)*light+10*float64(k))))
			}
			img.Pix[i+3] = 255
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, content []byte) {
	b.Helper()
	benchmarkAsking(b, content, nil)
}

func benchmarkAsking(b *testing.B, content []byte, read prep.Reader) {
	b.Helper()
	p := prep.New(prep.Options{Read: read})
	b.ReportAllocs()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if _, err := p.Prepare(b.Context(), content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPhotograph4MP(b *testing.B)  { benchmark(b, photograph(b, 2304, 1728)) }
func BenchmarkPhotograph12MP(b *testing.B) { benchmark(b, photograph(b, 4000, 3000)) }

// BenchmarkNoDigit4MP is BenchmarkPhotograph4MP where no look shows a digit: two others are tried, as the ground is light.
func BenchmarkNoDigit4MP(b *testing.B) {
	benchmarkAsking(b, photograph(b, 2304, 1728), func([]byte) (int, float64) { return 0, 0 })
}

func BenchmarkDrawing280(b *testing.B) { benchmarkDrawing(b, 280) }

// BenchmarkDrawing384 is of the size that the page's pad sends.
func BenchmarkDrawing384(b *testing.B) { benchmarkDrawing(b, 384) }

func benchmarkDrawing(b *testing.B, side int) {
	b.Helper()
	content, err := synth.Drawing{Side: side}.PNG(1, 5)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, content)
}

// BenchmarkDecode4MP is what the library takes of BenchmarkPhotograph4MP.
func BenchmarkDecode4MP(b *testing.B) {
	content := photograph(b, 2304, 1728)
	for b.Loop() {
		if _, err := jpeg.Decode(bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
