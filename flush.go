package cifra

import "time"

// CacheEntry is what the cache tells of one entry.
type CacheEntry struct {
	Namespace string
	Key       string // on the wire
	Args      string // canonical JSON of the arguments; "" where they aren't known
	Type      string // of the value
	Tiers     []string
	State     string        // "fresh", "stale", "spare" (covers a failing loader), "gone"
	Reason    string        // why it isn't fresh
	Negative  bool          // a remembered "not found"
	Bytes     int           // 0 where that isn't known
	Hits      int64         // in this instance's memory
	Age       time.Duration // since it was made
	TTL       time.Duration // until it stops being fresh; negative when it has
	Cost      time.Duration // what making it took
	By        string        // the instance that made it
	MadeAt    time.Time
}

// ExpiresAt is when e stops being fresh.
func (e CacheEntry) ExpiresAt() time.Time { return e.MadeAt.Add(e.Age + e.TTL) }

// Receipt says what an invalidation did.
type Receipt struct {
	Seq       int64 // its number in the sequence of invalidations; 0 without a shared back end
	Entries   int   // what this instance remembered of it, about
	Instances []Applied
	Pending   bool          // the back end couldn't be told; it will be, and until then it isn't read
	Took      time.Duration // until all had applied it, or were given up
}

// Applied is one instance's part in a [Receipt].
type Applied struct {
	Name  string
	After time.Duration // since the invalidation began; -1 where nothing was heard of it
}
