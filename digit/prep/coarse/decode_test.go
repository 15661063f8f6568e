package coarse_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"cifra/digit/prep/coarse"
)

// scene is a smooth picture with edges, colours and a little noise.
func scene(w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(1, uint64(w*h)))
	o := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := 150 + 60*math.Sin(float64(x)/37) + 20*math.Cos(float64(y)/23) + 4*r.NormFloat64()
			c := color.RGBA{uint8(v), uint8(v * .9), uint8(v*.7 + 20), 255}
			if (x/40+y/56)%3 == 0 {
				c = color.RGBA{40, uint8(v / 3), 90, 255}
			}
			o.SetRGBA(x, y, c)
		}
	}
	return o
}

func encoded(tb testing.TB, img image.Image, quality int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func grey(img image.Image) *image.Gray {
	o := image.NewGray(img.Bounds())
	for y := range o.Rect.Dy() {
		for x := range o.Rect.Dx() {
			o.Set(x, y, img.At(x, y))
		}
	}
	return o
}

// planes are a picture's, each with its own number of samples a line.
func planes(img image.Image) (p [][]byte, stride []int) {
	switch m := img.(type) {
	case *image.Gray:
		return [][]byte{m.Pix}, []int{m.Stride}
	case *image.YCbCr:
		return [][]byte{m.Y, m.Cb, m.Cr}, []int{m.YStride, m.CStride, m.CStride}
	}
	return nil, nil
}

// TestPixelsAreMeans holds each pixel to the mean of those that image/jpeg gives.
func TestPixelsAreMeans(t *testing.T) {
	for _, size := range []image.Point{{640, 480}, {643, 475}, {1, 1}, {8, 300}, {17, 16}} {
		for _, quality := range []int{35, 75, 95} {
			for name, src := range map[string]image.Image{"colour": scene(size.X, size.Y), "grey": grey(scene(size.X, size.Y))} {
				content := encoded(t, src, quality)
				whole, err := jpeg.Decode(bytes.NewReader(content))
				if err != nil {
					t.Fatal(err)
				}
				for _, by := range []int{2, 4, 8} {
					t.Run(fmt.Sprintf("%s %v, quality %d, by %d", name, size, quality, by), func(t *testing.T) {
						got, err := coarse.Decode(t.Context(), content, by)
						if err != nil {
							t.Fatal(err)
						}
						want := image.Rect(0, 0, max(1, (size.X+by/2)/by), max(1, (size.Y+by/2)/by))
						if got.Bounds() != want {
							t.Fatalf("got %v, want %v", got.Bounds(), want)
						}
						compare(t, got, whole, by, size)
					})
				}
			}
		}
	}
}

func compare(t *testing.T, got, whole image.Image, by int, size image.Point) {
	t.Helper()
	gp, gs := planes(got)
	wp, ws := planes(whole)
	for k := range gp {
		step := by
		if k > 0 { // image/jpeg writes half as many samples of colour
			step /= 2
		}
		var worst, sum float64
		n := 0
		for y := range size.Y / by {
			for x := range size.X / by {
				mean := 0.
				for j := range step {
					for i := range step {
						mean += float64(wp[k][(y*step+j)*ws[k]+x*step+i])
					}
				}
				d := math.Abs(float64(gp[k][y*gs[k]+x]) - mean/float64(step*step))
				worst, sum, n = max(worst, d), sum+d, n+1
			}
		}
		// Rounding is half a level; clipping, which image/jpeg does before and we after the mean, a few at edges.
		if n > 0 && (sum/float64(n) > .6 || worst > 24) {
			t.Errorf("plane %d: got pixels %.2f off on average and %.1f at worst, want .6 and 24", k, sum/float64(n), worst)
		}
	}
}

func TestOthersAreLeftToImageJPEG(t *testing.T) {
	content := encoded(t, scene(200, 100), 80)
	progressive := bytes.Replace(content, []byte{0xff, 0xc0}, []byte{0xff, 0xc2}, 1)
	tests := []struct {
		name    string
		content []byte
		by      int
	}{
		{"nothing", nil, 8},
		{"magic bytes", content[:3], 8},
		{"text", []byte("not a picture at all"), 4},
		{"a progressive one", progressive, 4},
		{"no end", content[:len(content)-2], 2},
		{"half of the data", content[:len(content)/2], 8},
		{"a reduction that there is none of", content, 3},
		{"no reduction", content, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := coarse.Decode(t.Context(), tt.content, tt.by); !errors.Is(err, coarse.ErrOther) {
				t.Errorf("got %v, want %v", err, coarse.ErrOther)
			}
		})
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := coarse.Decode(done, content, 8); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestWhatIsReadImageJPEGReadsToo flips bits: whatever this package takes, image/jpeg takes, and they agree.
func TestWhatIsReadImageJPEGReadsToo(t *testing.T) {
	content := encoded(t, scene(96, 80), 60)
	taken := 0
	for i := range content {
		broken := bytes.Clone(content)
		broken[i] ^= 1 << (i % 8)
		taken += agrees(t, broken, 4)
	}
	if taken == 0 {
		t.Error("got no damaged file read: the test says nothing")
	}
}

// agrees decodes with both and compares. It returns 1 where this package read the file.
func agrees(t *testing.T, content []byte, by int) int {
	t.Helper()
	got, err := coarse.Decode(context.Background(), content, by)
	if err != nil {
		if !errors.Is(err, coarse.ErrOther) {
			t.Errorf("got %v, want %v", err, coarse.ErrOther)
		}
		return 0
	}
	whole, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil {
		t.Errorf("got a picture of a file that image/jpeg refuses: %v", err)
		return 1
	}
	b := whole.Bounds()
	if want := image.Rect(0, 0, max(1, (b.Dx()+by/2)/by), max(1, (b.Dy()+by/2)/by)); got.Bounds() != want {
		t.Errorf("got %v, want %v", got.Bounds(), want)
	}
	return 1
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, scene(40, 30), 50))
	f.Add(encoded(f, grey(scene(40, 30)), 90))
	f.Fuzz(func(t *testing.T, content []byte) {
		if c, err := jpeg.DecodeConfig(bytes.NewReader(content)); err == nil && c.Width*c.Height > 1<<20 {
			return // the size that a file claims bounds image/jpeg's memory and time here, as prep's limits do for uploads
		}
		agrees(t, content, 8)
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []image.Point{{1600, 1200}, {2304, 1728}, {4000, 3000}} {
		content := encoded(b, scene(size.X, size.Y), 85)
		by := 8
		for max(size.X, size.Y)/by < 384 {
			by /= 2
		}
		b.Run(fmt.Sprintf("%d×%d by %d", size.X, size.Y, by), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if _, err := coarse.Decode(b.Context(), content, by); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%d×%d by image/jpeg", size.X, size.Y), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if _, err := jpeg.Decode(bytes.NewReader(content)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
