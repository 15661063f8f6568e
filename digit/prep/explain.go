package prep

import (
	"context"
	"image"
	"image/color"

	"cifra"
)

// Stage is one step on the way from an upload to what a model sees, as a picture to look at.
type Stage struct {
	Name  string
	Image image.Image
}

// Explain prepares an upload as [Preparer.Prepare] does, and keeps a picture of every stage.
func (p *Preparer) Explain(ctx context.Context, content []byte) ([]Stage, *cifra.Picture, error) {
	var stages []Stage
	pic, err := p.prepare(ctx, content, func(name string, draw func() image.Image) {
		stages = append(stages, Stage{Name: name, Image: draw()})
	})
	return stages, pic, err
}

// Explain is [Preparer.Explain] with the usual limits, for commands.
func Explain(ctx context.Context, content []byte) ([]Stage, *cifra.Picture, error) {
	return New(Options{}).Explain(ctx, content)
}

// viewer is shown every stage; draw is only called by a viewer that keeps the picture. A nil viewer sees nothing.
type viewer func(name string, draw func() image.Image)

func (v viewer) raster(name string, r raster) {
	if v != nil {
		v(name, r.image)
	}
}

func (v viewer) plane(name string, p []float32, w, h int, gain float32) {
	if v != nil {
		v(name, func() image.Image { return planeImage(p, w, h, gain) })
	}
}

func (v viewer) view(name string, view []byte) {
	if v != nil {
		v(name, func() image.Image { return ViewImage(view) })
	}
}

// ink shows the kept pieces in black, the others in red, on a pale copy of the darkness.
func (v viewer) ink(name string, s *scene) {
	if v == nil {
		return
	}
	v(name, func() image.Image {
		o := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
		for i, id := range s.ink.ids {
			g := level(1 - .5*s.dark[i])
			c := color.RGBA{g, g, g, 255}
			switch {
			case id != 0 && s.ink.kept[id]:
				c = color.RGBA{0, 0, 0, 255}
			case id != 0:
				c = color.RGBA{200, 80, 60, 255}
			}
			o.SetRGBA(i%s.w, i/s.w, c)
		}
		return o
	})
}

// ViewImage returns one view of a [cifra.Picture] as an image: white ink on black, 28×28.
func ViewImage(view []byte) *image.Gray {
	o := image.NewGray(image.Rect(0, 0, cifra.Side, cifra.Side))
	copy(o.Pix, view[:cifra.Pixels])
	return o
}
