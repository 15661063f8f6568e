package cache

// Option is a property of a memo that a plain [Policy] can't hold.
type Option[K comparable, V any] func(*Memo[K, V])

// Tags ties each entry to tags: invalidating one of them invalidates the entry, see
// [Cache.InvalidateTag]. They come from the key alone, since their generations must be read before the
// value is made: a tag that only the value knows would be known too late to catch an invalidation that
// comes while it is made.
func Tags[K comparable, V any](of func(K) []string) Option[K, V] {
	return func(m *Memo[K, V]) { m.tags = of }
}

// NotFound makes "not found" a value: an error of the loader for which is returns true is kept for the
// policy's NegativeTTL, and returned to those who ask. Other errors are never kept.
func NotFound[K comparable, V any](is func(error) bool) Option[K, V] {
	return func(m *Memo[K, V]) { m.absent = is }
}

// Weigh says what a value weighs in L1, against the policy's Weight.
func Weigh[K comparable, V any](of func(K, V) uint32) Option[K, V] {
	return func(m *Memo[K, V]) { m.weigh = of }
}

// Final tells which errors of the loader say that there is no such value any more, such as "not found" where that
// isn't kept: a stale value never covers them, and what is remembered under the key goes, on every instance. They
// don't count as failures. What [NotFound] names is final by itself.
func Final[K comparable, V any](is func(error) bool) Option[K, V] {
	return func(m *Memo[K, V]) { m.final = is }
}
