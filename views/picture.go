package views

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strconv"

	"cifra"
)

// sawURL is what the model saw of a picture, as the data URL of a PNG of 28×28; "" where there is nothing.
func sawURL(pic cifra.Picture) string {
	if len(pic.Views) < cifra.Pixels {
		return ""
	}
	img := &image.Gray{Pix: pic.Views[:cifra.Pixels], Stride: cifra.Side, Rect: image.Rect(0, 0, cifra.Side, cifra.Side)}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "" // unreachable: the picture has a size, and the buffer takes everything
	}
	return dataURL(b.Bytes())
}

// thumbnailURL is the upload, small; "" where there is none.
func thumbnailURL(pic cifra.Picture) string {
	if len(pic.Thumbnail) == 0 {
		return ""
	}
	return dataURL(pic.Thumbnail)
}

func dataURL(content []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(content)
}

// frame is the size at which an upload is shown: its own proportions within two squares beside each other.
type frame struct{ w, h int }

const frameSide = 140 // CSS pixels, five squares of 28

// isWide reports whether f takes more than one of the two squares.
func (f frame) isWide() bool { return f.w > frameSide }

func frameOf(pic cifra.Picture) frame {
	if pic.Width <= 0 || pic.Height <= 0 {
		return frame{frameSide, frameSide}
	}
	if pic.Width > 2*pic.Height {
		return frame{2 * frameSide, max(1, 2*frameSide*pic.Height/pic.Width)}
	}
	return frame{max(1, frameSide*pic.Width/pic.Height), frameSide}
}

// viewBox is the coordinates of an upload's pixels.
func viewBox(pic cifra.Picture) string {
	return "0 0 " + strconv.Itoa(max(1, pic.Width)) + " " + strconv.Itoa(max(1, pic.Height))
}
