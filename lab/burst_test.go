package lab

import (
	"testing"
	"time"

	"cifra"
)

func TestBurst(t *testing.T) {
	b := NewBurst(memory(t), named(policy, "burst"), time.Now)
	for _, tt := range []struct {
		name   string
		n      int
		single bool
		loads  int
	}{
		{"a thousand callers, one load", MaxBurst, true, 1},
		{"one caller", 1, true, 1},
		{"without single-flight, as many as reach it", 200, false, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := b.Run(t.Context(), tt.n, tt.single)
			if err != nil {
				t.Fatal(err)
			}
			if tt.single && (got.Loads != tt.loads || got.Count(cifra.Miss) != 1 || got.Count(cifra.Coalesced) != tt.n-1) {
				t.Errorf("got %d loads, %d computed, %d shared; want 1, 1, %d", got.Loads, got.Count(cifra.Miss), got.Count(cifra.Coalesced), tt.n-1)
			}
			// One that begins late on a busy machine may find what another has made.
			if !tt.single && (got.Loads < tt.loads/2 || got.Loads != got.Count(cifra.Miss) || got.Loads+got.Count(cifra.HitL1) != tt.n) {
				t.Errorf("got %d loads, %d computed, %d remembered of %d; want most of them loads", got.Loads, got.Count(cifra.Miss), got.Count(cifra.HitL1), tt.n)
			}
		})
	}
	for _, n := range []int{-1, 0, MaxBurst + 1} {
		if _, err := b.Run(t.Context(), n, true); cifra.CodeOf(err) != cifra.Impossible {
			t.Errorf("%d calls: got %v, want it impossible", n, err)
		}
	}
}
