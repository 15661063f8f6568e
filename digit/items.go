package digit

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strconv"
	"strings"

	"cifra"
	"cifra/digit/idx"
)

// Item is one picture to judge a model by.
type Item struct {
	Name  string // a path, or a number
	Label string // a digit; several, such as "407"; or None
	Open  func(context.Context) (*cifra.Picture, error)
}

// None is the label of a picture without a digit.
const None = "none"

// ErrLabels says that a labels.csv can't be used.
var ErrLabels = errors.New("labels.csv refused")

// Pictures returns the pictures of an IDX set as items. They are already what a model sees, so they take the plain
// path: their pixels are the only view, and nothing prepares them.
func Pictures(set idx.Set) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for i := range set.Len() {
			open := func(context.Context) (*cifra.Picture, error) { return PictureOf(set.Image(i)), nil }
			label := None
			if l := set.Labels[i]; l < NotDigit {
				label = strconv.Itoa(int(l))
			}
			if !yield(Item{Name: strconv.Itoa(i), Label: label, Open: open}, nil) {
				return
			}
		}
	}
}

// PictureOf returns the picture of 784 prepared pixels, with the ink that can be told from them.
func PictureOf(pixels []byte) *cifra.Picture {
	p := &cifra.Picture{
		Preparation: "none", Views: pixels, Steps: []string{cifra.StepPlain}, Boxes: []cifra.Box{},
		Width: cifra.Side, Height: cifra.Side,
	}
	x0, y0, x1, y1, n := cifra.Side, cifra.Side, 0, 0, 0
	darkest := byte(0)
	for i, v := range pixels {
		darkest = max(darkest, v)
		if v >= 128 {
			x, y := i%cifra.Side, i/cifra.Side
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
			n++
		}
	}
	if darkest == 0 {
		return p
	}
	if n == 0 {
		x0, y0, x1, y1 = 0, 0, cifra.Side, cifra.Side
	}
	p.Boxes = append(p.Boxes, cifra.Box{X: x0, Y: y0, W: x1 - x0, H: y1 - y0})
	p.Ink = cifra.Ink{Fraction: float64(n) / cifra.Pixels, Contrast: float64(darkest), Components: 1}
	return p
}

// maxFile bounds what is read of one file; the preparation has its own, smaller limit.
const maxFile = 64 << 20

// Folder returns the files that fsys's labels.csv lists as items, in its order. Its first columns are path and label,
// with a first line that says so or without; paths are relative to it. prepare turns a file's bytes into a picture.
func Folder(fsys fs.FS, prepare func(context.Context, []byte) (*cifra.Picture, error)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		f, err := fsys.Open("labels.csv")
		if err != nil {
			yield(Item{}, fmt.Errorf("%w: %w", ErrLabels, err))
			return
		}
		defer f.Close()
		rows := csv.NewReader(f)
		rows.FieldsPerRecord, rows.TrimLeadingSpace, rows.ReuseRecord = -1, true, true
		for first := true; ; first = false {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Item{}, fmt.Errorf("%w: %w", ErrLabels, err))
				return
			}
			if first && strings.TrimPrefix(row[0], "\ufeff") == "path" {
				continue
			}
			item, err := folderItem(fsys, row, prepare)
			if err != nil {
				line, _ := rows.FieldPos(0)
				err = fmt.Errorf("%w: line %d: %w", ErrLabels, line, err)
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

func folderItem(fsys fs.FS, row []string, prepare func(context.Context, []byte) (*cifra.Picture, error)) (Item, error) {
	if len(row) < 2 {
		return Item{}, errors.New("no label")
	}
	name, label := path.Clean(strings.TrimPrefix(row[0], "\ufeff")), strings.TrimSpace(row[1])
	if !fs.ValidPath(name) {
		return Item{}, fmt.Errorf("path %q leads out of the folder", row[0])
	}
	if label != None && (label == "" || len(label) > 32 || strings.Trim(label, "0123456789") != "") {
		return Item{}, fmt.Errorf("label %q is neither digits nor %q", label, None)
	}
	return Item{Name: name, Label: label, Open: func(ctx context.Context) (*cifra.Picture, error) {
		content, err := readFile(fsys, name)
		if err != nil {
			return nil, err
		}
		return prepare(ctx, content)
	}}, nil
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", name, maxFile)
	}
	return content, nil
}
