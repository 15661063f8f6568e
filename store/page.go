package store

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cifra"
)

// pageSize returns how many items a page holds: n, 20 where it is not given, 100 at most.
func pageSize(n int) int {
	if n <= 0 {
		return 20
	}
	return min(n, 100)
}

// badCursor is what a place in a list that nobody gave out gets.
func badCursor(err error) error { return cifra.E(cifra.Invalid, "error.cursor").Wrap(err) }

// parseNumber reads a cursor that is the id of the last row seen, 0 where it is empty.
func parseNumber(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || n < 1 {
		return 0, badCursor(err)
	}
	return n, nil
}

// place is where a page of a list in the order of time ends: rows of one microsecond are told apart by id.
type place struct {
	at time.Time
	id string
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", p.at.UnixMicro(), p.id))
}

// parsePlace reads a cursor that is a place, the zero place where it is empty.
func parsePlace(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return place{}, badCursor(err)
	}
	at, id, _ := strings.Cut(string(b), " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	// Times that the databases write with another number of digits would be out of order.
	if t := time.UnixMicro(micros).UTC(); err == nil && id != "" && t.Year() >= 1 && t.Year() <= 9999 {
		return place{t, clean(id)}, nil
	}
	return place{}, badCursor(err)
}
