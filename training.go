package cifra

import (
	"slices"
	"time"
)

// TrainingState is where a retraining stands. docs/training.md has the diagram.
type TrainingState string

// The states of a retraining.
const (
	TrainingQueued     TrainingState = "queued"     // waits for a trainer
	TrainingPreparing  TrainingState = "preparing"  // a trainer has it, and gathers what it learns from
	TrainingTraining   TrainingState = "training"   // the network learns
	TrainingEvaluating TrainingState = "evaluating" // the challenger is held against the champion
	TrainingAwaiting   TrainingState = "awaiting"   // there is a challenger, and an admin decides
	TrainingPromoted   TrainingState = "promoted"   // the challenger became the champion
	TrainingRejected   TrainingState = "rejected"   // by the gate, or by an admin
	TrainingCancelled  TrainingState = "cancelled"  // by an admin, before there was a challenger
	TrainingFailed     TrainingState = "failed"
)

// trainingMoves says which state may follow which. A run that a trainer has goes back to preparing where another
// trainer takes it over, and to queued where its trainer stops in good order.
var trainingMoves = map[TrainingState][]TrainingState{
	TrainingQueued:     {TrainingPreparing, TrainingCancelled, TrainingFailed},
	TrainingPreparing:  {TrainingTraining, TrainingPreparing, TrainingQueued, TrainingCancelled, TrainingFailed},
	TrainingTraining:   {TrainingEvaluating, TrainingPreparing, TrainingQueued, TrainingCancelled, TrainingFailed},
	TrainingEvaluating: {TrainingAwaiting, TrainingPromoted, TrainingRejected, TrainingPreparing, TrainingQueued, TrainingCancelled, TrainingFailed},
	TrainingAwaiting:   {TrainingPromoted, TrainingRejected},
	TrainingRejected:   {TrainingPromoted},
	TrainingPromoted:   {},
	TrainingCancelled:  {},
	TrainingFailed:     {},
}

// TrainingStates lists them all, in the order in which a run goes through them.
func TrainingStates() []TrainingState {
	return []TrainingState{
		TrainingQueued, TrainingPreparing, TrainingTraining, TrainingEvaluating, TrainingAwaiting,
		TrainingPromoted, TrainingRejected, TrainingCancelled, TrainingFailed,
	}
}

// CanBecome reports whether next may follow s.
func (s TrainingState) CanBecome(next TrainingState) bool {
	return slices.Contains(trainingMoves[s], next)
}

// Active reports whether the run is still to be worked on. There is one such run at most in the whole fleet.
func (s TrainingState) Active() bool {
	return s == TrainingQueued || s.Running()
}

// Running reports whether a trainer has the run.
func (s TrainingState) Running() bool {
	return s == TrainingPreparing || s == TrainingTraining || s == TrainingEvaluating
}

// TrainingRun is one retraining, from its request to what became of its challenger.
type TrainingRun struct {
	ID         int64
	API        API
	State      TrainingState
	Promote    bool   // promote at once what passes the gate
	By         string // who asked for it
	Reason     string // why it failed, was cancelled, rejected or promoted; a message key for the program's own reasons
	Cancel     bool   // an admin wants it to stop
	Owner      string // the trainer that has it, "" while none does
	Attempt    int    // how many trainers have begun it; 3 at most
	Fence      int64  // grows with every trainer that takes it: who holds an older one may change nothing
	Beat       int64  // grows with every sign of life of its trainer
	Seed       uint64
	Parent     string // the champion that it begins from
	Model      string // the challenger, "" until there is one
	Progress   float64
	Epoch      int
	Epochs     int
	Data       TrainingData
	Curve      []TrainingPoint
	Gate       *Gate     // nil until the challenger was measured
	CreatedAt  time.Time // when it was asked for
	StartedAt  time.Time // when a trainer first took it; zero before
	UpdatedAt  time.Time // the last sign of life
	FinishedAt time.Time // zero while it is active
}

// Lease is the right of one trainer to work on one run.
type Lease struct {
	Run   int64
	Fence int64
}

// Lease returns the right that the run's trainer has.
func (r *TrainingRun) Lease() Lease { return Lease{r.ID, r.Fence} }

// TrainingData is what a retraining learns from, in pictures.
type TrainingData struct {
	New       int  `json:"new"`       // labelled by people, not learnt by the champion
	Known     int  `json:"known"`     // labelled by people, learnt before
	Held      int  `json:"held"`      // labelled by people, held out for the gate
	Left      int  `json:"left"`      // labelled by people, but over what one user may add
	Generated int  `json:"generated"` // by the program
	MNIST     int  `json:"mnist"`     // of MNIST, where it is at hand
	Anchored  bool `json:"anchored"`  // what matters to the champion was held
}

// TrainingPoint is one epoch of a retraining's curve. Epoch 0 is the champion.
type TrainingPoint struct {
	Epoch      int     `json:"epoch"`
	Loss       float64 `json:"loss"`
	Held       float64 `json:"held"`       // accuracy on held-out corrections, 0 to 1; -1 where there are none
	Regression float64 `json:"regression"` // accuracy on the regression set, 0 to 1
}

// Verdict is what the gate says of a challenger.
type Verdict string

// The verdicts.
const (
	VerdictPass   Verdict = "pass"
	VerdictWait   Verdict = "wait" // an admin decides
	VerdictRefuse Verdict = "refuse"
)

// Gate is how a challenger fared against the champion: the numbers, and what follows from them.
type Gate struct {
	Verdict    Verdict         `json:"verdict"`
	Checks     []GateCheck     `json:"checks"`
	Digits     []GateDigit     `json:"digits"`    // of the regression set
	Sets       []GateSet       `json:"sets"`      // what the regression set is made of
	Differ     []GateDifferent `json:"differ"`    // stored uploads on which they differ, the largest difference first; 60 at most
	Different  int             `json:"different"` // how many there are
	Compared   int             `json:"compared"`  // uploads that were compared
	Challenger GateModel       `json:"challenger"`
	Champion   GateModel       `json:"champion"`
}

// The gate's checks, in their order.
const (
	CheckHeld       = "held"       // better on held-out corrections
	CheckRegression = "regression" // not worse on the regression set
	CheckDigits     = "digits"     // no digit loses
	CheckAgreement  = "agreement"  // answers that nobody corrected stay
)

// GateCheck is one of the gate's checks.
type GateCheck struct {
	Name       string  `json:"name"`
	Passed     bool    `json:"passed"`
	Undecided  bool    `json:"undecided,omitempty"` // too few pictures to say
	N          int     `json:"n"`                   // pictures
	Champion   float64 `json:"champion"`            // share that is right; of CheckAgreement 1
	Challenger float64 `json:"challenger"`          // the same; of CheckAgreement the share that agrees
	Limit      float64 `json:"limit"`               // the least difference that passes; of CheckAgreement the least share
	Digit      int     `json:"digit,omitempty"`     // of CheckDigits: the one that lost most
}

// GateDigit is how both read one digit.
type GateDigit struct {
	N          int     `json:"n"`
	Champion   float64 `json:"champion"`
	Challenger float64 `json:"challenger"`
}

// GateSet is how both read one part of the regression set.
type GateSet struct {
	Name       string  `json:"name"`
	N          int     `json:"n"`
	Champion   float64 `json:"champion"`
	Challenger float64 `json:"challenger"`
}

// GateModel is how sure a model is, and how well that agrees with how often it is right.
type GateModel struct {
	Model       string  `json:"model"`
	Temperature float64 `json:"temperature"`
	ECE         float64 `json:"ece"` // expected calibration error on the regression set, 0 to 1
}

// GateDifferent is a stored upload on which champion and challenger differ.
type GateDifferent struct {
	Image       string  `json:"image"`       // hash of the upload
	Prepared    string  `json:"preparation"` // version of the preparation
	Champion    int     `json:"champion"`    // the digit that it reads
	ChampionP   float64 `json:"champion_p"`
	Challenger  int     `json:"challenger"`
	ChallengerP float64 `json:"challenger_p"`
	Label       int     `json:"label"` // what people say, -1 where nobody did
}

// StoredUpload is a stored picture that somebody asked about, with what people said since.
type StoredUpload struct {
	Picture   Picture
	Label     int  // what people say that it shows, -1 where nobody did
	Corrected bool // somebody said that an answer about it was wrong
}
