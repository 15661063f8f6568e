package cifra

import "time"

// ModelVersion is one set of weights. Versions are immutable: only which of them serves changes.
type ModelVersion struct {
	ID        string // "v2-" and the first 8 hex digits of SHA256
	API       API
	SHA256    string // hex, of Weights
	Weights   []byte // as digit/net writes them
	Parent    string // the version it was trained from, "" for embedded ones
	Note      string // where it came from, one line
	Metrics   map[string]float64
	By        string // who made it: a user's name, or "embedded"
	CreatedAt time.Time
}

// Reign is the time for which one version served one API.
type Reign struct {
	API    API
	Model  string    // the version's id
	Since  time.Time // when it was promoted
	Until  time.Time // when another one was; zero while it serves
	By     string    // who promoted it
	Reason string
}

// Standing is one version with what became of it.
type Standing struct {
	Version  ModelVersion
	Champion bool         // it serves its API
	Reigns   []Reign      // when it served, the latest first
	Run      *TrainingRun // that made it; nil where none did
}

// ModelFault is a champion that an instance should serve, but can't load.
type ModelFault struct {
	API     API
	Model   string // the champion
	Serving string // the last good version, which goes on
	Err     *Error // what is wrong with it
	Since   time.Time
}
