package cifra

import "time"

// FlushTarget is what to make the cache forget. Exactly one of them: everything, a namespace, one entry of it, or
// what carries a tag.
type FlushTarget struct {
	All       bool   `json:"all,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Key       string `json:"key,omitempty"` // with Namespace: the arguments as canonical JSON, or the key on the wire
	Tag       string `json:"tag,omitempty"`
}

// String is t as the audit has it.
func (t FlushTarget) String() string {
	switch {
	case t.All:
		return "all"
	case t.Tag != "":
		return "tag=" + t.Tag
	case t.Key != "":
		return "namespace=" + t.Namespace + " key=" + t.Key
	}
	return "namespace=" + t.Namespace
}

// Flushed is a flush that was done: the data of [EventCacheFlushed].
type Flushed struct {
	FlushTarget
	By        string      `json:"by"`
	Entries   int         `json:"entries"`
	Seq       int64       `json:"seq"` // of the invalidation, in the cache
	Gen       int64       `json:"gen"` // names it to who takes it back
	TookMS    float64     `json:"took_ms"`
	Instances []FlushedOn `json:"instances"`
	Undone    bool        `json:"undone,omitempty"` // it takes an earlier one back
	UndoMS    float64     `json:"undo_ms"`          // how long it can be taken back; 0: it can't be
	At        time.Time   `json:"timestamp"`
}

// FlushLine is a flush in the list of the latest ones.
type FlushLine struct {
	ID int64 // its event's number
	Flushed
}

// FlushedOn is one instance's part in a flush.
type FlushedOn struct {
	Name      string   `json:"name"`
	AppliedMS *float64 `json:"applied_ms"` // nil where nothing was heard of it
}

// NamespaceStats is what became of the questions to one namespace of the cache, in one instance since it began.
type NamespaceStats struct {
	Namespace string
	Entries   int // in this instance's memory, about
	TTL       time.Duration
	Asked     int64
	HitL1     int64
	HitL2     int64
	Stale     int64
	Miss      int64
	Coalesced int64
	Loads     int64
	LoadTime  time.Duration // that its loaders ran
	Saved     time.Duration // that remembering spared
	Pure      bool          // a flush can be taken back

	StaleIfError time.Duration // past TTL, where the source fails
	NegativeTTL  time.Duration // of a remembered "not found"; 0: none is remembered
	Local        bool          // in this instance's memory alone
	Most         int           // entries in memory, at most
	Failures     int64         // of its loaders
	Evicted      int64         // from memory, for want of room
}

// Ratio is the share of questions that were answered from what was remembered; 0 where none was asked.
func (s NamespaceStats) Ratio() float64 {
	if s.Asked == 0 {
		return 0
	}
	return float64(s.HitL1+s.HitL2+s.Stale) / float64(s.Asked)
}

// RateHistory is which share of what was asked was remembered, over time, in one instance.
type RateHistory struct {
	Since time.Time            // when the first sample begins
	Every time.Duration        // between samples
	All   []float64            // shares; -1 where nothing was asked
	By    map[string][]float64 // the same by function; those that are younger have fewer
	Marks []RateMark
}

// RateMark is something that may have changed what is remembered.
type RateMark struct {
	At   time.Time
	Kind EventKind // a flush, or a promotion
	What string
	By   string
}
