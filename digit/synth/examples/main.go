// Command examples writes the recognise page's example uploads, and below small/ the little pictures of them
// that the page shows:
//
//	go run ./digit/synth/examples -out static/examples
package main

import (
	"bytes"
	"flag"
	"image"
	"image/jpeg"
	_ "image/png" // registers the decoder
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"

	"cifra/digit/synth"
)

func main() {
	out := flag.String("out", "static/examples", "the folder to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		slog.Error("write examples", "error", err)
		os.Exit(1)
	}
}

func run(out string) error {
	if err := os.MkdirAll(filepath.Join(out, "small"), 0o755); err != nil {
		return err
	}
	for _, e := range synth.Examples() {
		content, err := e.Content()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, e.Name), content, 0o644); err != nil {
			return err
		}
		little, err := small(content)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(e.Name, filepath.Ext(e.Name)) + ".jpg"
		if err := os.WriteFile(filepath.Join(out, "small", name), little, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// smallSide is twice what the page shows, for screens with two dots a pixel.
const smallSide = 112

// small returns the middle square of a picture, 112×112, as a JPEG of some 2 kB.
func small(content []byte) ([]byte, error) {
	src, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	at := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	dst := image.NewRGBA(image.Rect(0, 0, smallSide, smallSide))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}, draw.Src, nil)
	var out bytes.Buffer
	err = jpeg.Encode(&out, dst, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}
