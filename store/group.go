package store

import (
	"sync"

	"cifra"
)

// maxGroup is how many predictions share a commit at most.
const maxGroup = 64

// group has those who come while a commit is on its way share the next one (group commit, as databases do it with
// their own logs). Nobody waits for company: whoever comes to an idle database is written at once, and under load
// the groups grow by themselves, so the number of commits, each a wait for the disk, grows far slower than the load.
type group struct {
	mu      sync.Mutex // guards waiting and busy
	waiting []*kept
	busy    bool // a goroutine writes

	work sync.WaitGroup
}

// add has write called with k, alone or among others, and the result sent to k.done. A call of write at a time.
func (g *group) add(k *kept, write func([]*kept) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, k)
	if g.busy {
		return
	}
	g.busy = true
	g.work.Go(func() {
		for ks := g.next(); ks != nil; ks = g.next() {
			commit(ks, write)
		}
	})
}

// next returns those who still wait; nil, with which the goroutine ends, where nobody does.
func (g *group) next() []*kept {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ks []*kept
	for len(g.waiting) > 0 && len(ks) < maxGroup {
		if k := g.waiting[0]; k.ctx.Err() == nil {
			ks = append(ks, k)
		}
		g.waiting[0] = nil
		g.waiting = g.waiting[1:]
	}
	if ks == nil {
		g.busy, g.waiting = false, nil
	}
	return ks
}

// commit writes ks together. Where that fails by the fault of one of them, each is written alone.
func commit(ks []*kept, write func([]*kept) error) {
	err := write(ks)
	if err == nil || len(ks) == 1 || cifra.CodeOf(err) == cifra.Unavailable {
		for _, k := range ks {
			k.done <- err
		}
		return
	}
	for i, k := range ks {
		k.done <- write(ks[i : i+1])
	}
}
