package prep_test

import (
	"errors"
	"testing"

	"cifra"
	"cifra/digit/prep"
)

// FuzzPrepare looks for bytes that crash, or that give a picture without its promises.
func FuzzPrepare(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(asPNG(f, five()))
	f.Add(asJPEG(f, five()))
	f.Add(asGIF(f, five(), five()))
	f.Add(asWebP(five()))
	f.Add(withEXIF(asJPEG(f, five()), tiff(6)))
	f.Add(withScans(f, 64, 64, 3))
	f.Add(asPlanes(f, grey(), grey(), grey(), grey()))
	p := prep.New(prep.Options{MaxPixels: 1 << 20, MaxMemory: 8 << 20}) // small, so that many are tried
	f.Fuzz(func(t *testing.T, content []byte) {
		pic, err := p.Prepare(t.Context(), content)
		var e *cifra.Error
		switch {
		case err == nil:
			checkPicture(t, pic)
		case errors.As(err, &e) && e.Code != cifra.Internal:
		case t.Context().Err() != nil:
		default:
			t.Errorf("got %v, want a refusal", err)
		}
	})
}
