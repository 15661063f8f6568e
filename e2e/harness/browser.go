package harness

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"

	"github.com/chromedp/chromedp"
)

// Browser is one Chromium without a window.
type Browser struct {
	ctx    context.Context
	cancel func()
	dir    string
}

// Chromium returns the path of the browser, an error where there is none.
func Chromium() (string, error) {
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium: `make test` installs it")
}

// NewBrowser starts a browser with a profile of its own. Close ends it.
func NewBrowser(ctx context.Context) (*Browser, error) {
	path, err := Chromium()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cifra-browser-")
	if err != nil {
		return nil, err
	}
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.UserDataDir(dir),
		// Chromium refuses to sandbox root; nothing but our own pages is opened here.
		chromedp.Flag("no-sandbox", os.Geteuid() == 0),
		chromedp.DisableGPU,
		// It talks to the program under test and to nobody else.
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		// The same letters, and so the same widths, on every machine.
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("lang", "en-US"),
	})
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, cancelTab := chromedp.NewContext(allocator)
	b := &Browser{ctx: tab, dir: dir, cancel: func() { cancelTab(); cancelAllocator() }}
	if err := chromedp.Do(tab); err != nil { // starts it
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close ends the browser and deletes its profile. Closing it twice is fine.
func (b *Browser) Close() error {
	b.cancel()
	return os.RemoveAll(b.dir)
}
