package handlers

import (
	"github.com/labstack/echo/v4"

	"cifra"
)

// predictionV1 is the answer of v1, with the field names of the system that it replaces.
type predictionV1 struct {
	ID             *string              `json:"id"` // null where nothing was kept
	Prediction     int                  `json:"prediccion"`
	Probability    float64              `json:"probabilidad"`
	Version        cifra.API            `json:"version"`
	Source         cifra.Source         `json:"source"`
	Cached         bool                 `json:"cached"`
	WireProvenance cifra.WireProvenance `json:"provenance"`
}

// predictionV2 is the answer of v2.
type predictionV2 struct {
	predictionV1
	Message       string        `json:"mensaje"`
	Probabilities [10]float64   `json:"probabilidades"`
	Sure          bool          `json:"segura"`
	Reason        *cifra.Reason `json:"motivo"` // null where it is sure
	Model         string        `json:"modelo"`
	Digits        []digitV2     `json:"digitos"`
}

type digitV2 struct {
	Digit       int     `json:"digito"`
	Probability float64 `json:"probabilidad"`
	Box         [4]int  `json:"caja"` // x, y, width, height in the upload's pixels
}

// predictionJSON is an answer as its API gives it.
func (s *Site) predictionJSON(c echo.Context, r *cifra.Recognition) any {
	v2 := s.predictionV2(c, r)
	if r.API == cifra.V1 {
		return v2.predictionV1
	}
	return v2
}

func (s *Site) predictionV2(c echo.Context, r *cifra.Recognition) predictionV2 {
	v1 := predictionV1{
		Prediction: r.Reading.Digit, Probability: r.Reading.Probability, Version: r.API,
		Source: r.Provenance.Source, Cached: r.Provenance.Cached(), WireProvenance: r.Provenance.Wire(s.privileged(c)),
	}
	if r.ID != "" {
		v1.ID = &r.ID
	}
	v2 := predictionV2{
		predictionV1: v1, Probabilities: r.Reading.Probabilities, Sure: r.Reading.Sure, Model: r.Reading.Model,
		Message: messageOf(c, r.Reading), Digits: []digitV2{},
	}
	if !r.Reading.Sure {
		v2.Reason = &r.Reading.Reason
	}
	for _, d := range r.Reading.Digits {
		v2.Digits = append(v2.Digits, digitV2{d.Digit, d.Probability, [4]int{d.Box.X, d.Box.Y, d.Box.W, d.Box.H}})
	}
	return v2
}

// messageOf says a reading in one sentence.
func messageOf(c echo.Context, r cifra.Reading) string {
	if r.Sure {
		return words(c).T("message.sure", "Digit", r.Digit)
	}
	return words(c).T("reason." + string(r.Reason))
}
