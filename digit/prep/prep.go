package prep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"time"

	"cifra"
)

// Version names this preparation. It is part of every cached answer's key: change it with any change of pixels.
const Version = "p5"

// Options are the limits of a [Preparer], and whom it asks. Zero values mean the usual limits, and nobody.
type Options struct {
	MaxPixels  int           // of an upload, width × height; 25 million
	MaxMemory  int64         // bytes that a decoder may need for one upload; 64 MiB
	MaxScans   int           // of a JPEG; 64
	DecodeTime time.Duration // for decoding one upload; 2.5 s
	Decodes    int           // decodes at once, the others wait; 2
	Read       Reader        // tells whether what was found on a photograph is a digit; nil: taken as it is
}

// Preparer prepares uploads within its limits. It is safe for concurrent use and holds nothing that must be closed.
type Preparer struct {
	opt   Options
	slots chan struct{} // one token for each decode under way
}

// New returns a Preparer with the limits of o.
func New(o Options) *Preparer {
	if o.MaxPixels <= 0 {
		o.MaxPixels = 25_000_000
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = 64 << 20
	}
	if o.MaxScans <= 0 {
		o.MaxScans = 64
	}
	if o.DecodeTime <= 0 {
		o.DecodeTime = 2500 * time.Millisecond
	}
	if o.Decodes <= 0 {
		o.Decodes = 2
	}
	return &Preparer{opt: o, slots: make(chan struct{}, o.Decodes)}
}

// Prepare prepares one upload with the usual limits, for commands and tests, which do one at a time.
// A server holds one [Preparer], so that its limit on decodes at once holds for all requests.
func Prepare(ctx context.Context, content []byte) (*cifra.Picture, error) {
	return New(Options{}).Prepare(ctx, content)
}

// Prepare turns the bytes of a file into a picture. A file that cannot be one gives a [cifra.Error]
// (Invalid, Unsupported, Impossible or TooLarge, with a key "error.file.…"); a done ctx gives its error.
// A blank picture is no error: it has no boxes and one black view. Several digits of a line have a view and a box each,
// in reading order.
func (p *Preparer) Prepare(ctx context.Context, content []byte) (*cifra.Picture, error) {
	return p.prepare(ctx, content, nil)
}

func (p *Preparer) prepare(ctx context.Context, content []byte, see viewer) (*cifra.Picture, error) {
	in, err := p.read(ctx, content)
	if err != nil {
		return nil, err
	}
	var pic *cifra.Picture
	var small []byte
	var failed error
	var sum [sha256.Size]byte
	together(
		func() { pic, err = work(ctx, in, see, p.opt.Read) },
		func() { small, failed = thumbnail(in.raster) },
		func() { sum = sha256.Sum256(content) },
	)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	pic.Hash = hex.EncodeToString(sum[:])
	pic.Format = in.format
	pic.Thumbnail = small
	return pic, nil
}

// Image prepares decoded pixels, without the limits on files: for training and tuning, which make their pictures
// in memory. Hash, Format and Thumbnail stay empty.
func Image(ctx context.Context, img image.Image) (*cifra.Picture, error) {
	in := &input{width: img.Bounds().Dx(), height: img.Bounds().Dy()}
	if in.width < 1 || in.height < 1 {
		return nil, errBroken(nil)
	}
	in.raster, in.alpha = shrink(img, in.width, in.height)
	return work(ctx, in, nil, nil)
}

// work is the whole way from a decoded upload to a picture.
func work(ctx context.Context, in *input, see viewer, read Reader) (*cifra.Picture, error) {
	pic := &cifra.Picture{Preparation: Version, Width: in.width, Height: in.height}
	if in.turn > 1 {
		pic.Steps = append(pic.Steps, cifra.StepTurned)
	}
	if in.alpha {
		pic.Steps = append(pic.Steps, cifra.StepAlpha)
	}
	see.raster("upload", in.raster)
	if max(in.width, in.height) <= plainSide {
		plain(pic, in.raster)
		see.view("seen", pic.Views)
		return pic, nil
	}
	if max(in.width, in.height) > workSide {
		pic.Steps = append(pic.Steps, cifra.StepShrunk)
	}
	return develop(ctx, enlarge(in.raster), pic, see, read)
}
