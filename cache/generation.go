package cache

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"weak"
)

// generation counts the flushes of everything, of a namespace or of a tag. A value carries the
// generations that were read before it was loaded and is valid only as long as they are the current
// ones: a loader that started before a flush can't be believed after it, however late it ends.
//
// The numbers are microseconds of the back end's clock when the flush happened, or one more than the
// number before if that is larger: one that was lost and made anew never repeats an older one.
//
// This is the local mirror; the truth is in the back end. The number only ever rises.
type generation struct{ now atomic.Pointer[bump] } // nil: not known yet

// bump is what made a generation: a flush, or the taking back of one.
type bump struct {
	cur     int64 // the generation's number
	hard    int64 // values of a generation before this one are not given at all
	from    int64 // values from this generation on are current: cur itself, or less where a flush was taken back
	by, why string
}

// cur is the number of the current generation; 0 where none is known.
func (g *generation) cur() int64 {
	if b := g.now.Load(); b != nil {
		return b.cur
	}
	return 0
}

// holds reports whether values of the generation at are current.
func (g *generation) holds(at int64) bool {
	b := g.now.Load()
	return b == nil && at == 0 || b != nil && b.from <= at && at <= b.cur
}

// buried reports whether values of the generation at must not be given, not even stale.
func (g *generation) buried(at int64) bool {
	b := g.now.Load()
	return b != nil && at < b.hard
}

// raise takes b over, unless the mirror has seen a later one.
func (g *generation) raise(b bump) bool {
	for {
		old := g.now.Load()
		if old != nil && b.cur <= old.cur {
			return false
		}
		if g.now.CompareAndSwap(old, &b) {
			return true
		}
	}
}

// next returns the flush that follows the current generation at the time now (nanoseconds).
func (g *generation) next(now int64, h how) bump {
	b := bump{cur: max(g.cur()+1, now/1000), by: h.by, why: h.why}
	b.hard, b.from = b.cur, b.cur
	if old := g.now.Load(); h.soft {
		b.hard = 0
		if old != nil {
			b.hard = old.hard
		}
	}
	return b
}

// back returns what takes b, the flush after old, back: from then on values of before it are current again, and
// those made since stay so.
func (b bump) back(old bump, now, floor int64, by, why string) bump {
	return bump{cur: max(b.cur+1, now/1000, floor+1), hard: old.hard, from: old.from, by: by, why: why}
}

// String writes b as the back end keeps it: "cur hard from by\nwhy".
func (b bump) String() string {
	return strconv.FormatInt(b.cur, 10) + " " + strconv.FormatInt(b.hard, 10) + " " + strconv.FormatInt(b.from, 10) +
		" " + b.by + "\n" + b.why
}

// parseBump reads what the back end keeps. What isn't a generation is taken as none.
func parseBump(s string) (b bump, ok bool) {
	for _, n := range []*int64{&b.cur, &b.hard, &b.from} {
		var text string
		var err error
		if text, s, ok = strings.Cut(s, " "); !ok {
			return bump{}, false
		}
		if *n, err = strconv.ParseInt(text, 10, 64); err != nil {
			return bump{}, false
		}
	}
	b.by, b.why, _ = strings.Cut(s, "\n")
	return b, true
}

// tagSet holds the generations of the tags that some entry in L1, or some load under way, refers to.
// It holds them weakly: a tag for each image ever seen must not stay in memory for ever.
type tagSet struct {
	mu sync.Mutex
	m  map[string]weak.Pointer[generation] // guarded by mu
}

// get returns the generation of tag, the same one for as long as anybody holds it.
func (t *tagSet) get(tag string) *generation {
	t.mu.Lock()
	defer t.mu.Unlock()
	if g := t.m[tag].Value(); g != nil {
		return g
	}
	if t.m == nil {
		t.m = map[string]weak.Pointer[generation]{}
	}
	g := new(generation)
	t.m[tag] = weak.Make(g)
	runtime.AddCleanup(g, t.drop, tag)
	return g
}

// find returns the generation of tag if anybody holds it.
func (t *tagSet) find(tag string) *generation {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.m[tag].Value()
}

func (t *tagSet) drop(tag string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.m[tag].Value() == nil { // else it was made anew in the meantime
		delete(t.m, tag)
	}
}
