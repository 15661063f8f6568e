package servers

import (
	"encoding/json"
	"os"
)

// State is what a running cluster tells those who test it, as JSON in a file.
type State struct {
	URL       string           `json:"url"`      // of the balancer
	Admin     string           `json:"admin"`    // a user's name
	Password  string           `json:"password"` // made up for this run
	Processes map[string]Known `json:"processes"`
}

// Known is one server of a cluster.
type Known struct {
	PID   int    `json:"pid"`             // 0 while it is down
	URL   string `json:"url"`             // where it serves
	Debug string `json:"debug,omitempty"` // where it tells its metrics
}

// ReadState reads the state of a running cluster.
func ReadState(file string) (State, error) {
	var s State
	b, err := os.ReadFile(file) //nolint:gosec // the caller's own file
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(b, &s)
}
