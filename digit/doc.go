// Package digit reads handwritten digits: pictures of 28×28 in, ten calibrated probabilities and a word on whether
// they can be relied on out. It holds the two embedded models, their training and their evaluation.
//
//	model.go      a model: load it, read a picture with it
//	line.go       several digits in one picture, and those that touch
//	policy.go     when a reading is sure, and why not
//	embedded.go   the weights that come with the program
//	recipe.go, train.go, deck.go, calibrate.go    how they are made
//	evaluate.go, items.go                how they are judged
//
// Package net is the engine, prep turns uploads into pictures, synth draws pictures, material makes of them what models
// learn beside MNIST, idx reads MNIST.
package digit
