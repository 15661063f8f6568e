package material

import (
	"context"

	"cifra/digit/idx"
)

// Replay and Regression make what retraining remembers beside the weights (see [digit.ReplayPictures]): pictures of
// generated strokes, as far from easy as the kinds go. They are rounded to 16 levels, which no model notices, so that
// they take little room in the program.

// Replay returns n pictures to replay, a seventh of them without a digit.
func Replay(ctx context.Context, n int, o Options) (idx.Set, error) {
	o.Seed ^= 0x7265706c6179
	return remembered(ctx, []amount{{Sketches, n - n/7, 0}, {OtherSketches, n / 7, 0}}, o)
}

// Regression returns pictures to measure on: n of digits, the same number of each, and a tenth as many without one.
func Regression(ctx context.Context, n int, o Options) (idx.Set, error) {
	o.Seed ^= 0x72656772657373
	all, err := remembered(ctx, []amount{{Sketches, n * 13 / 10, 0}, {Drawings, n / 10, 0}, {OtherSketches, n / 10, 0}}, o)
	if err != nil {
		return idx.Set{}, err
	}
	kept := idx.Set{Side: all.Side}
	var of [11]int
	for i, label := range all.Labels {
		if of[label]++; of[label] <= n/10 {
			kept.Images, kept.Labels = append(kept.Images, all.Image(i)...), append(kept.Labels, label)
		}
	}
	return kept, nil
}

func remembered(ctx context.Context, amounts []amount, o Options) (idx.Set, error) {
	o.Digits = idx.Set{}
	sets, err := o.makeAll(ctx, amounts)
	if err != nil {
		return idx.Set{}, err
	}
	all := Joined(sets)
	for i, v := range all.Images {
		all.Images[i] = byte((int(v) + 8) / 17 * 17)
	}
	return all, nil
}
