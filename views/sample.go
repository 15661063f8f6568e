package views

import (
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
			{Name: "l1", Desc: "miss", Took: ms(0.02)},
			{Name: "redis", Desc: "miss", Start: ms(0.03), Took: ms(0.41)},
			{Name: "lease", Desc: "won", Start: ms(0.45), Took: ms(0.33)},
			{Name: "loader", Start: ms(0.8), Took: ms(5.6)},
			{Name: "prepare", Start: ms(0.81), Took: ms(4.1)},
			{Name: "model", Desc: "v2-9f3a1c2e", Start: ms(4.92), Took: ms(1.47)},
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

// sampleSources is an answer from every source, with every kind of step, and for every reason to miss.
func sampleSources() []cifra.Provenance {
	var list []cifra.Provenance
	for _, s := range []cifra.Source{cifra.SourceDatabase, cifra.SourceComputation, cifra.SourceUpstream, cifra.SourceModel} {
		p := sampleProvenance(cifra.Miss)
		p.Source, p.Origin = s, s
		p.Steps = append(p.Steps, cifra.Step{Name: "store", Start: 6800 * time.Microsecond, Took: 1900 * time.Microsecond})
		list = append(list, p)
	}
	for _, reason := range []string{
		"", "expired", "cache flushed by ana 14:01:10", "namespace flushed by ana 14:01:10: what for", "tag image:9f3a bumped by ana",
		"invalidated", "evicted", "schema changed", "lease lost", "back end unreachable", "skipped", "early", "unheard of",
	} {
		p := sampleProvenance(cifra.Miss)
		p.Reason = reason
		list = append(list, p)
	}
	for _, reason := range []string{"expired", "loader failed: timeout", "loader slow"} {
		p := sampleProvenance(cifra.Stale)
		p.Reason = reason
		list = append(list, p)
	}
	bypass := sampleProvenance(cifra.Bypass)
	bypass.Degraded = false
	return append(list, bypass, sampleProvenance(cifra.Bypass), sampleProvenance(cifra.HitL1), sampleProvenance(cifra.HitL2), sampleProvenance(cifra.Coalesced))
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
				Body:        "{\n  \"username\": \"ana\",\n  \"password\": \"…\"\n}",
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
				File:    "file",
				Answers: []DocsAnswer{{Status: 200, Description: "What the model reads", Body: "{\n  \"probabilidad\": 0.962,\n  \"segura\": true\n}"}},
			}, {
				ID: "delete-prediction", Method: "DELETE", Path: "/api/v1/predictions/{prediction_id_of_twenty_six_characters}",
				Summary: "Delete one of your predictions, its picture, and the cached answers about it",
				Params: []DocsParam{
					{Name: "prediction_id_of_twenty_six_characters", In: "path", Kind: "string", Required: true, Example: "5YQ2JXW7CZK4M3NRT6VBAHDFGE"},
					{Name: "source", In: "query", Kind: "string", Description: "Where the answer came from.", Choices: []string{"model", "cache"}},
				},
			}},
		},
	}}
}
