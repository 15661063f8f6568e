// Package coarse decodes JPEGs at a half, a quarter or an eighth of their size, straight from their coefficients.
//
// A photograph has ten to thirty times the pixels that the preparation works with, and most of a decoder's time goes into
// pixels that are averaged away at once. The mean of a block's quarter, or of all of it, is a weighted sum of few of the
// block's 64 coefficients: each is added as it is read, the others are stepped over, and no picture of full size ever
// lies in memory. Each pixel is the mean of those that image/jpeg would give, to the rounding.
//
// Only what cameras write is read: sequential, Huffman-coded, 8 bits, grey or YCbCr, one scan. All else, and every file
// with anything wrong about it, gives [ErrOther], and image/jpeg decides: so a file is read or refused as it would be
// without this package.
package coarse
