// Package material makes the pictures that the models learn beside MNIST: what people send, after the preparation that
// uploads take.
//
//	kinds.go     what there is to make, and how much of it
//	make.go      the pictures, many at once, the same ones for the same seed
//	digits.go    photographs, drawings and sketches of digits
//	others.go    letters, shapes, scribbles, empty paper: class [digit.NotDigit]
//	trace.go     the strokes of a picture of 28×28, so that MNIST's digits can be written anew
//	items.go     uploads to judge a model by
package material
