// Package synth makes pictures of digits, and of what is none, from nothing but a seed: strokes as a hand writes them
// (forms.go, glyph.go), drawings as the page's pad sends them (drawing.go), photographs of paper and blackboards
// (photo.go and its neighbours), and letters, shapes and scribbles (other.go).
//
// They serve the page's examples, tests, load, tuning of the preparation and training. The same seed gives the same
// picture on every machine, up to the last bit of floating point.
//
// Coordinates: x to the right, y down. A glyph is 1 high, around (0, 0).
package synth
