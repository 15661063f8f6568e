// Package prep turns an upload into what a model sees: 28×28 pixels, white ink on black, centred as MNIST is.
//
// The way of one upload, top to bottom, a file a stage:
//
//	kind.go, limits.go   what is it, and is decoding it harmless? decided from magic bytes and headers alone
//	exif.go, decode.go   the camera's turn; pixels, at most two uploads at once and against a deadline; large JPEGs at a
//	                     half, a quarter or an eighth of their size (package coarse)
//	rows.go, shrink.go   alpha laid on white or black; at most 384 px, straight from the decoder's own planes
//	plain.go             32 px or less: taken as it is, centred
//	polarity.go          dark ink on light paper, or light ink on a dark ground?
//	paper.go, margin.go  the paper's light estimated, its shadows' edges, what lies beside the page
//	flatten.go           all of that divided out
//	lines.go             ruled and squared lines that run from border to border subtracted
//	label.go, choose.go  threshold above the noise, connected pieces, the piece that is the digit, near parts joined
//	boxes.go             where the digits lie in the upload
//	cuts.go              where a wide piece may be several digits that touch
//	look.go              the same again another way, where a photograph showed no digit
//	render.go            stroke width brought to the usual one, 20 px box, centre of mass in the middle
//
// Every intensity inside the package is a float32 from 0 to 1; planes lie row by row.
// The constants come from 825 photographs by phone and 600 drawings, and those of polarity.go and margin.go from
// package synth's photographs of every kind. A change to any of them is a new [Version].
package prep
