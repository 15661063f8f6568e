package cache

import "testing"

// On a cluster a value and the generations of everything are on different servers: either may be the older of the two.
func TestOutdated(t *testing.T) {
	l := letter{all: 20, ns: 5, tags: []int64{30, 40}, payload: []byte("1")}
	value := l.seal()
	tomb := (&letter{flags: flagTomb}).seal()
	gen := func(n int64) string { return bump{cur: n, hard: n, from: n}.String() }
	for _, tt := range []struct {
		name  string
		gens  []string
		value []byte
		want  bool
	}{
		{"read at the same time", []string{gen(20), gen(30), gen(40)}, value, false},
		{"flushed since", []string{gen(21), gen(30), gen(40)}, value, false},
		{"before the generation was there", []string{"", gen(30), gen(40)}, value, true},
		{"before a flush", []string{gen(19), gen(30), gen(40)}, value, true},
		{"before a tag's invalidation", []string{gen(20), gen(30), gen(39)}, value, true},
		{"a tomb", []string{gen(19), gen(30), gen(40)}, tomb, false},
		{"not an envelope", []string{gen(19), gen(30), gen(40)}, []byte("x"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := outdated(tt.gens, tt.value); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
