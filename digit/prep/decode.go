package prep

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"cifra/digit/prep/coarse"
)

// input is a decoded upload, already at working size.
type input struct {
	raster
	width, height int    // of the upload, after the turn
	turn          int    // EXIF orientation, 1 to 8
	alpha         bool   // some of it was transparent
	format        string // "png", "jpeg", "gif" or "webp"
}

// read admits and decodes content. The decoder's large pixels are gone when it returns.
func (p *Preparer) read(ctx context.Context, content []byte) (*input, error) {
	k, h, err := p.admit(content)
	if err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()

	img, reduced, err := p.decode(ctx, k, h, content)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 {
		return nil, errBroken(errors.New("an empty frame"))
	}
	in := &input{width: b.Dx(), height: b.Dy(), turn: orientation(k, content), format: string(k)}
	if reduced {
		in.width, in.height = h.width, h.height
	}
	in.raster, in.alpha = shrink(img, in.width, in.height)
	in.raster = in.raster.turned(in.turn)
	if in.turn >= 5 {
		in.width, in.height = in.height, in.width
	}
	return in, nil
}

// decode returns the picture, or one of a half, a quarter or an eighth of its size where that is enough.
func (p *Preparer) decode(ctx context.Context, k kind, h header, content []byte) (img image.Image, reduced bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	timed, cancel := context.WithTimeout(ctx, p.opt.DecodeTime)
	defer cancel()
	if by := reduction(h.width, h.height); k == kindJPEG && by > 1 {
		img, err := coarse.Decode(timed, content, by)
		switch {
		case err == nil:
			return img, true, nil
		case ctx.Err() != nil:
			return nil, false, ctx.Err()
		case timed.Err() != nil:
			return nil, false, errSlow()
		}
	}
	img, err = p.decodeWhole(ctx, timed, k, content)
	return img, false, err
}

// reduction returns by how much a JPEG may be reduced before the working size is reached.
func reduction(w, h int) int {
	for by := 8; by > 1; by /= 2 {
		if max(w, h)/by >= workSide {
			return by
		}
	}
	return 1
}

func (p *Preparer) decodeWhole(ctx, timed context.Context, k kind, content []byte) (image.Image, error) {
	r := &deadlineReader{ctx: timed, r: bytes.NewReader(content)}
	var (
		img image.Image
		err error
	)
	switch k {
	case kindPNG:
		img, err = png.Decode(r)
	case kindJPEG:
		img, err = jpeg.Decode(r)
	case kindGIF:
		img, err = gif.Decode(r) // the first frame
	case kindWebP:
		img, err = webp.Decode(r)
	case kindHEIC, kindNone:
		err = errFeature
	}
	var feature jpeg.UnsupportedError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, errSlow()
	case errors.As(err, &feature):
		return nil, errKind().Wrap(err)
	case err != nil: // cut off, or wrong: half a picture is not read
		return nil, errBroken(err)
	}
	return img, nil
}

// deadlineReader stops a decoder, none of which takes a context, at its next read.
type deadlineReader struct {
	ctx context.Context
	r   io.Reader
}

func (d *deadlineReader) Read(b []byte) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	return d.r.Read(b)
}
