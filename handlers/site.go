// Package handlers turns requests into one call, and what came of it into a page or JSON. It decides nothing.
package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/i18n"
	"cifra/views"
)

// Site is what the handlers share; package web fills it. All of it is required but where said.
type Site struct {
	Predict     Predictor
	Predictions Predictions
	History     History
	Accounts    Accounts
	Retraining  Retraining
	Models      Models
	Champions   Champions
	Drawings    Drawings
	Keys        Keys
	Browsers    Browsers
	Persons     Persons
	Roster      Roster
	System      System
	Session     Session
	Cache       CacheStatus
	Parts       Parts
	Audit       AuditBook
	Judgements  Judgements
	Feedback    FeedbackReview
	Report      ReportNumbers
	Overview    Overview
	Events      Events
	Recheck     func(c echo.Context) func(context.Context) error // whether who asks is still an admin; package web fills it
	Lab         Lab
	Wall        Wall
	MyStats     MyStats
	StatsCache  Remembered // of MyStats, by user
	Examples    Examples
	Docs        func() views.DocsView // the API's calls, from the OpenAPI document
	AssetsBuilt bool                  // false: the program was built without make, and has no styles
	Demo        bool
	Version     string
	Instance    string // this instance's name, as Provenance.By has it
	Retention   time.Duration
	Now         func() time.Time
}

// Session knows who a browser is. [cifra/web.Sessions] is one.
type Session interface {
	// SignIn makes u the session's user, under a new token.
	SignIn(ctx context.Context, u *cifra.User) error
	// Current names the session in its owner's list, "" where there is none.
	Current(ctx context.Context) string
	// SignOut ends the session.
	SignOut(ctx context.Context) error
	// BecomeGuest returns the session's guest name, and makes one where there is none.
	BecomeGuest(ctx context.Context) (string, error)
	// Guest returns the guest name, "" where there is none.
	Guest(ctx context.Context) string
	// ForgetGuest drops the guest name.
	ForgetGuest(ctx context.Context)
}

// CacheStatus says how the cache's back end is. [cifra/cache.Cache] is one, through cmd.
type CacheStatus interface {
	// Down returns since when the shared back end cannot be reached; ok is false while it can.
	Down() (since time.Time, down bool)
	// Backend names the shared back end, "memory" where there is none.
	Backend() string
}

// Examples is the page's own drawings. [cifra/web] has them from package static.
type Examples interface {
	// Names lists them, in the order in which to show them.
	Names() []string
	// URL is the address of one.
	URL(name string) string
	// File returns one's bytes and its file's name; ok is false where there is none of this name.
	File(name string) (content []byte, fileName string, ok bool)
}

// The names of the cookies that hold what a person set, without a sign-in.
const (
	CookieLanguage = "language"
	CookieTheme    = "theme"
)

// MaxFileMiB is the most that one file may have.
const MaxFileMiB = maxFile >> 20

type contextKey string

const (
	keyWords   contextKey = "words"
	keyRequest contextKey = "request"
)

// SetWords gives the request its language.
func SetWords(c echo.Context, p *i18n.Printer) { c.Set(string(keyWords), p) }

func words(c echo.Context) *i18n.Printer {
	p, _ := c.Get(string(keyWords)).(*i18n.Printer)
	return p
}

// actor is who asks.
func actor(c echo.Context) cifra.Actor { return cifra.ActorFrom(c.Request().Context()) }

// page is what every page needs besides its own content.
func (s *Site) page(c echo.Context) views.Page {
	a := actor(c)
	p := views.Page{
		Words: words(c), Path: c.Request().URL.RequestURI(), Demo: s.Demo, Version: s.Version,
		AssetsBuilt: s.AssetsBuilt, Admin: a.User.IsAdmin(), Now: s.Now(), Instance: s.Instance,
	}
	p.Live, p.Seq = true, seqOf(c)
	if a.User != nil {
		p.Username = a.User.Username
	}
	if c.Request().Method != http.MethodGet {
		p.Path = "/" // a form's address has no page of its own
	}
	if a.User != nil {
		p.Theme = a.User.Theme
	}
	if ck, err := c.Cookie(CookieTheme); err == nil && (ck.Value == "light" || ck.Value == "dark") {
		p.Theme = ck.Value
	}
	if since, down := s.Cache.Down(); down {
		p.Degraded, p.DegradedSince = true, since
	}
	if s.Lab.WhatIf != nil {
		if is, left, on := s.Lab.WhatIf.Now(); on {
			p.Trouble = &views.Trouble{WhatIf: is, Left: left}
		}
	}
	return p
}

// privileged reports whether the asker may see keys and every step: an admin, or anybody in demo mode.
func (s *Site) privileged(c echo.Context) bool { return s.Demo || actor(c).User.IsAdmin() }
