package prep

import (
	"bytes"
	"errors"
	"image"
	"image/gif"

	"golang.org/x/image/webp"
)

// header is what a file claims before anything is decoded.
type header struct {
	width, height int
	memory        int64 // bytes that decoding would take
	scans         int   // of a JPEG
}

// Go's decoders allocate what a header claims, and an out-of-memory cannot be recovered from. So headers are read
// first, and what the decoder would need is reckoned from them.
func readHeader(k kind, content []byte) (header, error) {
	switch k {
	case kindPNG:
		return pngHeader(content)
	case kindJPEG:
		return jpegHeader(content)
	case kindGIF:
		c, err := gif.DecodeConfig(bytes.NewReader(content))
		// One byte a pixel, and once more where the rows are interlaced. A frame larger than the screen is refused
		// by the decoder before it allocates.
		return sized(c, 2), err
	case kindWebP:
		c, err := webp.DecodeConfig(bytes.NewReader(content))
		// Lossless: four bytes a pixel, once more for its transform, and its Huffman groups. Lossy with alpha needs less.
		return sized(c, 9), err
	case kindHEIC, kindNone:
	}
	return header{}, errors.New("not a kind that is read")
}

func sized(c image.Config, bytesPerPixel int64) header {
	return header{width: c.Width, height: c.Height, memory: int64(c.Width) * int64(c.Height) * bytesPerPixel}
}

// admit decides whether a file may be decoded at all, and how.
func (p *Preparer) admit(content []byte) (kind, header, error) {
	if len(content) == 0 {
		return kindNone, header{}, errEmpty()
	}
	if len(content) > MaxBytes {
		return kindNone, header{}, errLarge()
	}
	k := sniff(content)
	switch k {
	case kindHEIC:
		return k, header{}, errHEIC()
	case kindNone:
		return k, header{}, errKind()
	case kindPNG, kindJPEG, kindGIF, kindWebP:
	}
	h, err := readHeader(k, content)
	switch {
	case errors.Is(err, errFeature):
		return k, h, errKind().Wrap(err)
	case err != nil:
		return k, h, errBroken(err)
	case h.width < 1 || h.height < 1:
		return k, h, errBroken(errors.New("no width or no height"))
	case int64(h.width)*int64(h.height) > int64(p.opt.MaxPixels) || h.memory > p.opt.MaxMemory:
		return k, h, p.errPixels(h.width, h.height)
	case h.scans > p.opt.MaxScans:
		return k, h, errScans()
	}
	return k, h, nil
}
