package harness

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	browserlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Exchange is one request of a page and its answer.
type Exchange struct {
	Method, URL, Path string
	Status            int64
	Header            map[string]string // names in lower case
}

// watch collects what happens in a tab.
type watch struct {
	mu        sync.Mutex // guards what follows
	console   []string
	exchanges []Exchange
	methods   map[network.RequestID]string
	foreign   []string // addresses asked for on other hosts
	host      string
	allowed   []*regexp.Regexp
}

// event is called in the loop that reads the tab's messages: it must be quick.
func (w *watch) event(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range ev.Args {
			words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
		}
		w.console = append(w.console, fmt.Sprintf("console.%s: %s", ev.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		d := ev.ExceptionDetails
		text := d.Text
		if d.Exception != nil {
			text += " " + d.Exception.Description
		}
		w.console = append(w.console, fmt.Sprintf("exception: %s (%s:%d)", text, d.URL, d.LineNumber+1))
	case *page.EventJavascriptDialogOpening:
		w.console = append(w.console, fmt.Sprintf("dialog %s: %s", ev.Type, ev.Message))
	case *browserlog.EventEntryAdded:
		w.console = append(w.console, fmt.Sprintf("%s %s: %s %s", ev.Entry.Source, ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	case *network.EventRequestWillBeSent:
		if ev.RedirectResponse != nil {
			w.answered(w.methods[ev.RequestID], ev.RedirectResponse)
		}
		w.methods[ev.RequestID] = ev.Request.Method
		if u, err := url.Parse(ev.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != w.host {
			w.foreign = append(w.foreign, ev.Request.URL)
		}
	case *network.EventResponseReceived:
		w.answered(w.methods[ev.RequestID], ev.Response)
	}
}

// answered notes an answer; w.mu is held.
func (w *watch) answered(method string, r *network.Response) {
	header := make(map[string]string, len(r.Headers))
	for name, value := range r.Headers {
		header[strings.ToLower(name)] = fmt.Sprint(value)
	}
	path := r.URL
	if u, err := url.Parse(r.URL); err == nil {
		path = u.Path
	}
	w.exchanges = append(w.exchanges, Exchange{Method: method, URL: r.URL, Path: path, Status: r.Status, Header: header})
}

// complaints returns what the console said and nobody expected, and the requests to other hosts.
func (w *watch) complaints() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
next:
	for _, line := range w.console {
		for _, expected := range w.allowed {
			if expected.MatchString(line) {
				continue next
			}
		}
		out = append(out, line)
	}
	for _, u := range w.foreign {
		out = append(out, "request to another host: "+u)
	}
	return out
}
