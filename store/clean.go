package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// clean returns s as both databases can hold it. Each byte that is no UTF-8 becomes one U+FFFD, as JSON has it too.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return -1
		}
		return r // [strings.Map] writes the U+FFFD that it read for a bad byte
	}, s)
}

// clip returns s cleaned, and cut to n characters.
func clip(s string, n int) string {
	s = clean(s)
	if len(s) <= n { // bytes, of which there are no fewer than characters
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// cleanJSON returns JSON without NUL, which a JSONB column refuses even in its escaped form. It is a string,
// because bun writes JSON values so that an escaped backslash before "u0000" breaks them.
func cleanJSON(b []byte) string {
	escape := []byte(`\u0000`)
	if !bytes.Contains(b, escape) {
		return string(b)
	}
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		switch {
		case bytes.HasPrefix(b[i:], escape):
			i += len(escape) - 1
		case b[i] == '\\' && i+1 < len(b): // any other escape, which may be that of a backslash
			out.Write(b[i : i+2])
			i++
		default:
			out.WriteByte(b[i])
		}
	}
	return out.String()
}

// toJSON returns v as a JSON column holds it.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("json: %w", err)
	}
	return cleanJSON(b), nil
}

// fromJSON fills v from a JSON column.
func fromJSON(s string, v any) error {
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	return nil
}

// nameKey returns what two names share that are one account: compatibility forms and upper and lower case are
// the same (Unicode's NFKC, and its full case folding).
func nameKey(name string) string {
	return cases.Fold().String(norm.NFKC.String(clean(name)))
}

// stamp returns t as both databases keep it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// null returns a pointer to v, nil for its zero value, which a column then holds as null.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value returns what p points to, the zero value for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
