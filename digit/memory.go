package digit

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"cifra"
	"cifra/digit/idx"
	"cifra/digit/net"
)

// What retraining holds on to, made by "cifra memory" after each training: how much each weight of the embedded models
// matters to MNIST, and generated pictures.
//
//	v1.fisher, v2.fisher       see [net.Importance]
//	replay-…-ubyte.gz          pictures on which a model goes on answering as it did
//	regression-…-ubyte.gz      others, on which a challenger is held against the champion
//
//go:embed memory
var memory embed.FS

// Memory returns how much each weight of an API's model matters to what it was trained on, for [AdaptOptions]. Models
// that were retrained have the same shape, and are near enough to be held by the same. It is nil where there is none.
func Memory(api cifra.API) *net.Importance {
	file, err := memory.ReadFile("memory/" + string(api) + ".fisher")
	if err != nil {
		return nil
	}
	p, err := net.DecodeImportance(file)
	if err != nil {
		return nil // a test reads both
	}
	return p
}

// ReplayPictures returns generated pictures to replay. Their bytes must not be changed.
func ReplayPictures() (idx.Set, error) { return replayPictures() }

// RegressionPictures returns generated pictures to measure on: 200 of each digit and some of none, in hard
// styles. Their bytes must not be changed.
func RegressionPictures() (idx.Set, error) { return regressionPictures() }

var (
	replayPictures     = sync.OnceValues(func() (idx.Set, error) { return remembered("replay") })
	regressionPictures = sync.OnceValues(func() (idx.Set, error) { return remembered("regression") })
)

func remembered(name string) (idx.Set, error) {
	sub, err := fs.Sub(memory, "memory")
	if err != nil {
		return idx.Set{}, fmt.Errorf("memory: %w", err)
	}
	set, err := idx.Load(sub, name)
	if err != nil {
		return idx.Set{}, fmt.Errorf("memory: %w", err)
	}
	if set.Side != cifra.Side {
		return idx.Set{}, fmt.Errorf("memory: pictures of side %d", set.Side)
	}
	return set, nil
}
