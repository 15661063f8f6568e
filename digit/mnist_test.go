package digit_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"cifra/digit/idx"
)

// mnistDir returns where MNIST lies, "" where it isn't here: CIFRA_TEST_MNIST, or beside the project.
func mnistDir() string {
	if dir := os.Getenv("CIFRA_TEST_MNIST"); dir != "" {
		return dir
	}
	dir := filepath.Join("..", "..", "shared", "mnist")
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// validation returns the last 5,000 training pictures of MNIST, on which no embedded model was trained, and whether
// they are here.
func validation(t testing.TB) (idx.Set, bool) {
	t.Helper()
	dir := mnistDir()
	if dir == "" {
		t.Log("MNIST isn't here (CIFRA_TEST_MNIST): generated pictures take its place")
		return idx.Set{}, false
	}
	set, err := idx.Load(os.DirFS(dir), "train")
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("CIFRA_TEST_MNIST names a folder without MNIST: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return set.Slice(set.Len()-5000, set.Len()), true
}

// segments are the seven bars of a display for each digit: top, upper left, upper right, middle, lower left, lower
// right, bottom.
var segments = [10]string{
	"1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010",
	"1111111", "1111011",
}

// display draws n digits as seven bars each, shifted a little by their number.
func display(n int) idx.Set {
	bars := [7][4]int{{9, 4, 18, 6}, {9, 4, 11, 14}, {16, 4, 18, 14}, {9, 12, 18, 14}, {9, 13, 11, 23}, {16, 13, 18, 23}, {9, 21, 18, 23}}
	s := idx.Set{Side: 28}
	for i := range n {
		img := make([]byte, 784)
		dx, dy := i/10%5-2, i/50%5-2
		for b, on := range segments[i%10] {
			if on == '0' {
				continue
			}
			for y := bars[b][1]; y <= bars[b][3]; y++ {
				for x := bars[b][0]; x <= bars[b][2]; x++ {
					img[(y+dy)*28+x+dx] = byte(200 + i%56)
				}
			}
		}
		s.Images, s.Labels = append(s.Images, img...), append(s.Labels, byte(i%10))
	}
	return s
}
