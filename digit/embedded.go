package digit

import (
	_ "embed"
	"fmt"

	"cifra"
)

// The weights that come with the program, made by "cifra train" as docs/model-card.md says.
var (
	//go:embed weights/v1.bin
	weightsV1 []byte
	//go:embed weights/v2.bin
	weightsV2 []byte
)

// EmbeddedWeights returns the file behind [Embedded]. It must not be changed.
func EmbeddedWeights(api cifra.API) ([]byte, error) {
	switch api {
	case cifra.V1:
		return weightsV1, nil
	case cifra.V2:
		return weightsV2, nil
	}
	return nil, fmt.Errorf("%w: no model for API %q", ErrModel, api)
}

// Embedded returns the model of an API that comes with the program.
func Embedded(api cifra.API) (*Model, error) {
	w, err := EmbeddedWeights(api)
	if err != nil {
		return nil, err
	}
	return Load(w)
}
