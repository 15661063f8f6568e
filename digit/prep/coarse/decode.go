package coarse

import (
	"context"
	"errors"
	"image"
)

// ErrOther says that a file isn't for this package: image/jpeg must read it, or say what is wrong with it.
var ErrOther = errors.New("coarse: a JPEG for image/jpeg to decide")

// Decode returns the picture with both sides divided by reduction (2, 4 or 8) and rounded: an [image.Gray], or an
// [image.YCbCr] with as many samples of each plane. What lies in the last column and row may be partly the encoder's
// padding. A ctx that is done gives its error.
func Decode(ctx context.Context, content []byte, reduction int) (image.Image, error) {
	if reduction != 2 && reduction != 4 && reduction != 8 {
		return nil, ErrOther
	}
	d := &decoder{content: content, reduction: reduction}
	if err := d.headers(); err != nil {
		return nil, err
	}
	if err := d.prepare(); err != nil {
		return nil, err
	}
	if err := d.scan(ctx); err != nil {
		return nil, err
	}
	if !d.endsWell() {
		return nil, ErrOther
	}
	return d.image(), nil
}

type decoder struct {
	content   []byte
	at        int // of the next byte
	reduction int

	width, height int
	restart       int // blocks between restart markers, 0: none
	parts         []part
	quant         [4][64]uint16 // in zigzag order
	hasQuant      [4]bool
	dc, ac        [2]*huffman
	jfif          bool
	adobe         bool
	transform     byte

	across, down int // groups of interleaved blocks
}

// part is one plane of the picture: luminance or a colour difference.
type part struct {
	id     byte
	h, v   int // blocks of it in a group
	quant  int
	dc, ac *huffman

	nx, ny int         // pixels that a block becomes
	add    []float32   // [64][nx·ny]: what one unit of each coefficient, in zigzag order, adds to those pixels
	needed [64]bool    // coefficients that add anything
	last   int32       // constant term of the last block
	stride int         // of pix
	pix    []byte      // whole blocks
	block  [64]float32 // the pixels under way
}

// image cuts the planes to the picture's size.
func (d *decoder) image() image.Image {
	w, h := max(1, (d.width+d.reduction/2)/d.reduction), max(1, (d.height+d.reduction/2)/d.reduction)
	bounds := image.Rect(0, 0, w, h)
	y := &d.parts[0]
	if len(d.parts) == 1 {
		return &image.Gray{Pix: y.pix, Stride: y.stride, Rect: bounds}
	}
	return &image.YCbCr{
		Y: y.pix, Cb: d.parts[1].pix, Cr: d.parts[2].pix, YStride: y.stride, CStride: d.parts[1].stride,
		SubsampleRatio: image.YCbCrSubsampleRatio444, Rect: bounds,
	}
}

// endsWell reports whether nothing but the end follows the scan.
func (d *decoder) endsWell() bool {
	for d.at+1 < len(d.content) {
		switch marker := d.content[d.at+1]; {
		case d.content[d.at] != 0xff:
		case marker == markerEOI:
			return true
		case marker == 0, marker == 0xff, isRestart(marker): // data, filling, or a restart too many: as image/jpeg does
		default:
			return false
		}
		d.at++
	}
	return false
}
