package cache

import (
	"strings"
	"time"
)

// expect opens a place for the answers to a notice, and returns what they refer to.
func (p *peers) expect() (ref string) {
	ref = randomHex(8)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[ref] = make(chan string, 256)
	return ref
}

func (p *peers) dismiss(ref string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.answers, ref)
}

// confirmed notes that the back end has done what ref refers to.
func (p *peers) confirmed(ref string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told[p.tells%len(p.told)] = ref
	p.tells++
}

// collect waits until every other instance of live has answered ref, or ackBudget is over.
func (p *peers) collect(ref string, live []string, began int64) []Applied {
	defer p.dismiss(ref)
	p.mu.Lock()
	ch := p.answers[ref]
	p.mu.Unlock()
	missing := map[string]bool{}
	for _, id := range live {
		if id != p.c.id {
			missing[id] = true
		}
	}
	var list []Applied
	over := time.NewTimer(ackBudget)
	defer over.Stop()
	for len(missing) > 0 {
		select {
		case id := <-ch:
			if missing[id] {
				delete(missing, id)
				list = append(list, Applied{nameOf(id), time.Duration(p.c.clock.now() - began)})
			}
		case <-over.C:
			for id := range missing {
				list = append(list, Applied{nameOf(id), -1})
			}
			return list
		}
	}
	return list
}

func nameOf(id string) string {
	name, _, _ := strings.Cut(id, "#")
	return name
}
