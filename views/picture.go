package views

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"slices"
	"strconv"

	"cifra"
)

// sawURL is what the model saw of a picture, as the data URL of a PNG of 28×28; "" where there is nothing.
func sawURL(pic cifra.Picture) string {
	if all := sawURLs(pic); len(all) > 0 {
		return all[0]
	}
	return ""
}

// sawURLs are the views of all pieces of a line, in reading order; of a single digit it is one.
func sawURLs(pic cifra.Picture) []string {
	n := len(pic.Views) / cifra.Pixels
	if len(pic.Boxes) < 2 || n != len(pic.Boxes) { // several views of one piece differ little
		n = min(n, 1)
	}
	urls := make([]string, 0, n)
	for view := range slices.Chunk(pic.Views[:n*cifra.Pixels], cifra.Pixels) {
		img := &image.Gray{Pix: view, Stride: cifra.Side, Rect: image.Rect(0, 0, cifra.Side, cifra.Side)}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			return nil // unreachable: the picture has a size, and the buffer takes everything
		}
		urls = append(urls, dataURL(b.Bytes()))
	}
	return urls
}

// readBoxes is where the digits lie that were read; where none was, what was found instead.
func readBoxes(r cifra.Recognition) []cifra.Box {
	if len(r.Reading.Digits) == 0 {
		return r.Picture.Boxes
	}
	o := make([]cifra.Box, 0, len(r.Reading.Digits))
	for _, d := range r.Reading.Digits {
		o = append(o, d.Box)
	}
	return o
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
