package main

import (
	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
)

// newPreparer returns the preparation of every upload, on the site and in commands. What it asks whether it found a digit is
// the embedded v2, whichever model reads later: a picture is the same for all models.
func newPreparer() (*prep.Preparer, error) {
	m, err := digit.Embedded(cifra.V2)
	if err != nil {
		return nil, err
	}
	return prep.New(prep.Options{Read: m.Likely}), nil
}
