// Package net is the recogniser's engine: small convolutional and dense networks over 28×28 pictures,
// in float32, in pure Go. It reads pictures (Net) and trains (Trainer).
//
// # Layout
//
// Pictures are kept channels last, with one shared column of zeros after each row and a row of zeros above
// and below. A 3×3 convolution with padding is then three strided matrix products, one for each row of its
// window, and nothing is copied to prepare them (no im2col; the first layer, with its one channel, is the
// exception). The products also compute values for the shared column: those are junk and never read.
//
// A convolution layer is conv → 2×2 max pool (where the spec says so) → scale and shift by channel → ReLU.
// While training, scale and shift are a batch norm's; afterwards its running mean and variance are folded
// into them. As they come after the pool, a negative scale is as good as a positive one.
//
// # Repeatability
//
// Every product is defined as c = fma(a, b, c), k ascending, one rounding a step, and every sum over pixels or
// pictures runs in a fixed order; so the tile shapes, the vector width and the number of workers change
// nothing. The same seed and data give the same bytes on every processor with AVX2 and FMA, with or without
// AVX-512. The portable kernel rounds each product on processors where Go doesn't fuse it: there results
// differ in the last bits, and a training gives other weights of the same quality, again always the same ones.
package net
