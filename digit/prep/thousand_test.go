package prep_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cifra/digit/synth"
)

// hostileFile is a file that somebody may send, and what it must be answered with: keys of refusals, "" for a picture.
type hostileFile struct {
	name    string
	content []byte
	answers string // those that are right, with "|" between; "*": any, but no crash, no waste
}

const (
	refusedBroken = "impossible error.file.broken"
	refusedPixels = "impossible error.file.pixels"
	refusedScans  = "impossible error.file.scans"
	refusedKind   = "unsupported error.file.kind"
	refusedEmpty  = "invalid error.file.empty"
)

// TestAThousandHostileFiles sends files that are cut off, of every colour model, damaged, or that claim what they are
// not: each must get the answer of its kind within 3 s and 96 MiB. All of them are sent under CIFRA_PROVE=1, else every
// nineteenth.
func TestAThousandHostileFiles(t *testing.T) {
	files := cutFiles(t)
	files = append(files, claimingFiles(t)...)
	files = append(files, scanningFiles(t)...)
	files = append(files, damagedFiles(t)...)
	if len(files) < 1000 {
		t.Fatalf("got %d files, want 1,000 at least", len(files))
	}
	step := 19 // no divisor of the twenty cuts
	if os.Getenv("CIFRA_PROVE") == "1" {
		step = 1
	}
	var slowest time.Duration
	answers, tried := map[string]int{}, 0
	for i := 0; i < len(files); i += step {
		f := files[i]
		start := time.Now()
		_, err := harmless(t, f.content)
		took := time.Since(start)
		slowest = max(slowest, took)
		got := keyOf(t, err)
		answers[got]++
		tried++
		if f.answers != "*" && !strings.Contains("|"+f.answers+"|", "|"+got+"|") {
			t.Errorf("%s: got %q (%v), want %q", f.name, got, err, f.answers)
		}
		if limit := 3 * time.Second * patience; took > limit {
			t.Errorf("%s: took %v, want %v at most", f.name, took, limit)
		}
	}
	t.Logf("%d files, the slowest %v; answers %v", tried, slowest.Round(time.Millisecond), answers)
}

// patience is what a time on a quiet machine may be multiplied with on one that does other work as well.
const patience = 5

// models are one drawing in every colour model that files have.
func models(tb testing.TB, side int) map[string][]byte {
	tb.Helper()
	d := synth.Drawing{Side: side, Size: .6}.Image(8, 5)
	b := d.Bounds()
	as := func(to interface {
		image.Image
		Set(x, y int, c color.Color)
	},
	) image.Image {
		for y := range side {
			for x := range side {
				to.Set(x, y, d.At(x, y))
			}
		}
		return to
	}
	grey := plane(d, 1)
	glassy := func(uint8) uint8 { return 200 }
	o := map[string][]byte{
		"PNG grey": asPNG(tb, grey), "PNG 16-bit grey": asPNG(tb, as(image.NewGray16(b))), "PNG colour": asPNG(tb, d),
		"PNG 16-bit": asPNG(tb, as(image.NewRGBA64(b))), "PNG transparent": asPNG(tb, as(image.NewNRGBA(b))),
		"PNG transparent 16-bit": asPNG(tb, as(image.NewNRGBA64(b))), "PNG palette": asPNG(tb, paletted(d, greys(nil))),
		"PNG transparent palette": asPNG(tb, paletted(d, greys(glassy))),
		"JPEG":                    asJPEG(tb, d), "JPEG grey": asJPEG(tb, grey), "JPEG RGB": asPlanes(tb, plane(d, 0), grey, plane(d, 2)),
		"JPEG CMYK": asPlanes(tb, grey, grey, grey, grey), "JPEG progressive": withScans(tb, side, side, 4),
		"GIF": asGIF(tb, d), "WebP": asWebP(d),
	}
	var b2 bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b2, d); err != nil {
		tb.Fatal(err)
	}
	o["PNG uncompressed"] = b2.Bytes()
	var b3 bytes.Buffer
	if err := jpeg.Encode(&b3, d, &jpeg.Options{Quality: 5}); err != nil {
		tb.Fatal(err)
	}
	o["JPEG coarse"] = b3.Bytes()
	return o
}

// cutFiles are cut off at every twentieth of their length.
func cutFiles(tb testing.TB) (o []hostileFile) {
	tb.Helper()
	for _, side := range []int{60, 500} {
		all := models(tb, side)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			content := all[name]
			for percent := 0; percent < 100; percent += 5 {
				cut := content[:len(content)*percent/100]
				want := refusedBroken
				switch {
				case len(cut) == 0:
					want = refusedEmpty
				case len(cut) < 16: // too little to say what it is, for some
					want += "|" + refusedKind
				}
				o = append(o, hostileFile{fmt.Sprintf("%s of %d px, %d %% of it", name, side, percent), cut, want})
			}
		}
	}
	return o
}

// claimingFiles are small, and claim a size.
func claimingFiles(tb testing.TB) (o []hostileFile) {
	tb.Helper()
	all := models(tb, 60)
	large := [][2]int{{5001, 5000}, {25_001, 1000}, {50_000, 50_000}, {65_535, 65_535}, {65_535, 400}, {400, 65_535}}
	for _, size := range large {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			content := all[name]
			claimed := bytes.Clone(content)
			switch {
			case strings.HasPrefix(name, "PNG"):
				binary.BigEndian.PutUint32(claimed[16:], uint32(size[0]))
				binary.BigEndian.PutUint32(claimed[20:], uint32(size[1]))
				claimed = append(claimed[:8:8], append(pngChunk("IHDR", claimed[16:29]), claimed[33:]...)...)
			case strings.HasPrefix(name, "JPEG"):
				at := max(bytes.Index(claimed, []byte{0xff, 0xc0}), bytes.Index(claimed, []byte{0xff, 0xc2}))
				binary.BigEndian.PutUint16(claimed[at+5:], uint16(size[1]))
				binary.BigEndian.PutUint16(claimed[at+7:], uint16(size[0]))
			case name == "GIF":
				binary.LittleEndian.PutUint16(claimed[6:], uint16(size[0]))
				binary.LittleEndian.PutUint16(claimed[8:], uint16(size[1]))
			default:
				continue // a WebP's sizes are packed: TestHostileFilesAreRefused has one
			}
			o = append(o, hostileFile{fmt.Sprintf("%s that claims %d×%d", name, size[0], size[1]), claimed, refusedPixels})
		}
	}
	return o
}

// scanningFiles are progressive JPEGs with few scans and many.
func scanningFiles(tb testing.TB) (o []hostileFile) {
	tb.Helper()
	for _, side := range []int{40, 200} {
		for _, n := range []int{1, 2, 8, 33, 64, 65, 66, 100, 1000, 5000} {
			want := ""
			if n > 64 {
				want = refusedScans
			}
			o = append(o, hostileFile{fmt.Sprintf("%d scans of %d px", n, side), withScans(tb, side, side, n), want})
		}
	}
	return o
}

// damagedFiles have a byte changed, in many places each. Where a format has a checksum they are refused.
func damagedFiles(tb testing.TB) (o []hostileFile) {
	tb.Helper()
	all := models(tb, 60)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		content := all[name]
		for k := range 20 {
			at := 16 + (len(content)-16)*k/20
			want := "*"
			if strings.HasPrefix(name, "PNG") {
				want = refusedBroken + "|" + refusedPixels
			}
			o = append(o, hostileFile{fmt.Sprintf("%s, byte %d changed", name, at), flipped(content, at), want})
		}
	}
	return o
}
