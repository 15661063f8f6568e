package prep

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// together runs all of them side by side, since somebody waits and another core is often idle, and returns when all have ended.
// A panic of one goes on in the caller: whoever guards the caller against a hostile picture guards against it here, too.
func together(all ...func()) {
	var running sync.WaitGroup
	failed := make([]error, len(all))
	for i, f := range all {
		running.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failed[i] = fmt.Errorf("%v\n%s", p, debug.Stack())
				}
			}()
			f()
		})
	}
	running.Wait()
	for _, err := range failed {
		if err != nil {
			panic(err)
		}
	}
}
