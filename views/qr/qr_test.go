package qr

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestCodesCanBeReadBack takes the data out of the drawn code again, by the standard's order of the modules, and checks
// the correction: a code word of Reed-Solomon is divisible by its generator.
func TestCodesCanBeReadBack(t *testing.T) {
	for _, text := range []string{"a", "http://192.168.1.20:8080/", "https://cifra.example/?r=" + strings.Repeat("x", 30), strings.Repeat("7", 106)} {
		c, err := Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		version := (c.Size - 17) / 4
		v := versions[version-1]
		mask := c.readFormat(t)
		c.mask(mask)
		got := c.read(v.total)
		data := v.total - v.correction*v.blocks
		short, long := data/v.blocks, data%v.blocks
		blocks := make([][]byte, v.blocks)
		at := 0
		for i := range short + 1 {
			for b := range blocks {
				if i < short || b >= v.blocks-long {
					blocks[b] = append(blocks[b], got[at])
					at++
				}
			}
		}
		all := bytes.Join(blocks, nil)
		for i := range v.correction {
			_ = i
			for b := range blocks {
				blocks[b] = append(blocks[b], got[at])
				at++
			}
		}
		for b, block := range blocks {
			for _, r := range remainder(block, divisor(v.correction)) {
				if r != 0 {
					t.Errorf("%.20q: block %d is no code word", text, b)
					break
				}
			}
		}
		if all[0]>>4 != 4 {
			t.Errorf("%.20q: got mode %d, want 4, bytes", text, all[0]>>4)
		}
		n := int(all[0]&15)<<4 | int(all[1]>>4)
		var said []byte
		for i := range n {
			said = append(said, all[i+1]<<4|all[i+2]>>4)
		}
		if string(said) != text {
			t.Errorf("got %q, want %q", said, text)
		}
	}
	if _, err := Encode(strings.Repeat("7", 107)); !errors.Is(err, ErrLong) {
		t.Errorf("107 bytes: got %v, want it refused", err)
	}
}

// TestFormatIsTheStandards holds the format's bits to the standard's table for correction M.
func TestFormatIsTheStandards(t *testing.T) {
	for mask, want := range []string{"101010000010010", "101000100100101", "101111001111100", "101101101001011"} {
		c := draw(1)
		c.format(mask)
		var got strings.Builder
		for i := 14; i >= 0; i-- {
			if c.Dark(c.formatAt(i)) {
				got.WriteByte('1')
			} else {
				got.WriteByte('0')
			}
		}
		if got.String() != want {
			t.Errorf("mask %d: got %s, want %s", mask, &got, want)
		}
	}
}

// TestGenerator holds the generator polynomial of degree 10 to the standard's, as powers of 2.
func TestGenerator(t *testing.T) {
	power := func(n int) byte {
		x := byte(1)
		for range n {
			x = multiply(x, 2)
		}
		return x
	}
	for i, n := range []int{251, 67, 46, 61, 118, 70, 64, 94, 32, 45} {
		if got, want := divisor(10)[i], power(n); got != want {
			t.Errorf("%d: got %d, want %d", i, got, want)
		}
	}
}

// formatAt is where the bit i of the format lies around the first finder.
func (c *Code) formatAt(i int) (x, y int) {
	switch {
	case i < 6:
		return 8, i
	case i == 6:
		return 8, 7
	case i == 7:
		return 8, 8
	case i == 8:
		return 7, 8
	}
	return 14 - i, 8
}

func (c *Code) readFormat(t *testing.T) int {
	t.Helper()
	bits := 0
	for i := 14; i >= 0; i-- {
		bits <<= 1
		if c.Dark(c.formatAt(i)) {
			bits |= 1
		}
	}
	bits ^= 0x5412
	if bits>>13 != 0 {
		t.Errorf("got correction %d, want M", bits>>13)
	}
	return bits >> 10 & 7
}

// read takes n bytes out of the modules that no pattern covers.
func (c *Code) read(n int) []byte {
	out := make([]byte, n)
	i, up := 0, true
	for x := c.Size - 1; x > 0; x -= 2 {
		if x == 6 {
			x--
		}
		for v := range c.Size {
			y := v
			if up {
				y = c.Size - 1 - v
			}
			for _, xx := range []int{x, x - 1} {
				if !c.fixed[y*c.Size+xx] && i < 8*n {
					if c.Dark(xx, y) {
						out[i/8] |= 0x80 >> (i % 8)
					}
					i++
				}
			}
		}
		up = !up
	}
	return out
}
