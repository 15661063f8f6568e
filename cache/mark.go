package cache

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"
)

// mark is a place in a listing: after an entry in memory, or in the back end's scan.
type mark struct {
	made int64 // of the last entry in memory; 0: the beginning
	key  string
	back bool
	scan uint64
	skip int // keys of this step that were seen
}

func (m mark) String() string {
	text := fmt.Sprintf("m %d %s", m.made, m.key)
	if m.back {
		text = fmt.Sprintf("b %d %d", m.scan, m.skip)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func parseMark(cursor string) (m mark, err error) {
	if cursor == "" {
		return m, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < 2 {
		return m, ErrCursor
	}
	if m.back = b[0] == 'b'; m.back {
		_, err = fmt.Sscanf(string(b), "b %d %d", &m.scan, &m.skip)
	} else {
		_, err = fmt.Sscanf(string(b), "m %d %s", &m.made, &m.key)
	}
	if err != nil || m.skip < 0 {
		return m, ErrCursor
	}
	return m, nil
}

// before is the order of entries in memory: newest first.
func (m mark) before(x mark) int {
	return cmp.Or(cmp.Compare(x.made, m.made), strings.Compare(m.key, x.key))
}
