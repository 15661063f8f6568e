package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"cifra/e2e/harness"
)

// maxPicture is the most bytes that a picture of the README may have.
const maxPicture = 200_000

// TestScreenshots takes the README's pictures: the program does what they show. `make screenshots` runs it.
func TestScreenshots(t *testing.T) {
	if *pictures == "" {
		t.Skip("takes pictures for `make screenshots` only")
	}
	for _, shot := range []struct {
		name  string
		touch bool
		twice bool // the second answer comes from the cache
		as    []harness.As
	}{
		{"home-light", false, false, []harness.As{harness.Framed(1180, 820)}},
		{"home-dark", false, true, []harness.As{harness.Framed(1180, 820), harness.Dark}},
		{"home-phone", true, false, []harness.As{harness.Phone}},
	} {
		t.Run(shot.name, func(t *testing.T) {
			p := chrome.Open(t, serve(t).URL, shot.as...)
			p.Goto("/")
			p.Draw(pad, harness.Seven, shot.touch)
			p.Click(send)
			p.Until(exists(fromModel))
			if shot.twice {
				p.Click(send)
				p.Until(exists(fromCache))
			}
			png := p.Picture()
			if len(png) > maxPicture {
				t.Errorf("got %d bytes, want %d at most", len(png), maxPicture)
			}
			if err := os.MkdirAll(*pictures, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(*pictures, shot.name+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
