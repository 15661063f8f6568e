package prep

import (
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Sheet lays stages out on one picture, so many a row, each fitted into a square of cell pixels with its name under it.
func Sheet(stages []Stage, columns, cell int) *image.RGBA {
	const gap, caption = 8, 16
	columns = max(1, min(columns, len(stages)))
	rows := (len(stages) + columns - 1) / columns
	o := image.NewRGBA(image.Rect(0, 0, gap+columns*(cell+gap), gap+rows*(cell+caption+gap)))
	draw.Draw(o, o.Bounds(), image.NewUniform(color.Gray{Y: 236}), image.Point{}, draw.Src)
	for i, s := range stages {
		x, y := gap+(i%columns)*(cell+gap), gap+(i/columns)*(cell+caption+gap)
		b := s.Image.Bounds()
		long := max(1, max(b.Dx(), b.Dy()))
		w, h := max(1, b.Dx()*cell/long), max(1, b.Dy()*cell/long)
		to := image.Rect(x, y, x+w, y+h).Add(image.Pt((cell-w)/2, (cell-h)/2))
		var scaler xdraw.Scaler = xdraw.ApproxBiLinear
		if long < cell { // show the pixels
			scaler = xdraw.NearestNeighbor
		}
		scaler.Scale(o, to, s.Image, b, draw.Over, nil)
		d := font.Drawer{
			Dst: o, Src: image.Black, Face: basicfont.Face7x13,
			Dot: fixed.P(x, y+cell+caption-4),
		}
		d.DrawString(s.Name)
	}
	return o
}
