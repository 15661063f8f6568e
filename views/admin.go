package views

import (
	"strings"

	"cifra"
	"cifra/i18n"
)

// adminPage is an entry of the admin's side list.
type adminPage struct{ path, key string }

// adminPages is that list, in its order: Now, Feedback, Retrain, Report, Models, Cache, Audit, Users, System.
// A page stands here from the moment that it exists. The first one is where the site's own navigation leads.
var adminPages = []adminPage{
	{"/admin", "admin.now"},
	{"/admin/feedback", "admin.feedback"},
	{"/admin/retrain", "admin.retrain"},
	{"/admin/report", "admin.report"},
	{"/admin/models", "admin.models"},
	{"/admin/cache", "admin.cache"},
	{"/admin/audit", "admin.audit"},
	{"/admin/users", "admin.users"},
	{"/admin/system", "admin.system"},
}

// AdminHome is the path of the first page of the admin's side.
func AdminHome() string { return adminPages[0].path }

// isAt reports whether a page's path belongs to an entry: it is its path, or lies below it.
func (a adminPage) isAt(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return path == a.path || a.path != "/admin" && strings.HasPrefix(path, a.path+"/")
}

// adminKey is the message of the entry that a path belongs to.
func adminKey(path string) string {
	for _, a := range adminPages {
		if a.isAt(path) {
			return a.key
		}
	}
	return "nav.admin"
}

// AuditView is the book of who did what.
type AuditView struct {
	Username    string       // the filter, as it was asked for
	Action      cifra.Action // "" for all
	From, Until string       // days such as 2026-03-14
	Filtered    bool
	Lines       []cifra.Audit
	First       bool   // this is the list's first page
	FirstURL    string // the same filter's first page
	NextURL     string // "" on the last page
	ExportURL   string
}

// actionName says an action; one that a later version brought is shown as it is.
func actionName(w *i18n.Printer, a cifra.Action) string {
	return known(w, "audit.action."+string(a), string(a))
}
