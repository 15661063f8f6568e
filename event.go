package cifra

import (
	"context"
	"encoding/json"
	"time"
)

// Event is a fact that has happened, kept in the outbox. Seq orders all events of the system;
// whoever saw one may ask for those after it. docs/events.md lists the kinds.
type Event struct {
	Seq  int64           `json:"seq"`
	Kind EventKind       `json:"event"`
	Data json.RawMessage `json:"data"`
	At   time.Time       `json:"-"`
}

// EventKind names what happened.
type EventKind string

// The kinds of events.
const (
	EventPredicted         EventKind = "predicted"
	EventNewFeedback       EventKind = "new_feedback"
	EventFeedbackDecided   EventKind = "feedback_decided"
	EventFeedbackWithdrawn EventKind = "feedback_withdrawn"
	EventModelPromoted     EventKind = "model_promoted"
	EventRetrainProgress   EventKind = "retrain_progress" // one at least for each run
	EventRetrainFinished   EventKind = "retrain_finished"
	EventCacheFlushed      EventKind = "cache_flushed"
	EventWhatIf            EventKind = "what_if"
	EventWallShown         EventKind = "wall_shown"
	EventWallHidden        EventKind = "wall_hidden"
	EventAudit             EventKind = "audit"
)

// Listener is somebody who wants to be told of events as they happen.
type Listener struct {
	Room     string
	Language string                      // of the fragments; "" for a program, which gets the events as JSON
	Since    int64                       // the number of the last event that was seen; negative: only what comes from now on
	Welcome  string                      // the sentence that a program is greeted with
	Check    func(context.Context) error // Unsigned or Denied where they may not listen any more; nil: everybody may
}
