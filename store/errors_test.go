package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"cifra"
)

// A transaction that database/sql has rolled back is the database's trouble, unless its caller has gone: then it is nobody's.
func TestTransactionThatIsOver(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, test := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // what is tested
		code cifra.Code
		left bool
	}{
		{"its time was over", t.Context(), cifra.Unavailable, false},
		{"its caller has gone", gone, cifra.Internal, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := classify(test.ctx, sql.ErrTxDone)
			if got := cifra.CodeOf(err); got != test.code || errors.Is(err, context.Canceled) != test.left || !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("got %s, %v; want %s, cancelled %v", got, err, test.code, test.left)
			}
		})
	}
}
