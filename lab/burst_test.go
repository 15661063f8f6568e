package lab

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
)

func TestBurst(t *testing.T) {
	b := NewBurst(memory(t), named(policy, "burst"), nil, time.Now)
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

// mates are a crew of bursts that have nothing in common, each of which says what it was asked for.
type mates []*Burst

func (m mates) Others(context.Context) []string {
	names := make([]string, 0, len(m))
	for _, b := range m {
		names = append(names, b.name)
	}
	return names
}

func (m mates) Do(ctx context.Context, parts map[string]cifra.BurstPart) (done []cifra.BurstDone, err error) {
	for _, b := range m[:len(m)-1] { // the last one never answers
		d, err := b.Part(ctx, parts[b.name])
		if err != nil {
			return nil, err
		}
		done = append(done, d)
	}
	return done, nil
}

func TestBurstIsDividedAmongInstances(t *testing.T) {
	var crew mates
	for _, name := range []string{"b", "c", "silent"} {
		b := NewBurst(memory(t), named(policy, "burst"), nil, time.Now)
		b.name = name
		crew = append(crew, b)
	}
	b := NewBurst(memory(t), named(policy, "burst"), crew, time.Now)
	got, err := b.Run(t.Context(), 103, true)
	if err != nil {
		t.Fatal(err)
	}
	want := []cifra.BurstShare{{Instance: "a", Calls: 26, Loads: 1}, {Instance: "b", Calls: 26, Loads: 1}, {Instance: "c", Calls: 26, Loads: 1}}
	if diff := cmp.Diff(want, got.Parts); diff != "" || got.Missing != 25 || got.Loads != 3 || len(got.Outcomes) != 78 {
		t.Errorf("got %d loads, %d outcomes, %d missing, want 3, 78, 25 (-want +got):\n%s", got.Loads, len(got.Outcomes), got.Missing, diff)
	}
	if got, err := b.Run(t.Context(), 1, true); err != nil || len(got.Parts) != 1 || got.Missing != 0 {
		t.Errorf("one call: got %+v, %v, want it from here alone", got.Parts, err)
	}
	for _, p := range []cifra.BurstPart{{}, {Calls: MaxBurst + 1, Key: "x"}, {Calls: 1, Key: strings.Repeat("x", 101)}} {
		if _, err := b.Part(t.Context(), p); cifra.CodeOf(err) != cifra.Impossible {
			t.Errorf("a part of %d calls: got %v, want it impossible", p.Calls, err)
		}
	}
}
