package prep_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"maps"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// mapped draws img anew with each pixel's colour changed.
func mapped(img *image.RGBA, to xdraw.Image, change func(color.RGBA) color.Color) image.Image {
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			to.Set(x, y, change(img.RGBAAt(x, y)))
		}
	}
	return to
}

func plane(img *image.RGBA, channel int) *image.Gray {
	o := image.NewGray(img.Bounds())
	for i := range o.Pix {
		o.Pix[i] = img.Pix[4*i+channel]
	}
	return o
}

// versions of one drawing that must all give one answer, each made when it is asked for.
func versions(tb testing.TB, d *image.RGBA, sides []int) map[string]func() []byte {
	tb.Helper()
	b := d.Bounds()
	white := image.NewGray(b)
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	luma := func(c color.RGBA) uint8 { return color.GrayModel.Convert(c).(color.Gray).Y }
	png := func(img image.Image) []byte { return asPNG(tb, img) }
	recoloured := func(to xdraw.Image, change func(color.RGBA) color.Color) []byte { return png(mapped(d, to, change)) }
	same := func(c color.RGBA) color.Color { return c }
	o := map[string]func() []byte{
		"grey":        func() []byte { return recoloured(image.NewGray(b), same) },
		"16-bit grey": func() []byte { return recoloured(image.NewGray16(b), same) },
		"16-bit":      func() []byte { return recoloured(image.NewRGBA64(b), same) },
		"palette":     func() []byte { return png(paletted(d, greys(nil))) },
		"inverted": func() []byte {
			return recoloured(image.NewRGBA(b), func(c color.RGBA) color.Color {
				return color.RGBA{255 - c.R, 255 - c.G, 255 - c.B, 255}
			})
		},
		"transparent": func() []byte {
			return recoloured(image.NewNRGBA(b), func(c color.RGBA) color.Color {
				return color.NRGBA{0x1b, 0x1a, 0x17, uint8(255 * (255 - int(luma(c))) / 230 & 255)}
			})
		},
		"white on transparent": func() []byte {
			return recoloured(image.NewNRGBA(b), func(c color.RGBA) color.Color {
				return color.NRGBA{255, 255, 255, 255 - luma(c)}
			})
		},
		"transparent 16-bit": func() []byte {
			return recoloured(image.NewNRGBA64(b), func(c color.RGBA) color.Color {
				return color.NRGBA64{0, 0, 0, 257 * uint16(255-luma(c))}
			})
		},
		"transparent palette": func() []byte {
			return png(paletted(d, greys(func(l uint8) uint8 {
				if l > 250 {
					return 0
				}
				return 255
			})))
		},
		"blue ink": func() []byte {
			return recoloured(image.NewRGBA(b), func(c color.RGBA) color.Color {
				return color.RGBA{c.R, c.G, uint8(160 + int(c.B)*95/255), 255}
			})
		},
		"yellow paper": func() []byte {
			return recoloured(image.NewRGBA(b), func(c color.RGBA) color.Color {
				return color.RGBA{c.R, c.G, uint8(int(c.B) * 200 / 255), 255}
			})
		},
		"a JPEG":      func() []byte { return asJPEG(tb, d) },
		"a grey JPEG": func() []byte { return asJPEG(tb, plane(d, 1)) },
		"an RGB JPEG": func() []byte { return asPlanes(tb, plane(d, 0), plane(d, 1), plane(d, 2)) },
		// Adobe stores them inverted: 255 is no ink.
		"a CMYK JPEG":          func() []byte { return asPlanes(tb, plane(d, 0), plane(d, 1), plane(d, 2), white) },
		"black of a CMYK JPEG": func() []byte { return asPlanes(tb, white, white, white, plane(d, 1)) },
		"a GIF":                func() []byte { return asGIF(tb, d) },
		"a WebP":               func() []byte { return asWebP(d) },
	}
	for _, side := range sides {
		o[fmt.Sprintf("%d px", side)] = func() []byte {
			to := image.NewRGBA(image.Rect(0, 0, side, side))
			xdraw.CatmullRom.Scale(to, to.Bounds(), d, b, xdraw.Src, nil)
			return png(to)
		}
	}
	return o
}

// unlike returns the mean difference of two views as a share of their ink.
func unlike(a, b []byte) float64 {
	var diff, ink float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		diff += max(d, -d)
		ink += (float64(a[i]) + float64(b[i])) / 2
	}
	return diff / max(1, ink)
}

// TestVersionsOfOneDigitGiveOneAnswer holds versions of a digit to its answer and nearly to its pixels: all of a 3 and of
// an 8, and every third of the others', another third for each, unless CIFRA_PROVE=1 asks for all.
func TestVersionsOfOneDigitGiveOneAnswer(t *testing.T) {
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	for class := range 10 {
		d := synth.Drawing{Side: 240, Size: .6}.Image(8, class)
		first, err := prep.Prepare(t.Context(), asPNG(t, d))
		if err != nil {
			t.Fatal(err)
		}
		want := model.Read(first)
		if want.Digit != class {
			t.Fatalf("digit %d: read as %d", class, want.Digit)
		}
		sides := []int{40, 64, 100, 199, 201, 300, 640}
		if class == 3 { // large ones take their time
			sides = append(sides, 1000, 2200)
		}
		all := versions(t, d, sides)
		for k := 28; k <= 32; k += 4 { // small ones are taken as they are: the same answer, not the same pixels
			to := image.NewRGBA(image.Rect(0, 0, k, k))
			xdraw.CatmullRom.Scale(to, to.Bounds(), d, d.Bounds(), xdraw.Src, nil)
			all[fmt.Sprintf("small, %d px", k)] = func() []byte { return asPNG(t, to) }
		}
		for i, name := range slices.Sorted(maps.Keys(all)) {
			if step := rounds(3, 1); class != 3 && class != 8 && (i+class)%step != 0 {
				continue
			}
			p, err := patient().Prepare(t.Context(), all[name]())
			if err != nil {
				t.Errorf("digit %d, %s: %v", class, name, err)
				continue
			}
			if got := model.Read(p); got.Digit != want.Digit {
				t.Errorf("digit %d, %s: got %d", class, name, got.Digit)
			}
			limit := .15
			if p.Width <= 100 { // a pixel of the mask is a larger share
				limit = .35
			}
			if got := unlike(p.Views[:cifra.Pixels], first.Views[:cifra.Pixels]); p.Width > 32 && got > limit {
				t.Errorf("digit %d, %s: got a view that differs by %.2f of its ink, want %.2f at most", class, name, got, limit)
			}
		}
	}
}

func TestPreparedPixelsGoThroughUnchanged(t *testing.T) {
	for class := range 10 {
		p, err := prep.Image(t.Context(), synth.Drawing{}.Image(4, class))
		if err != nil {
			t.Fatal(err)
		}
		seen := prep.ViewImage(p.Views)
		inverse := image.NewGray(seen.Bounds())
		for i, v := range seen.Pix {
			inverse.Pix[i] = 255 - v
		}
		for name, img := range map[string]image.Image{"white on black": seen, "black on white": inverse} {
			again, err := prep.Prepare(t.Context(), asPNG(t, img))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again.Views, p.Views) {
				t.Errorf("digit %d, %s: got other pixels, want the same", class, name)
			}
			if !slices.Contains(again.Steps, cifra.StepPlain) {
				t.Errorf("digit %d, %s: got steps %v, want %q", class, name, again.Steps, cifra.StepPlain)
			}
		}
	}
}
