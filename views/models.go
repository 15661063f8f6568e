// Package views holds the pages: templ components over plain structs that hold what is shown.
// No view calls anything, and none knows where its values came from.
package views

import (
	"time"

	"cifra"
	"cifra/i18n"
)

// Page is what every page needs besides its own content.
type Page struct {
	Words         *i18n.Printer
	Theme         string // "light", "dark", or "" to follow the system
	Username      string // "" for a guest
	Admin         bool
	Path          string // this page's path and query, to come back to
	Degraded      bool   // the cache's shared back end cannot be reached
	DegradedSince time.Time
	Demo          bool
	Trouble       *Trouble // what is broken on purpose; nil where nothing is
	Live          bool     // the page is served, and may listen; false in the gallery
	Seq           int64    // the number of the last event that this page knows of; negative: it knows of none
	AssetsBuilt   bool     // false: the program was built without make, and has no styles
	Version       string
	Instance      string    // this instance's name, as cifra.Provenance.By has it; "" where it isn't told
	Now           time.Time // the zero time leaves ages as the answer itself tells them
}

// HomeView is the page on which digits are drawn and uploaded.
type HomeView struct {
	API       cifra.API
	Error     string // what was wrong with the upload, said already; "" when nothing was
	Examples  []ExampleView
	MaxMiB    int
	Retention time.Duration // after which drawings are deleted
}

// ExampleView is one of the page's own drawings.
type ExampleView struct {
	Name string // the value of the form's field "example"; its message is "example." and the name
	URL  string
	Hard bool
}

// ResultView is one answer.
type ResultView struct {
	Recognition cifra.Recognition
	Compare     *cifra.Recognition // the other model's reading of the same picture; nil where there is none
	Curl        string             // the same call from a program; "" where there is none
	CanDelete   bool
	CanShare    bool
	Address     string        // the whole address of this answer; "" where it can't be shared
	Judge       *JudgeView    // whether it is right; nil where that isn't asked
	Retention   time.Duration // after which what was kept is deleted; 0 where it isn't told
}

// Bar is one of the ten probabilities.
type Bar struct {
	Digit       int
	Probability float64 // 0 to 1
}

// FailureView is a file, of several, that could not be read.
type FailureView struct {
	FileName string
	Message  string
}

// GuessView is what a model makes of a drawing that is still under way.
type GuessView struct {
	Digit       int
	Probability float64
	Sure        bool
	Reason      cifra.Reason
}

// SignInView is the form to sign in.
type SignInView struct {
	Username, Next string
	Error          string            // of the form as a whole, said already
	Fields         map[string]string // errors by field, said already
}

// RegisterView is the form to make an account.
type RegisterView struct {
	Username, Next string
	Error          string
	Fields         map[string]string
}

// SetupView is the form that makes the first admin.
type SetupView struct {
	Code, Username string
	Error          string
	Fields         map[string]string
}

// ProblemView is an error page.
type ProblemView struct {
	Status     int
	Title      string
	Detail     string
	RequestID  string
	RetryAfter time.Duration
}

// DocsView is the API's page.
type DocsView struct {
	Groups []DocsGroup
}

// DocsGroup is the calls that belong together.
type DocsGroup struct {
	Name, Description string
	Operations        []DocsOperation
}

// DocsOperation is one call.
type DocsOperation struct {
	ID, Method, Path, Summary, Description string
	Curl                                   string // an example
	Params                                 []DocsParam
	Body                                   string // an example of the JSON to send, "" where none is sent
	File                                   string // the form field of the file to send, "" where none is sent
	Socket                                 bool   // it opens a WebSocket, which no form can
	Answers                                []DocsAnswer
}

// DocsParam is a parameter of a call.
type DocsParam struct {
	Name, In, Kind, Description, Example string // In is "path", "query" or "header"
	Choices                              []string
	Required                             bool
}

// DocsAnswer is an example of an answer.
type DocsAnswer struct {
	Status      int
	Description string
	Body        string // "" where there is none
}
