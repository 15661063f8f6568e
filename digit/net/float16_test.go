package net

import (
	"math"
	"testing"
)

func TestHalfGoesThereAndBack(t *testing.T) {
	for h := range uint32(1 << 16) {
		f := fromHalf(uint16(h))
		if math.IsNaN(float64(f)) {
			continue
		}
		if got := toHalf(f); got != uint16(h) {
			t.Fatalf("%#04x is %v: got %#04x back", h, f, got)
		}
	}
}

func TestToHalfRounds(t *testing.T) {
	tests := []struct {
		name string
		f    float32
		want uint16
	}{
		{"one", 1, 0x3c00},
		{"between two numbers: to the even one below", 1 + 1.0/2048, 0x3c00},
		{"between two numbers: to the even one above", 1 + 3.0/2048, 0x3c02},
		{"just above the middle", 1 + 1.0/2048 + 1e-7, 0x3c01},
		{"the largest number", 65504, 0x7bff},
		{"too large", 65520, 0x7c00},
		{"far too large", 1e9, 0x7c00},
		{"the smallest number", 1.0 / (1 << 24), 1},
		{"half of the smallest: to zero, which is even", 1.0 / (1 << 25), 0},
		{"a little more than half of it", 1.1 / (1 << 25), 1},
		{"minus a third", -1.0 / 3, 0xb555},
		{"minus zero", float32(math.Copysign(0, -1)), 0x8000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := toHalf(tt.f); got != tt.want {
				t.Errorf("got %#04x, want %#04x", got, tt.want)
			}
		})
	}
	if got := fromHalf(toHalf(float32(math.NaN()))); !math.IsNaN(float64(got)) {
		t.Errorf("got %v, want not a number", got)
	}
}
