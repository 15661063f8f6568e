// Package idx reads the IDX files in which MNIST and its relatives come, compressed by gzip or not.
//
// The format (Yann LeCun's page on MNIST): two zero bytes, a type (8: unsigned bytes), the number of
// dimensions, each dimension as a big-endian uint32, then the values, the last dimension fastest.
package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Limits of a file. MNIST has 60,000 pictures of 784 bytes; its largest relatives some 800,000.
const (
	maxCount  = 2_000_000
	maxSide   = 256
	maxValues = 1 << 30
)

// ErrFormat says that something isn't an IDX file, or not one of the kind that was asked for.
var ErrFormat = errors.New("not an IDX file of the kind expected")

// Set is pictures with their labels.
type Set struct {
	Side   int    // width and height of each picture in pixels
	Images []byte // picture after picture, row by row: 0 background, 255 ink
	Labels []byte // one a picture
}

// Len returns how many pictures there are.
func (s Set) Len() int { return len(s.Labels) }

// Image returns picture i, which shares its bytes with the set.
func (s Set) Image(i int) []byte {
	n := s.Side * s.Side
	return s.Images[i*n : (i+1)*n : (i+1)*n]
}

// Slice returns the pictures from i up to, not including, j; they share their bytes with the set.
func (s Set) Slice(i, j int) Set {
	n := s.Side * s.Side
	return Set{Side: s.Side, Images: s.Images[i*n : j*n : j*n], Labels: s.Labels[i:j:j]}
}

// Load reads the files "<name>-images-idx3-ubyte" and "<name>-labels-idx1-ubyte" of fsys, with or without
// ".gz" behind. MNIST's names are "train" and "t10k".
func Load(fsys fs.FS, name string) (Set, error) {
	var s Set
	err := open(fsys, name+"-images-idx3-ubyte", func(r io.Reader) (err error) {
		s.Images, s.Side, err = ReadImages(r)
		return err
	})
	if err != nil {
		return Set{}, err
	}
	err = open(fsys, name+"-labels-idx1-ubyte", func(r io.Reader) (err error) {
		s.Labels, err = ReadLabels(r)
		return err
	})
	if err != nil {
		return Set{}, err
	}
	if got := len(s.Images) / (s.Side * s.Side); got != len(s.Labels) {
		return Set{}, fmt.Errorf("%w: %s has %d pictures and %d labels", ErrFormat, name, got, len(s.Labels))
	}
	return s, nil
}

func open(fsys fs.FS, name string, read func(io.Reader) error) error {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		name += ".gz"
		f, err = fsys.Open(name)
	}
	if err != nil {
		return fmt.Errorf("idx: %w", err)
	}
	if err := errors.Join(read(f), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// ReadImages reads square pictures. It returns them one after the other, and their side in pixels.
func ReadImages(r io.Reader) (images []byte, side int, err error) {
	values, dims, err := read(r, 3)
	if err != nil {
		return nil, 0, err
	}
	if dims[1] != dims[2] || dims[1] == 0 || dims[1] > maxSide {
		return nil, 0, fmt.Errorf("%w: pictures of %d×%d", ErrFormat, dims[2], dims[1])
	}
	return values, dims[1], nil
}

// ReadLabels reads labels, one byte each.
func ReadLabels(r io.Reader) ([]byte, error) {
	values, _, err := read(r, 1)
	return values, err
}

// read returns the values of an IDX file of unsigned bytes with the number of dimensions given.
func read(r io.Reader, dimensions int) ([]byte, []int, error) {
	r, err := unzipped(r)
	if err != nil {
		return nil, nil, err
	}
	var start [4]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, nil, fmt.Errorf("%w: no header: %w", ErrFormat, err)
	}
	if want := [4]byte{0, 0, 8, byte(dimensions)}; start != want {
		return nil, nil, fmt.Errorf("%w: starts with % x, not % x", ErrFormat, start, want)
	}
	dims, total := make([]int, dimensions), 1
	for i := range dims {
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, nil, fmt.Errorf("%w: header cut off: %w", ErrFormat, err)
		}
		d := binary.BigEndian.Uint32(b[:])
		if d > maxCount || (i > 0 && d > maxSide) {
			return nil, nil, fmt.Errorf("%w: dimension %d is %d", ErrFormat, i, d)
		}
		dims[i] = int(d)
		total *= dims[i]
	}
	if total > maxValues {
		return nil, nil, fmt.Errorf("%w: %d values, more than %d", ErrFormat, total, maxValues)
	}
	values, err := readValues(r, total)
	return values, dims, err
}

// readValues grows with what is there, so that a header's promise alone allocates nothing.
func readValues(r io.Reader, total int) ([]byte, error) {
	values, err := io.ReadAll(io.LimitReader(r, int64(total)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(values) < total {
		return nil, fmt.Errorf("%w: %d values instead of %d", ErrFormat, len(values), total)
	}
	var one [1]byte
	if n, err := r.Read(one[:]); n > 0 {
		return nil, fmt.Errorf("%w: more than the %d values of its header", ErrFormat, total)
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return values, nil
}

// unzipped returns what a gzip file holds, and anything else as it is.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if start, err := b.Peek(2); err != nil || start[0] != 0x1f || start[1] != 0x8b {
		return b, nil //nolint:nilerr // too short for either: read says so better
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("%w: gzip: %w", ErrFormat, err)
	}
	return z, nil
}
