package synth

import (
	"fmt"
	"strconv"
	"strings"
)

// form is one way to write a digit.
type form struct {
	name   string
	weight float64 // how often people write it so, against the others of its digit
	aspect float64 // width over height
	path   string  // knots in percent of the box: "x,y"; "!" after one is a corner; ";" lifts the pen
}

// forms holds, for each digit, the ways in which it is written.
var forms = [10][]form{
	0: {
		{"oval", 4, .70, "54,2 26,9 6,36 7,70 30,97 62,97 90,72 94,38 76,9 50,1 40,4"},
		{"narrow", 2, .52, "60,3 30,4 6,30 4,68 34,98 72,94 97,62 92,26 66,2 48,3"},
		{"open", 1, .72, "66,8 36,3 8,34 6,70 32,98 66,95 93,68 93,34 74,9 62,3"},
	},
	1: {
		{"plain", 3, .08, "52,0 50,50 48,100"},
		{"flag", 4, .34, "6,30 38,16 68,0! 66,50 64,100"},
		{"serif", 2, .50, "16,24 34,14 56,0! 55,50 54,98; 8,100 50,98 98,99"},
		{"hook", 1, .30, "2,36 40,20 72,1 80,14 76,60 70,100"},
	},
	2: {
		{"swan", 4, .68, "9,26 22,7 48,0 76,9 84,30 68,56 38,82 6,99! 50,97 97,96"},
		{"looped", 3, .72, "10,22 30,3 60,1 82,18 76,44 48,74 18,97 4,92 12,81 32,85 62,98 98,90"},
		{"angular", 1, .66, "8,8 46,0 80,8 78,30 44,66 5,99! 48,98 96,99"},
	},
	3: {
		{"round", 4, .64, "9,14 30,2 60,1 81,14 78,33 58,44 34,47! 62,48 90,62 93,80 70,97 36,100 5,89"},
		{"flat", 1, .66, "10,2 46,1 86,0! 64,22 42,40! 70,42 93,60 90,84 60,100 26,99 4,90"},
		{"looped", 1, .66, "8,12 34,0 68,4 82,20 66,40 44,48 36,45 44,41 66,48 92,68 84,90 50,100 8,92"},
	},
	4: {
		{"open", 4, .70, "20,0 14,28 4,57! 40,56 97,53; 74,12 70,54 66,100"},
		{"closed", 3, .72, "66,0 38,34 3,68! 50,67 98,66; 68,1 67,50 66,100"},
		{"lifted", 1, .66, "30,2 18,30 8,60! 46,59 94,58; 62,34 61,68 60,100"},
	},
	5: {
		{"two strokes", 4, .68, "20,3 17,24 14,44! 36,36 66,37 90,54 88,80 58,99 26,99 4,89; 19,3 52,2 94,0"},
		{"one stroke", 2, .68, "90,1 54,1 22,3! 18,24 14,43! 40,35 72,40 91,60 82,88 46,100 5,92"},
		{"curled", 1, .62, "88,2 58,0 28,5 20,26 22,42 50,44 82,56 88,78 62,98 30,99 4,88"},
	},
	6: {
		{"curl", 4, .62, "74,1 46,14 20,42 7,70 18,94 46,100 78,92 90,72 74,56 44,55 16,70"},
		{"straight back", 2, .58, "66,0 38,28 12,62 8,84 32,99 66,97 88,80 78,61 48,56 16,72"},
		{"round back", 1, .66, "86,10 60,1 30,12 9,46 7,78 30,99 66,98 90,80 80,60 50,53 14,66"},
	},
	7: {
		{"plain", 4, .68, "4,4 48,3 95,1! 68,40 42,100"},
		{"crossed", 3, .70, "5,3 48,3 94,1! 68,42 40,100; 24,52 56,50 92,47"},
		{"hooked", 1, .70, "5,20 6,6 18,3 54,5 95,1! 70,36 46,100"},
		{"curved", 1, .66, "4,6 30,1 60,4 94,2! 66,30 50,62 46,100"},
	},
	8: {
		{"one stroke", 4, .62, "76,13 50,0 22,8 17,28 42,46 74,60 90,79 68,98 34,99 11,82 24,60 54,44 80,28 76,10 62,3"},
		{"two rings", 2, .60, "52,44 24,34 18,14 44,1 74,8 80,28 54,44 24,56 6,78 28,98 66,99 93,80 78,56 50,43"},
		{"open top", 1, .62, "84,8 54,1 22,8 18,28 46,46 78,62 88,82 62,100 26,96 10,78 30,58 62,40 88,16"},
	},
	9: {
		{"straight", 4, .60, "82,14 56,1 24,8 8,32 26,51 56,49 80,26 84,6! 83,40 78,72 74,100"},
		{"hooked", 3, .62, "84,14 54,0 22,8 9,32 30,50 60,46 82,24 86,8! 86,50 76,86 46,100 10,93"},
		{"round", 2, .60, "78,20 58,1 26,5 10,30 30,50 64,44 82,22 84,36 80,72 60,98 22,99"},
	},
}

// Forms lists the names of the ways in which a digit is written, the commonest first.
func Forms(class int) []string {
	o := make([]string, 0, len(forms[class]))
	for _, f := range forms[class] {
		o = append(o, f.name)
	}
	return o
}

// formOf returns the form with a name, or one at random by weight where name is "".
func formOf(class int, name string, r source) form {
	var total float64
	for _, f := range forms[class] {
		if f.name == name {
			return f
		}
		total += f.weight
	}
	at := r.Float64() * total
	for _, f := range forms[class] {
		if at -= f.weight; at < 0 {
			return f
		}
	}
	return forms[class][0]
}

// knot is a point that a stroke runs through.
type knot struct {
	x, y   float64
	corner bool
}

// knots reads a path: its strokes, each a list of knots in the unit box.
func knots(path string) ([][]knot, error) {
	var o [][]knot
	for stroke := range strings.SplitSeq(path, ";") {
		var s []knot
		for field := range strings.FieldsSeq(stroke) {
			field, corner := strings.CutSuffix(field, "!")
			xs, ys, ok := strings.Cut(field, ",")
			x, errX := strconv.ParseFloat(xs, 64)
			y, errY := strconv.ParseFloat(ys, 64)
			if !ok || errX != nil || errY != nil {
				return nil, fmt.Errorf("knot %q: want x,y", field)
			}
			s = append(s, knot{x / 100, y / 100, corner})
		}
		if len(s) < 2 {
			return nil, fmt.Errorf("stroke %q: want two knots at least", stroke)
		}
		o = append(o, s)
	}
	return o, nil
}
