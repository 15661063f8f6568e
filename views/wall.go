package views

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cifra"
	"cifra/views/qr"
)

// WallView is the room's drawings, and where the room joins.
type WallView struct {
	Drawings []cifra.WallDrawing
	Join     string
	Code     *qr.Code // nil where the address is too long for one
}

func wallID(id int64) string { return "wall-" + strconv.FormatInt(id, 10) }

// wallPicture is the address of a drawing.
func wallPicture(id int64) templ.SafeURL {
	return templ.SafeURL("/wall/" + strconv.FormatInt(id, 10) + "/drawing")
}

// wallLook is how a drawing's answer is marked: by where it came from.
func wallLook(d cifra.WallDrawing) (look, string) {
	return lookOf(cifra.Provenance{Source: d.Source, Origin: cifra.SourceModel, Outcome: outcomeOf(d.Source)})
}

func outcomeOf(s cifra.Source) cifra.Outcome {
	if s == cifra.SourceCache {
		return cifra.HitL1
	}
	return cifra.Miss
}

func showWallDrawing(p Page, data json.RawMessage) (fragment templ.Component, said string, err error) {
	var d cifra.WallDrawing
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, "", err
	}
	return wallDrawing(p, d, "#wall"), p.Words.T("wall.said", "Digit", d.Digit), nil
}

func showWallGone(_ Page, data json.RawMessage) (fragment templ.Component, said string, err error) {
	var d cifra.WallHidden
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, "", err
	}
	return WallGone(d.ID), "", nil
}

func (g gallery) wall() []State {
	p := g.at("/wall")
	p.Demo = true
	v := WallView{Join: "http://192.168.1.20:8080/"}
	v.Code, _ = qr.Encode(v.Join) // it is short
	empty := v
	for i, digit := range []int{7, 3, 0, 9, 1, 5} {
		d := cifra.WallDrawing{ID: int64(6 - i), Digit: digit, Probability: 0.99 - 0.08*float64(i), Sure: i != 3, Source: cifra.SourceModel, API: cifra.V2, At: sampleNow.Add(-time.Duration(i) * time.Minute)}
		if i%2 == 1 {
			d.Source = cifra.SourceCache
		}
		v.Drawings = append(v.Drawings, d)
	}
	return []State{{"wall", Wall(p, v)}, {"wall-empty", Wall(p, empty)}}
}
