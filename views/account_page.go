package views

import (
	"strings"

	"cifra"
)

// AccountView is what belongs to somebody.
type AccountView struct {
	User     cifra.User
	Theme    string
	Sessions []cifra.SessionInfo
	Tokens   []cifra.Token
	Secret   string            // of the token that was made just now; shown this once
	Done     string            // what was done just now: "password", "sessions", "token"; "" for nothing
	Form     string            // the form in which something was wrong: "password", "token", "delete"
	Error    string            // of that form as a whole, said already
	Fields   map[string]string // errors by field, said already
}

// tokenLives are the days that a token may live, as the form offers them.
var tokenLives = []int{7, 30, 90, 365}

// wrongIn is the error of a form as a whole.
func (v AccountView) wrongIn(form string) string {
	if v.Form == form {
		return v.Error
	}
	return ""
}

// isDone reports whether there is something to say about what was done.
func (v AccountView) isDone() bool {
	return v.Done == "password" || v.Done == "sessions" || v.Done == "token"
}

// browserName makes of what a browser calls itself what people call it: "Firefox, Linux".
func browserName(agent, unknown string) string {
	find := func(names ...string) string {
		for _, n := range names {
			mark, name, _ := strings.Cut(n, "=")
			if strings.Contains(agent, mark) {
				return name
			}
		}
		return ""
	}
	browser := find("Edg=Edge", "OPR=Opera", "Firefox=Firefox", "SamsungBrowser=Samsung Internet", "Chrome=Chrome", "CriOS=Chrome", "FxiOS=Firefox", "Safari=Safari", "curl=curl")
	system := find("iPhone=iPhone", "iPad=iPad", "Android=Android", "Windows=Windows", "Mac OS=macOS", "CrOS=ChromeOS", "Linux=Linux")
	switch {
	case browser == "" && system == "":
		return unknown
	case browser == "" || system == "":
		return browser + system
	}
	return browser + ", " + system
}
