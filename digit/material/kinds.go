package material

import (
	"cifra/digit"
	"cifra/digit/idx"
)

// Kind is a way in which a picture comes to be.
type Kind string

// The kinds of pictures. Each but MNIST's own has its digits half from MNIST, traced and written anew, and half from
// the generator of strokes.
const (
	Photographs Kind = "photographs" // on paper or a board, by a camera, in all of synth's kinds
	Drawings    Kind = "drawings"    // on the page's pad, any pen, size and place
	Sketches    Kind = "sketches"    // strokes alone, with what a preparation leaves: gaps, remains of lines, grain
	Smalls      Kind = "small scans" // of 8 to 32 pixels, cut out narrowly or not, light on dark or dark on light

	OtherPhotographs Kind = "photographs without a digit" // signs, scribbles, digits that touch, empty pages
	OtherDrawings    Kind = "drawings without a digit"
	OtherSketches    Kind = "sketches without a digit"
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{Photographs, Drawings, Sketches, Smalls, OtherPhotographs, OtherDrawings, OtherSketches}
}

// stream keeps the random numbers of kinds apart.
func (k Kind) stream() int {
	for i, other := range Kinds() {
		if k == other {
			return i + 1
		}
	}
	return 0
}

// isOther reports whether pictures of the kind show no digit.
func (k Kind) isOther() bool {
	return k == OtherPhotographs || k == OtherDrawings || k == OtherSketches
}

// amount is how many pictures of a kind a training learns from, and what share of each epoch they are. MNIST itself
// has the rest of it. Each picture is changed anew in every epoch, so a kind that is dear to make has few.
type amount struct {
	kind  Kind
	n     int
	share float64
}

var amounts = []amount{
	{Photographs, 3600, .18},
	{Drawings, 3600, .09},
	{Sketches, 16000, .08},
	{Smalls, 6000, .06},
	{OtherPhotographs, 300, .02},
	{OtherDrawings, 1500, .03},
	{OtherSketches, 5000, .04},
}

// mnistShare is what MNIST's own pictures are of each epoch.
const mnistShare = .50

// mnistName names MNIST's own pictures among the sources.
const mnistName = "mnist"

// held is how many pictures a validation set has of each kind.
var held = []amount{
	{Photographs, 120, 0},
	{Drawings, 300, 0},
	{Sketches, 800, 0},
	{Smalls, 200, 0},
	{OtherPhotographs, 20, 0},
	{OtherDrawings, 80, 0},
	{OtherSketches, 200, 0},
}

// sourceOf names a set for a training.
func sourceOf(a amount, set idx.Set) digit.Source {
	return digit.Source{Name: string(a.kind), Set: set, Share: a.share}
}

// Weigh sets the shares of sources that [Training] made: for pictures that were kept while the shares changed.
func Weigh(sources []digit.Source) {
	shares := map[string]float64{mnistName: mnistShare}
	for _, a := range amounts {
		shares[string(a.kind)] = a.share
	}
	for i := range sources {
		sources[i].Share = shares[sources[i].Name]
	}
}
