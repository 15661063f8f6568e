package predict

import (
	"sync/atomic"

	"cifra"
)

// Models holds the model that serves each API. A promotion swaps it while requests go on.
type Models struct {
	v1, v2                     atomic.Pointer[Model]
	v1Challenger, v2Challenger atomic.Pointer[challenger]
}

// Serve makes m the model that answers api from now on.
func (ms *Models) Serve(api cifra.API, m Model) {
	if p := ms.slot(api); p != nil {
		p.Store(&m)
	}
}

// Serving returns the model that answers api. An API that does not exist is NotFound.
func (ms *Models) Serving(api cifra.API) (Model, error) {
	if p := ms.slot(api); p != nil {
		if m := p.Load(); m != nil {
			return *m, nil
		}
	}
	return nil, cifra.E(cifra.NotFound, "error.not-found")
}

func (ms *Models) slot(api cifra.API) *atomic.Pointer[Model] {
	switch api {
	case cifra.V1:
		return &ms.v1
	case cifra.V2:
		return &ms.v2
	}
	return nil
}
