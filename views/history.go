package views

import (
	"net/url"
	"strconv"
	"time"

	"cifra"
)

// HistoryView is a page of what somebody has kept.
type HistoryView struct {
	Items     []cifra.Recognition  // with thumbnails
	Said      map[string]JudgeView // what was said of them, by prediction
	Filter    cifra.HistoryFilter
	Filtered  bool   // the address asks for some only
	Query     string // what the address asks for, encoded, without the page
	Older     string // address of the next page; "" on the last one
	IsFirst   bool   // the newest ones
	SignedIn  bool
	Deleted   *int          // how many were deleted just now; nil where that isn't told
	Retention time.Duration // after which they are deleted; 0 where it isn't told
}

// withQuery is an address with the page's filter.
func (v HistoryView) withQuery(path string) string {
	if v.Query == "" {
		return path
	}
	return path + "?" + v.Query
}

// model is what the filter's choice of a model shows as chosen.
func (v HistoryView) model() string {
	if v.Filter.API != "" {
		return string(v.Filter.API)
	}
	return v.Filter.Model
}

// models are the choices: both APIs, and the version that the address names.
func (v HistoryView) models() []string {
	all := []string{string(cifra.V1), string(cifra.V2)}
	if v.Filter.Model != "" {
		all = append(all, v.Filter.Model)
	}
	return all
}

// until is the last day that is asked for; the filter's own end is the day after it.
func (v HistoryView) until() string {
	if v.Filter.Until.IsZero() {
		return ""
	}
	return v.Filter.Until.AddDate(0, 0, -1).Format(time.DateOnly)
}

func (v HistoryView) from() string {
	if v.Filter.From.IsZero() {
		return ""
	}
	return v.Filter.From.Format(time.DateOnly)
}

func (v HistoryView) isDigit(d int) bool { return v.Filter.Digit != nil && *v.Filter.Digit == d }

// resultURL leads to one answer.
func resultURL(r cifra.Recognition) string { return "/r/" + url.PathEscape(r.ID) }

// tickID names the box by which an item is chosen.
func tickID(i int) string { return "pick-" + strconv.Itoa(i) }
