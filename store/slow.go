package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// slowHook tells of statements that take long, from the asking for a connection to the last row.
type slowHook struct {
	db   *DB
	from time.Duration
	tell func(context.Context, cifra.SlowQuery)
}

// startKey is where an event keeps when its statement began.
type startKey struct{}

// BeforeQuery implements [bun.QueryHook].
func (h *slowHook) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	e.Stash = map[any]any{startKey{}: h.db.now()}
	return ctx
}

// AfterQuery implements [bun.QueryHook].
func (h *slowHook) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	start, _ := e.Stash[startKey{}].(time.Time)
	now := h.db.now()
	if took := now.Sub(start); took >= h.from {
		h.tell(ctx, cifra.SlowQuery{
			At: now.UTC(), SQL: withoutValues(e.Query), Took: took, Failed: e.Err != nil && !errors.Is(e.Err, sql.ErrNoRows), RequestID: cifra.RequestIDFrom(ctx),
		})
	}
}

// maxSQL is how much of a slow statement is told, in bytes.
const maxSQL = 2000

// withoutValues returns a statement with ? in place of each of its values, as bun writes them into it: texts between
// single quotes, blobs, and numbers. Several in a row are one, so that statements of one form look the same. Names, between
// double quotes or not, stay.
func withoutValues(sql string) string {
	var b strings.Builder
	for i := 0; i < len(sql) && b.Len() < maxSQL; {
		c := sql[i]
		switch {
		case c == '\'':
			i = endOfText(sql, i)
			b.WriteByte('?')
		case (c == 'X' || c == 'x' || c == 'E' || c == 'e') && i+1 < len(sql) && sql[i+1] == '\'' && !inWord(sql, i):
			i = endOfText(sql, i+1)
			b.WriteByte('?')
		case c == '"':
			end := strings.IndexByte(sql[i+1:], '"')
			if end < 0 {
				end = len(sql) - i - 2
			}
			b.WriteString(sql[i : i+end+2])
			i += end + 2
		case c >= '0' && c <= '9' && !inWord(sql, i):
			for i < len(sql) && isNumber(sql[i]) {
				i++
			}
			b.WriteByte('?')
		default:
			b.WriteByte(c)
			i++
		}
	}
	s := b.String()
	for strings.Contains(s, "?, ?, ?") {
		s = strings.ReplaceAll(s, "?, ?, ?", "?, ?")
	}
	for strings.Contains(s, "(?, ?), (?, ?)") {
		s = strings.ReplaceAll(s, "(?, ?), (?, ?)", "(?, ?)")
	}
	return clip(s, maxSQL)
}

// endOfText returns where a text that begins with the quote at i has ended. A quote within is written twice.
func endOfText(sql string, i int) int {
	for i++; i < len(sql); i++ {
		if sql[i] != '\'' {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == '\'' {
			i++
			continue
		}
		return i + 1
	}
	return len(sql)
}

// inWord reports whether what stands at i goes on a name, such as the 1 of v1.
func inWord(sql string, i int) bool {
	if i == 0 {
		return false
	}
	c := sql[i-1]
	return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isNumber(c byte) bool { return '0' <= c && c <= '9' || c == '.' || c == 'e' || c == 'E' }
