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
// This is the local mirror; the truth is in the back end. Both numbers only ever rise.
type generation struct {
	cur  atomic.Int64         // values of another generation are not fresh
	hard atomic.Int64         // values of a generation before this one are not given at all
	last atomic.Pointer[bump] // the flush that made cur
}

// bump is one flush.
type bump struct {
	cur, hard int64
	by, why   string
}

// raise takes b over, unless the mirror has seen a later one.
func (g *generation) raise(b bump) bool {
	raise(&g.hard, b.hard) // first: whoever sees the new cur must see whether it was hard
	if !raise(&g.cur, b.cur) {
		return false
	}
	g.last.Store(&b)
	return true
}

func raise(a *atomic.Int64, to int64) bool {
	for {
		old := a.Load()
		if to <= old {
			return false
		}
		if a.CompareAndSwap(old, to) {
			return true
		}
	}
}

// next returns the flush that follows the current generation at the time now (nanoseconds).
func (g *generation) next(now int64, h how) bump {
	b := bump{cur: max(g.cur.Load()+1, now/1000), hard: g.hard.Load(), by: h.by, why: h.why}
	if !h.soft {
		b.hard = b.cur
	}
	return b
}

// String writes b as the back end keeps it: "cur hard by\nwhy".
func (b bump) String() string {
	return strconv.FormatInt(b.cur, 10) + " " + strconv.FormatInt(b.hard, 10) + " " + b.by + "\n" + b.why
}

// parseBump reads what the back end keeps. What isn't a generation is taken as none.
func parseBump(s string) (bump, bool) {
	cur, rest, ok := strings.Cut(s, " ")
	if !ok {
		return bump{}, false
	}
	hard, rest, _ := strings.Cut(rest, " ")
	c, err := strconv.ParseInt(cur, 10, 64)
	if err != nil {
		return bump{}, false
	}
	h, err := strconv.ParseInt(hard, 10, 64)
	if err != nil {
		return bump{}, false
	}
	by, why, _ := strings.Cut(rest, "\n")
	return bump{cur: c, hard: h, by: by, why: why}, true
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
