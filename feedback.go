package cifra

import "time"

// NoLabel stands where nobody said which digit it is.
const NoLabel = -1

// MaxComment is the most characters that a comment may have.
const MaxComment = 2000

// UndoTime is how long somebody may take back what they said of an answer.
const UndoTime = 10 * time.Second

// Feedback is what somebody said of an answer, and what became of it.
type Feedback struct {
	ID           int64
	PredictionID string // "" where none was named, or where it was deleted since
	UserID       int64  // 0 for a guest
	Guest        string // the guest's name, "" for a user
	Username     string // as it was then
	API          API    // of the prediction, "" where none was named
	Model        string // likewise
	Prediction   int    // the digit that was answered, 0 to 9
	Correct      bool   // they say that it is right
	Label        int    // the digit that they say it is: Prediction where Correct, NoLabel where they didn't say
	Comment      string // MaxComment characters at most
	State        FeedbackState
	Decided      int       // the digit that an admin accepted, NoLabel where none did
	DecidedBy    string    // the admin's name, "" before
	DecidedAt    time.Time // zero before
	UsedBy       string    // the last training run that learned from it, "" before
	CreatedAt    time.Time
}

// FeedbackState is what became of a piece of feedback.
type FeedbackState string

// The states. What was withdrawn or replaced doesn't count any more, neither in the report nor for training.
const (
	FeedbackNew       FeedbackState = "new"
	FeedbackAccepted  FeedbackState = "accepted"
	FeedbackRejected  FeedbackState = "rejected"
	FeedbackWithdrawn FeedbackState = "withdrawn" // taken back by who gave it
	FeedbackReplaced  FeedbackState = "replaced"  // they said something else about the same picture later
)

// Valid reports whether s is one of the states.
func (s FeedbackState) Valid() bool {
	switch s {
	case FeedbackNew, FeedbackAccepted, FeedbackRejected, FeedbackWithdrawn, FeedbackReplaced:
		return true
	}
	return false
}

// Decision is what an admin makes of a piece of feedback.
type Decision string

// The decisions.
const (
	DecisionAccept Decision = "accept" // the label counts for training, in full
	DecisionReject Decision = "reject" // it never does
	DecisionReopen Decision = "reopen" // takes a decision back
)

// Valid reports whether d is one of the decisions.
func (d Decision) Valid() bool {
	return d == DecisionAccept || d == DecisionReject || d == DecisionReopen
}

// FeedbackFilter chooses feedback. What is zero does not choose.
type FeedbackFilter struct {
	State   FeedbackState // "" for all that counts
	Correct *bool
	Said    *int // the digit that was answered
	Label   *int // the digit that they say it is
	Model   string
}

// FeedbackCount is how often something was said of a model's answers on one day.
type FeedbackCount struct {
	Day     string // such as 2026-03-14, in UTC
	API     API    // "" where no prediction was named
	Model   string // likewise
	Said    int    // the digit that was answered
	Label   int    // the digit that they say it is, NoLabel where they didn't say
	Correct bool
	N       int64
}

// LabelledQuery chooses labelled pictures for training.
type LabelledQuery struct {
	API   API  // whose runs count for Fresh
	Fresh bool // only what no run of API has learned from yet
	Batch int  // how many pictures the batch will have, replay included: agreed labels take 1 % of it for each user
}

// Labelled is a picture with the digit that it shows, as people say. It is there once, however many say so.
type Labelled struct {
	Image       string // hex SHA-256 of the upload
	Preparation string // version of the preparation
	Views       []byte // n×784 bytes, row by row, as in [Picture]
	Label       int    // 0 to 9
	Predicted   int    // what was answered when it was said
	Accepted    bool   // by an admin; else three users or more agree
	Users       []int64
	Feedback    []int64 // the feedback that says so; [Feedback.ID]
	Used        bool    // a run of the query's API has learned this label already
	At          time.Time
}
