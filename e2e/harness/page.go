package harness

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to do what a test waits for.
const patience = 15 * time.Second

// Page is a tab of a person without history, for one test. Its methods end the test where they fail.
type Page struct {
	t     *testing.T
	ctx   context.Context
	base  string
	watch *watch
	mute  bool // JavaScript is switched off
	lent  bool // a subtest reports what is on it
}

// Open opens a tab on the site at base. When the test ends, it fails if the console isn't empty or the page asked
// another host for something.
func (b *Browser) Open(t *testing.T, base string, as ...As) *Page {
	t.Helper()
	v := visitor{width: 1280, height: 800, language: "en"}
	for _, a := range as {
		a(&v)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{methods: map[network.RequestID]string{}, host: u.Host}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.event))
	p := &Page{t: t, ctx: ctx, base: base, watch: w, mute: v.noScript}
	t.Cleanup(cancel)
	t.Cleanup(p.report)
	p.run(chromedp.Do(ctx, v.prepare()), "opening a tab")
	return p
}

// For returns the same tab for a subtest, which fails where the console isn't empty at its end.
func (p *Page) For(t *testing.T) *Page {
	t.Helper()
	p.lent = true
	q := &Page{t: t, ctx: p.ctx, base: p.base, watch: p.watch, mute: p.mute}
	t.Cleanup(q.report)
	return q
}

// report ends a test: it says what the console said, and keeps the page where something failed.
func (p *Page) report() {
	for _, c := range p.watch.complaints() {
		p.t.Errorf("console: %s", c)
	}
	if p.t.Failed() && !p.lent {
		p.keep()
	}
	p.forget()
}

// Allow expects lines on the console that match pattern, such as the browser's own about a 404.
func (p *Page) Allow(pattern string) {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	p.watch.allowed = append(p.watch.allowed, regexp.MustCompile(pattern))
}

// forget empties the console and what follows from it.
func (p *Page) forget() {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	p.watch.console, p.watch.foreign = nil, nil
}

// Goto opens a path of the site, waits until it is loaded, and returns the document's answer.
func (p *Page) Goto(path string) Exchange {
	p.t.Helper()
	return p.Loads("going to "+path, chromedp.Navigate(p.base+path))
}

// Loads runs steps that lead to another page, waits until that is loaded, and returns the document's answer, after
// redirects.
func (p *Page) Loads(what string, steps ...chromedp.Action[chromedp.Void]) Exchange {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, steps...)
	p.run(err, what)
	if res == nil {
		p.t.Fatalf("%s: no answer", what)
	}
	w := &watch{}
	w.answered("", res)
	return w.exchanges[0]
}

// Do runs steps.
func (p *Page) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.run(chromedp.Do(ctx, steps...), what)
}

// Click presses the first element that selector finds, once it is visible.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Do("clicking "+selector, ClickOn(selector))
}

// ClickOn is the step that Click takes, for [Page.Loads].
func ClickOn(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)
}

// Type writes text into the field that selector finds.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.Do("typing into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Press presses keys, as package kb of chromedp names them, on whatever has the focus.
func (p *Page) Press(keys string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.Do("pressing a key", chromedp.KeyEvent(keys, options...))
}

// Choose hands files to the file field that selector finds.
func (p *Page) Choose(selector string, files ...string) {
	p.t.Helper()
	p.Do("choosing files", chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Text returns what people read in the first element that selector finds.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(Eval[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "(nothing at "+%q+")"`, selector, selector)))
}

// Count returns how many elements selector finds.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// Until waits until a JavaScript expression is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := until(ctx, func() error {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !ok {
			err = fmt.Errorf("still not true after %v", patience)
		}
		return err
	})
	p.run(err, "waiting for "+expression)
}

// Eval returns the value of a JavaScript expression; of a promise, what it resolves to.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 4*patience) // axe-core on a long page takes its time
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	p.run(err, "evaluating "+expression[:min(len(expression), 200)])
	return value
}

// Exchanges returns the answers so far whose path is path, in order.
func (p *Page) Exchanges(method, path string) []Exchange {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	var out []Exchange
	for _, e := range p.watch.exchanges {
		if e.Method == method && e.Path == path {
			out = append(out, e)
		}
	}
	return out
}

// Console returns what the console has said so far, what was expected included.
func (p *Page) Console() []string {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	return slices.Clone(p.watch.console)
}

// Path returns the path and query of the page's address.
func (p *Page) Path() string {
	p.t.Helper()
	return Eval[string](p, `location.pathname + location.search`)
}

// Picture returns a PNG of what is on the screen.
func (p *Page) Picture() []byte {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.run(err, "taking a picture")
	return png
}

func (p *Page) run(err error, what string) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// keep leaves a picture and the HTML of a page whose test has failed (`go test -artifacts` keeps them).
func (p *Page) keep() {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	dir := p.t.ArtifactDir()
	name := filepath.Join(dir, fmt.Sprintf("page-%d", time.Now().UnixNano()))
	if png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(name+".png", png, 0o600) // a help only; the test has failed already
	}
	if html, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`)); err == nil {
		_ = os.WriteFile(name+".html", []byte(html), 0o600)
	}
	address, _ := chromedp.Run(ctx, chromedp.Location())
	body, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 1500)`))
	p.t.Logf("the page was %s (picture in %s):\n%s\nconsole: %q", address, name, body, p.Console())
}
