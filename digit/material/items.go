package material

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"iter"
	"strconv"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// Items returns n uploads of a kind (not of sketches, which nobody uploads) to judge a model by: files, taken the whole
// way that uploads take, none of them made anew where the preparation fails.
func Items(kind Kind, n int, o Options) iter.Seq2[digit.Item, error] {
	return func(yield func(digit.Item, error) bool) {
		for i := range n {
			if !yield(o.item(kind, i), nil) {
				return
			}
		}
	}
}

func (o Options) item(kind Kind, i int) digit.Item {
	subject := func() (r source, g synth.Glyph, label string) {
		r, label = newSource(o.Seed, kind, i, tries), digit.None
		if kind.isOther() {
			g, _ = other(r, o.Digits, kind == OtherPhotographs)
			return r, g, label
		}
		g, class := written(r, o.Digits, tracedShare)
		return r, g, strconv.Itoa(int(class))
	}
	_, _, label := subject()
	return digit.Item{Name: fmt.Sprintf("%s %d", kind, i), Label: label, Open: func(ctx context.Context) (*cifra.Picture, error) {
		r, g, _ := subject()
		var file bytes.Buffer
		var img image.Image
		var err error
		switch kind {
		case Photographs, OtherPhotographs:
			img, _ = photograph(r, g, uploadSide)
		case Smalls:
			img = small(r, g)
		default:
			img, _ = drawing(r, g)
		}
		if kind == Photographs || kind == OtherPhotographs {
			err = jpeg.Encode(&file, img, &jpeg.Options{Quality: 80})
		} else {
			err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, img)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %d: %w", kind, i, err)
		}
		return prep.New(prep.Options{Read: o.Read}).Prepare(ctx, file.Bytes())
	}}
}

// uploadSide is the long side of a photograph to judge by.
const uploadSide = 480
