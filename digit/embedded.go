package digit

import (
	_ "embed"
	"fmt"
	"sync"

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

// Embedded returns the model of an API that comes with the program: the same one to all who ask, as a model is some
// megabytes, is never changed, and is read by many at once.
func Embedded(api cifra.API) (*Model, error) {
	switch api {
	case cifra.V1:
		return embeddedV1()
	case cifra.V2:
		return embeddedV2()
	}
	return nil, fmt.Errorf("%w: no model for API %q", ErrModel, api)
}

var (
	embeddedV1 = sync.OnceValues(func() (*Model, error) { return Load(weightsV1) })
	embeddedV2 = sync.OnceValues(func() (*Model, error) { return Load(weightsV2) })
)
