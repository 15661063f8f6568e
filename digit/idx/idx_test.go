package idx_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"cifra/digit/idx"
)

var (
	images = []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8}
	labels = []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 9}
)

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name           string
		images, labels string
		zip            bool
	}{
		{"plain files", "x-images-idx3-ubyte", "x-labels-idx1-ubyte", false},
		{"compressed files", "x-images-idx3-ubyte.gz", "x-labels-idx1-ubyte.gz", true},
		{"files whose name says compressed, but that aren't", "x-images-idx3-ubyte.gz", "x-labels-idx1-ubyte", false},
	}
	want := idx.Set{Side: 2, Images: images[16:], Labels: []byte{7, 9}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, l := images, labels
			if tt.zip {
				i, l = zipped(t, i), zipped(t, l)
			}
			got, err := idx.Load(fstest.MapFS{tt.images: {Data: i}, tt.labels: {Data: l}}, "x")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]byte{5, 6, 7, 8}, got.Image(1)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(idx.Set{Side: 2, Images: []byte{5, 6, 7, 8}, Labels: []byte{9}}, got.Slice(1, 2)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	_, err := idx.Load(fstest.MapFS{}, "x")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with no files: got %v, want one that says so", err)
	}
	three := append(append([]byte(nil), labels...), 1)
	three[7] = 3
	_, err = idx.Load(fstest.MapFS{"x-images-idx3-ubyte": {Data: images}, "x-labels-idx1-ubyte": {Data: three}}, "x")
	if !errors.Is(err, idx.ErrFormat) {
		t.Errorf("with two pictures and three labels: got %v, want %v", err, idx.ErrFormat)
	}
}

func TestReadImagesRefuses(t *testing.T) {
	change := func(at int, v byte) []byte {
		b := bytes.Clone(images)
		b[at] = v
		return b
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"an empty file", nil},
		{"a header that ends early", images[:10]},
		{"labels instead of pictures", labels},
		{"another type of values", change(2, 13)},
		{"one value too few", images[:23]},
		{"one value too many", append(bytes.Clone(images), 0)},
		{"pictures that aren't square", change(11, 1)},
		{"a count that promises gigabytes", change(4, 0xff)},
		{"a side that promises gigabytes", change(8, 0xff)},
		{"a compressed file cut off", zipped(t, images)[:30]},
		{"a gzip header and nothing else", []byte{0x1f, 0x8b}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := idx.ReadImages(bytes.NewReader(tt.data)); !errors.Is(err, idx.ErrFormat) {
				t.Errorf("got %v, want %v", err, idx.ErrFormat)
			}
		})
	}
}

func FuzzReadImages(f *testing.F) {
	f.Add(images)
	f.Add(labels)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, side, err := idx.ReadImages(bytes.NewReader(b))
		if err == nil && len(got)%(side*side) != 0 {
			t.Errorf("got %d bytes for pictures of side %d, want whole pictures", len(got), side)
		}
	})
}
