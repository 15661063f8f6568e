package views

import (
	"time"

	"github.com/a-h/templ"

	"cifra"
	"cifra/i18n"
)

// State is one state of one page, or of one of its fragments within its page.
type State struct {
	Name      string // a file name without its ending
	Component templ.Component
}

// Gallery is every state of every page by name: what people look at, the golden test holds, and axe-core checks.
// Times and values are fixed. Theme is as in [Page]; assets says whether to link styles and scripts.
func Gallery(words *i18n.Printer, theme string, assets bool) []State {
	p := Page{
		Words: words, Theme: theme, Path: "/", AssetsBuilt: assets, Version: "v0.1.0", Instance: "cifra-1", Now: sampleNow,
	}
	g := gallery{p}
	var all []State
	all = append(all, g.home()...)
	all = append(all, g.answers()...)
	all = append(all, g.accounts()...)
	all = append(all, g.history()...)
	all = append(all, g.accountPages()...)
	all = append(all, g.problems()...)
	all = append(all, g.audit()...)
	all = append(all, g.users()...)
	all = append(all, g.system()...)
	all = append(all, g.feedback()...)
	all = append(all, g.retraining()...)
	all = append(all, g.lab()...)
	all = append(all, g.rooms()...)
	all = append(all, g.room()...)
	all = append(all, g.show()...)
	all = append(all, g.myStats()...)
	all = append(all, g.whatIf()...)
	all = append(all, g.wall()...)
	all = append(all, g.cachePage()...)
	all = append(all, State{"sources", sources(p, sampleSources())})
	return append(all, State{"docs", APIDocs(g.at("/docs/"), sampleDocs())})
}

type gallery struct{ page Page }

// at is the page at another path.
func (g gallery) at(path string) Page {
	p := g.page
	p.Path = path
	return p
}

func (g gallery) home() []State {
	signedIn := g.page
	signedIn.Username = "ana"
	longName := g.page
	longName.Username = "maria-dolores.de-la-fuente_y-santiago-de-compostela-1234567890ab"
	degraded := g.page
	degraded.Degraded, degraded.DegradedSince = true, sampleNow.Add(-3*time.Minute)
	demo := g.page
	demo.Demo = true
	bare := g.page
	bare.AssetsBuilt = false
	refused := sampleHome()
	refused.Error = g.page.Words.T("error.file.heic")
	return []State{
		{"home", Home(g.page, sampleHome())},
		{"home-error", Home(g.page, refused)},
		{"home-signed-in", Home(signedIn, sampleHome())},
		{"home-long-name", Home(longName, sampleHome())},
		{"home-degraded", Home(degraded, sampleHome())},
		{"home-demo", Home(demo, sampleHome())},
		{"home-not-built", Home(bare, sampleHome())},
		{"guess-sure", g.guessing(Guess(g.page, GuessView{Digit: 7, Probability: 0.962, Sure: true}))},
		{"guess-unsure", g.guessing(Guess(g.page, GuessView{Digit: 7, Probability: 0.51, Reason: cifra.ReasonUnsure}))},
		{"guess-none", g.guessing(Guess(g.page, GuessView{Reason: cifra.ReasonBlank}))},
	}
}

func (g gallery) answers() []State {
	states := []State{}
	fragment := func(name string, v ResultView) {
		states = append(states, State{"answer-" + name, g.onHome(Answer(g.page, v))})
	}
	fragment("model", sampleResult(sampleProvenance(cifra.Miss)))
	fragment("cache-memory", sampleResult(sampleProvenance(cifra.HitL1)))
	fragment("cache-shared", sampleResult(sampleProvenance(cifra.HitL2)))
	fragment("stale", sampleResult(sampleProvenance(cifra.Stale)))
	fragment("coalesced", sampleResult(sampleProvenance(cifra.Coalesced)))
	fragment("degraded", sampleResult(sampleProvenance(cifra.Bypass)))
	flushed := sampleProvenance(cifra.Miss)
	flushed.Reason = "namespace flushed by ana 14:01:10: DELETE /api/v1/cache/predict"
	fragment("flushed", sampleResult(flushed))
	for _, r := range []cifra.Reason{
		cifra.ReasonBlank, cifra.ReasonFaint, cifra.ReasonSeveral, cifra.ReasonNotDigit, cifra.ReasonUnsure,
	} {
		fragment("not-sure-"+string(r), sampleUnsure(r))
	}
	fragment("line", sampleLine())
	fragment("not-kept", sampleNotKept())
	fragment("disagree", sampleDisagree())

	kept := g.at("/r/" + sampleID)
	several := []ResultView{
		sampleResult(sampleProvenance(cifra.Miss)), sampleUnsure(cifra.ReasonUnsure), sampleLine(),
		sampleResult(sampleProvenance(cifra.HitL1)), sampleUnsure(cifra.ReasonBlank),
	}
	failed := []FailureView{
		{"IMG_2041.HEIC", g.page.Words.T("error.file.heic")},
		{"a-very-long-file-name-that-somebody-gave-to-a-scan-of-a-page-of-an-exercise-book.png", g.page.Words.T("error.file.empty")},
	}
	return append(states,
		State{"answer-refused", g.onHome(AnswerError(g.page, g.page.Words.T("error.file.empty")))},
		State{"answer-several", g.onHome(AnswersFragment(g.page, several[:2], failed[:1]))},
		State{"answers", Answers(g.at("/results?id="+sampleID), several, nil)},
		State{"answers-failures", Answers(g.page, several[:3], failed)},
		State{"result", Result(kept, sampleResult(sampleProvenance(cifra.Miss)))},
		State{"result-shared", Result(kept, sampleShared(true))},
		State{"result-of-somebody", Result(kept, sampleShared(false))},
		State{"result-line", Result(kept, sampleLine())},
		State{"result-unsure", Result(kept, sampleUnsure(cifra.ReasonNotDigit))},
		State{"result-not-kept", Result(kept, sampleNotKept())},
	)
}

func (g gallery) accounts() []State {
	w := g.page.Words
	in, up, set := g.at("/login"), g.at("/register"), g.at("/setup")
	wrong := map[string]string{
		"username": w.T("error.username.taken"), "password": w.T("error.password.common"),
	}
	return []State{
		{"sign-in", SignIn(in, SignInView{Next: "/"})},
		{"sign-in-failed", SignIn(in, SignInView{Username: "ana", Next: "/r/" + sampleID, Error: w.T("error.login.failed")})},
		{"sign-in-missing", SignIn(in, SignInView{Next: "/", Fields: map[string]string{"username": w.T("error.field.missing"), "password": w.T("error.field.missing")}})},
		{"register", Register(up, RegisterView{Next: "/"})},
		{"register-errors", Register(up, RegisterView{Username: "ana", Next: "/", Fields: wrong})},
		{"setup", Setup(set, SetupView{})},
		{"setup-errors", Setup(set, SetupView{Code: "7GQ2", Username: "ana", Fields: map[string]string{"code": w.T("error.setup.code")}})},
	}
}

func (g gallery) problems() []State {
	problem := func(name string, status int, key string, retry time.Duration) State {
		w := g.page.Words
		return State{name, Problem(g.page, ProblemView{
			Status: status, Title: w.T("status." + digits[status/100] + digits[status/10%10] + digits[status%10]), Detail: w.T(key),
			RequestID: "KX4Q7LRB2N5TZ6VW3YPA0CDEFG", RetryAfter: retry,
		})}
	}
	return []State{
		problem("problem-403", 403, "error.denied", 0),
		problem("problem-404", 404, "error.not-found", 0),
		problem("problem-429", 429, "error.login.busy", 40*time.Second),
		problem("problem-500", 500, "error.internal", 0),
		problem("problem-503", 503, "error.database", 5*time.Second),
	}
}

// onHome shows a fragment where htmx would put it.
func (g gallery) onHome(fragment templ.Component) templ.Component {
	return homeWith(g.page, sampleHome(), noGuess(), fragment)
}

// guessing shows a guess where the page's script would put it.
func (g gallery) guessing(guess templ.Component) templ.Component {
	return homeWith(g.page, sampleHome(), guess, nothingYet(g.page))
}
