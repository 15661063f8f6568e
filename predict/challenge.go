package predict

import (
	"encoding/hex"
	"math"
	"sync/atomic"

	"cifra"
)

// Challenge has m answer a share of the pictures of an API, 0 to 1, beside the model that serves it; nil ends that.
// Which pictures these are their hashes say, so that one picture always has one answer, on every instance.
func (ms *Models) Challenge(api cifra.API, m Model, share float64) {
	p := ms.challengerOf(api)
	if p == nil {
		return
	}
	if m == nil || share <= 0 {
		p.Store(nil)
		return
	}
	p.Store(&challenger{m, share})
}

// challenger is a model that answers a share of the pictures.
type challenger struct {
	model Model
	share float64
}

// Answering returns the model that answers api for the picture with this hash: the one that serves, or the challenger.
func (ms *Models) Answering(api cifra.API, image string) (Model, error) {
	if p := ms.challengerOf(api); p != nil {
		if c := p.Load(); c != nil && lot(image) < c.share {
			return c.model, nil
		}
	}
	return ms.Serving(api)
}

// lot is a picture's place between 0 and 1, by its SHA-256.
func lot(image string) float64 {
	var first [4]byte
	if n, err := hex.Decode(first[:], []byte(image[:min(len(image), 8)])); err != nil || n < 4 {
		return 1 // no hash, no challenger
	}
	return float64(uint32(first[0])<<24|uint32(first[1])<<16|uint32(first[2])<<8|uint32(first[3])) / (math.MaxUint32 + 1)
}

func (ms *Models) challengerOf(api cifra.API) *atomic.Pointer[challenger] {
	switch api {
	case cifra.V1:
		return &ms.v1Challenger
	case cifra.V2:
		return &ms.v2Challenger
	}
	return nil
}
