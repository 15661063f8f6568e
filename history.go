package cifra

import "time"

// HistoryFilter says which of somebody's predictions are asked for. The zero value asks for all of them.
type HistoryFilter struct {
	Digit  *int      // read as this digit
	Said   Said      // what was said about it
	API    API       // of this API's models
	Model  string    // of this version of a model
	Source Source    // whose answer came from there
	From   time.Time // made at this time or later
	Until  time.Time // made before this time
}

// Said is what somebody said about an answer.
type Said string

// What may be said about an answer. Empty asks for nothing.
const (
	SaidRight   Said = "right"
	SaidWrong   Said = "wrong"
	SaidNothing Said = "nothing"
)

// Valid reports whether s is one of what may be said, or empty.
func (s Said) Valid() bool { return s == "" || s == SaidRight || s == SaidWrong || s == SaidNothing }

// IsZero reports whether everything is asked for.
func (f HistoryFilter) IsZero() bool { return f == HistoryFilter{} }
