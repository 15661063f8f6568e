package prep_test

import (
	"bytes"
	"image"
	"slices"
	"testing"

	"cifra"
	"cifra/digit/prep"
)

func TestEXIFTurnsAreUndone(t *testing.T) {
	upright := photograph(t, 320, 240)
	want, err := prep.Prepare(t.Context(), upright)
	if err != nil {
		t.Fatal(err)
	}
	photo := decoded(t, upright)
	for turn := uint16(1); turn <= 8; turn++ {
		stored := storedAs(photo, int(turn))
		small := tiff(turn)
		little := []byte{'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, byte(turn), 0, 0, 0, 0, 0, 0, 0}
		for name, content := range map[string][]byte{
			"JPEG":                turnedJPEG(t, stored, small),
			"JPEG, little-endian": turnedJPEG(t, stored, little),
			"PNG":                 withChunk(asPNG(t, stored), "eXIf", small),
		} {
			p, err := prep.Prepare(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			if p.Width != 320 || p.Height != 240 {
				t.Errorf("turn %d, %s: got %d×%d, want 320×240", turn, name, p.Width, p.Height)
			}
			if got := slices.Contains(p.Steps, cifra.StepTurned); got != (turn > 1) {
				t.Errorf("turn %d, %s: got steps %v", turn, name, p.Steps)
			}
			if got := unlike(p.Views, want.Views); got > .12 {
				t.Errorf("turn %d, %s: got a view that differs by %.2f of its ink", turn, name, got)
			}
		}
	}
	for name, orientation := range map[string]uint16{"none": 0, "beyond the last": 9, "nonsense": 65535} {
		p, err := prep.Prepare(t.Context(), withEXIF(upright, tiff(orientation)))
		if err != nil || !bytes.Equal(p.Views, want.Views) {
			t.Errorf("orientation %s: got another picture (%v), want the upright one", name, err)
		}
	}
}

func turnedJPEG(tb testing.TB, img image.Image, block []byte) []byte {
	tb.Helper()
	return withEXIF(asJPEG(tb, img), block)
}

func decoded(tb testing.TB, content []byte) image.Image {
	tb.Helper()
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

// storedAs returns how a camera held in an orientation stores a scene: by CIPA DC-008, row 0 and column 0 of what is
// stored are these sides of what is seen.
func storedAs(seen image.Image, orientation int) image.Image {
	w, h := seen.Bounds().Dx(), seen.Bounds().Dy()
	sides := [...]struct{ row, column string }{
		1: {"top", "left"}, 2: {"top", "right"}, 3: {"bottom", "right"}, 4: {"bottom", "left"},
		5: {"left", "top"}, 6: {"right", "top"}, 7: {"right", "bottom"}, 8: {"left", "bottom"},
	}[orientation]
	sw, sh := w, h
	if orientation >= 5 {
		sw, sh = h, w
	}
	o := image.NewRGBA(image.Rect(0, 0, sw, sh))
	at := func(side string, n int, x, y *int) {
		switch side {
		case "top":
			*y = n
		case "bottom":
			*y = h - 1 - n
		case "left":
			*x = n
		case "right":
			*x = w - 1 - n
		}
	}
	for row := range sh {
		var x, y int
		at(sides.row, row, &x, &y)
		for column := range sw {
			at(sides.column, column, &x, &y)
			o.Set(column, row, seen.At(x, y))
		}
	}
	return o
}
