package cache

import (
	"iter"

	"github.com/maypok86/otter/v2"
)

// memory is L1 of one memo: an otter.Cache. Nothing expires in it by itself: whether an entry may be given
// is decided when it is asked for, and an entry that may not still tells why.
//
// It is an interface because a package that reads a type with a memo in it compiles all methods of what
// the memo is made of: with otter's cache itself in there, they were three quarters of what the whole
// program took to compile. Behind this only the package that makes the memo does.
type memory[K comparable, V any] interface {
	GetIfPresent(k K) (*entry[V], bool)
	GetEntryQuietly(k K) (otter.Entry[K, *entry[V]], bool)
	All() iter.Seq2[K, *entry[V]]
	Values() iter.Seq[*entry[V]]
	Set(k K, e *entry[V]) (*entry[V], bool)
	ComputeIfPresent(k K, remap func(*entry[V]) (*entry[V], otter.ComputeOp)) (*entry[V], bool)
	InvalidateAll()
	EstimatedSize() int
}

// newMemory makes the memory for m.
func newMemory[K comparable, V any](m *Memo[K, V]) memory[K, V] {
	o := &otter.Options[K, *entry[V]]{MaximumSize: m.p.Entries}
	if m.p.Weight > 0 {
		o.MaximumSize, o.MaximumWeight = 0, uint64(m.p.Weight)
		o.Weigher = func(k K, e *entry[V]) uint32 {
			switch {
			case e.gone != nil || m.weigh == nil:
				return 1
			default:
				return max(1, m.weigh(k, e.v))
			}
		}
	}
	o.Executor = func(tidy func()) {
		if m.setting.Load() {
			tidy() // a goroutine for it would cost the writer as much again
		} else {
			go tidy() // a reader is quicker without
		}
	}
	o.OnAtomicDeletion = func(d otter.DeletionEvent[K, *entry[V]]) {
		m.stats.retire(d.Value.hits.Load(), d.Value.cost)
		if d.Cause == otter.CauseOverflow {
			m.stats.overflow.Add(1)
			noteEvicted(&m.stats.evicted, d.Key)
			m.displaced()
		}
	}
	return otter.Must(o)
}
