package views

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"time"

	"cifra"
	"cifra/static"
)

// What the gallery shows: fixed, so that its pages are the same on every machine.

const sampleID = "KX4Q7LRB2N5TZ6VW3YPA2CDEFG"

var sampleNow = time.Date(2026, 3, 14, 14, 3, 11, 0, time.UTC)

func sampleHome() HomeView {
	v := HomeView{API: cifra.V2, MaxMiB: 8, Retention: 90 * 24 * time.Hour}
	for i, name := range static.Examples() {
		v.Examples = append(v.Examples, ExampleView{Name: name, URL: static.ExampleURL(name), Hard: i >= 4})
	}
	return v
}

// stroke is a line through points of the 28×28 picture.
type stroke []struct{ x, y float64 }

// blank is a picture without a digit.
const blank = -1

// sampleStrokes are the digits that the gallery's pictures show.
var sampleStrokes = map[int]stroke{
	1: {{10, 9}, {15, 5}, {14, 22}},
	4: {{12, 5}, {8, 15}, {20, 15}, {17, 8}, {16, 23}},
	7: {{8, 6}, {20, 6}, {16, 14}, {13, 22}},
}

// draw is the digit as the model sees it.
func draw(digit int) []byte {
	pix := make([]byte, cifra.Pixels)
	line := sampleStrokes[digit]
	for i := range pix {
		x, y := float64(i%cifra.Side)+0.5, float64(i/cifra.Side)+0.5
		nearest := math.Inf(1)
		for s := 1; s < len(line); s++ {
			nearest = min(nearest, distance(x, y, line[s-1].x, line[s-1].y, line[s].x, line[s].y))
		}
		pix[i] = uint8(255 * max(0, min(1, 2-nearest)))
	}
	return pix
}

// distance is from a point to a piece of line.
func distance(x, y, x1, y1, x2, y2 float64) float64 {
	dx, dy := x2-x1, y2-y1
	t := max(0, min(1, ((x-x1)*dx+(y-y1)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(x-x1-t*dx, y-y1-t*dy)
}

// photograph is the digits as a photograph: side by side, ink on paper.
func photograph(numbers ...int) (thumbnail []byte, width, height int) {
	const scale = 3
	width, height = cifra.Side*scale*len(numbers), cifra.Side*scale
	img := image.NewGray(image.Rect(0, 0, width, height))
	for n, digit := range numbers {
		pix := draw(digit)
		for y := range height {
			for x := range cifra.Side * scale {
				img.SetGray(n*cifra.Side*scale+x, y, color.Gray{Y: 250 - pix[y/scale*cifra.Side+x/scale]/5*4})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, width, height // unreachable, as in sawURL
	}
	return b.Bytes(), width, height
}

func samplePicture(numbers ...int) cifra.Picture {
	pic := cifra.Picture{
		Preparation: "p1", Format: "png", Views: draw(numbers[0]),
		Steps: []string{cifra.StepShrunk, cifra.StepFlattened, cifra.StepCropped, cifra.StepStroke, cifra.StepCentred},
	}
	pic.Thumbnail, pic.Width, pic.Height = photograph(numbers...)
	for n := range numbers {
		pic.Boxes = append(pic.Boxes, cifra.Box{X: n*84 + 18, Y: 9, W: 48, H: 66})
	}
	return pic
}

func sampleProvenance(o cifra.Outcome) cifra.Provenance {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	p := cifra.Provenance{
		Source: cifra.SourceModel, Origin: cifra.SourceModel, Outcome: o, By: "cifra-1", Took: ms(6.83),
		ComputedAt: sampleNow, ExpiresAt: sampleNow.Add(10 * time.Minute), TTL: 10 * time.Minute,
	}
	hit := func(age, left time.Duration) {
		p.Source, p.Age, p.TTL, p.Saved = cifra.SourceCache, age, left, ms(6.52)
		p.ComputedAt, p.ExpiresAt = sampleNow.Add(-age), sampleNow.Add(left)
	}
	switch o {
	case cifra.Miss:
		p.Reason = "cold"
		p.Steps = []cifra.Step{
			{Name: "l1", Desc: "miss", Took: ms(0.02)}, {Name: "redis", Desc: "miss", Start: ms(0.03), Took: ms(0.41)},
			{Name: "lease", Desc: "won", Start: ms(0.45), Took: ms(0.33)}, {Name: "loader", Start: ms(0.8), Took: ms(5.6)},
			{Name: "prepare", Start: ms(0.81), Took: ms(4.1)}, {Name: "model", Desc: "v2-9f3a1c2e", Start: ms(4.92), Took: ms(1.47)},
			{Name: "fill", Start: ms(6.42), Took: ms(0.37)},
		}
	case cifra.HitL1:
		hit(41*time.Second, 559*time.Second)
		p.Tier, p.Took = "memory", ms(0.31)
		p.Steps = []cifra.Step{{Name: "l1", Desc: "hit", Took: ms(0.02)}}
	case cifra.HitL2:
		hit(3*time.Minute, 7*time.Minute)
		p.Tier, p.By, p.Took = "redis", "cifra-2", ms(0.62)
		p.Steps = []cifra.Step{{Name: "l1", Desc: "miss", Took: ms(0.02)}, {Name: "redis", Desc: "hit", Start: ms(0.03), Took: ms(0.44)}}
	case cifra.Stale:
		hit(11*time.Minute, -time.Minute)
		p.Reason, p.Tier, p.Took = "expired", "memory", ms(0.33)
	case cifra.Coalesced:
		p.Steps = []cifra.Step{{Name: "l1", Desc: "miss", Took: ms(0.02)}, {Name: "wait", Start: ms(0.03), Took: ms(6.7)}}
	case cifra.Bypass:
		p.Reason, p.Degraded, p.TTL = "back end unreachable", true, 0
	}
	return p
}

func sampleReading() cifra.Reading {
	return cifra.Reading{
		Model: "v2-9f3a1c2e", Digit: 7, Probability: 0.962, Sure: true,
		Probabilities: [10]float64{0.0003, 0.029, 0.0011, 0.0004, 0.0002, 0.0002, 0.0001, 0.962, 0.0007, 0.006},
	}
}

func sampleResult(prov cifra.Provenance) ResultView {
	r := cifra.Recognition{
		Prediction: cifra.Prediction{
			ID: sampleID, API: cifra.V2, Reading: sampleReading(), Provenance: prov, FileName: "seven.png", CreatedAt: sampleNow,
		},
		Picture: samplePicture(7),
	}
	other := r
	other.API, other.Provenance = cifra.V1, sampleProvenance(cifra.Miss)
	other.Provenance.Took = 210 * time.Microsecond
	other.Reading.Model, other.Reading.Probability = "v1-41d7e0b3", 0.911
	return ResultView{
		Recognition: r, Compare: &other, CanDelete: true, Retention: 90 * 24 * time.Hour,
		Curl: "curl -H \"Authorization: Bearer $TOKEN\" \\\n  -F file=@seven.png \\\n  https://cifra.example/api/v2/predict",
	}
}

// sampleUnsure is an answer for each reason of not being sure.
func sampleUnsure(reason cifra.Reason) ResultView {
	v := sampleResult(sampleProvenance(cifra.Miss))
	r := &v.Recognition.Reading
	r.Sure, r.Reason, r.Probability = false, reason, 0.48
	r.Probabilities = [10]float64{0.01, 0.39, 0.02, 0.01, 0.03, 0.01, 0.01, 0.48, 0.01, 0.03}
	if reason == cifra.ReasonBlank {
		v.Recognition.Picture = samplePicture(blank)
		v.Recognition.Picture.Boxes = nil
		r.Probability, r.Probabilities = 0.1, [10]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}
	}
	if reason == cifra.ReasonSeveral {
		v.Recognition.Picture = samplePicture(4, 1)
	}
	v.Compare = nil
	return v
}

// sampleLine is an answer about several digits side by side.
func sampleLine() ResultView {
	v := sampleResult(sampleProvenance(cifra.Miss))
	v.Recognition.Picture = samplePicture(4, 1, 7)
	r := &v.Recognition.Reading
	r.Digit, r.Probability = 4, 0.97
	for i, d := range []int{4, 1, 7} {
		r.Digits = append(r.Digits, cifra.ReadDigit{
			Digit: d, Probability: []float64{0.97, 0.993, 0.88}[i], Box: v.Recognition.Picture.Boxes[i],
		})
	}
	v.Recognition.FileName = "page-12.png"
	v.Compare = nil
	return v
}

func sampleNotKept() ResultView {
	v := sampleResult(sampleProvenance(cifra.Miss))
	v.Recognition.ID, v.Recognition.FileName, v.CanDelete = "", "", false
	return v
}

// sampleDisagree is an answer on which the models differ.
func sampleDisagree() ResultView {
	v := sampleResult(sampleProvenance(cifra.Miss))
	r := &v.Compare.Reading
	r.Digit, r.Probability, r.Sure, r.Reason = 1, 0.55, false, cifra.ReasonUnsure
	return v
}

func sampleDocs() DocsView {
	return DocsView{Groups: []DocsGroup{
		{
			Name: "Accounts", Description: "Sign in once, and send the token with every call.",
			Operations: []DocsOperation{{
				ID: "login", Method: "POST", Path: "/api/v1/login", Summary: "Sign in",
				Description: "The answer and its time are the same for an unknown name and a wrong password.",
				Curl:        "curl -d '{\"username\":\"ana\",\"password\":\"…\"}' -H 'Content-Type: application/json' https://cifra.example/api/v1/login",
				Answers: []DocsAnswer{
					{Status: 200, Description: "Signed in", Body: "{\n  \"access_token\": \"eyJhbGciOi…\",\n  \"expires_at\": \"2026-03-15T14:03:11Z\"\n}"},
					{Status: 401, Description: "The name or the password is wrong"},
				},
			}},
		},
		{
			Name: "Recognise",
			Operations: []DocsOperation{{
				ID: "predict-v2", Method: "POST", Path: "/api/v2/predict", Summary: "Read the digit in a picture",
				Curl:    sampleResult(cifra.Provenance{}).Curl,
				Answers: []DocsAnswer{{Status: 200, Description: "What the model reads", Body: "{\n  \"prediccion\": 7,\n  \"probabilidad\": 0.962\n}"}},
			}, {
				ID: "delete-prediction", Method: "DELETE", Path: "/api/v1/predictions/{prediction_id_of_twenty_six_characters}",
				Summary: "Delete one of your predictions, its picture, and the cached answers about it",
			}},
		},
	}}
}
