package harness

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// site is what the harness is tried on: each path shows one thing that it must see.
const sitePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><style>
:root { color-scheme: light dark } #pad { width: 280px; height: 280px; touch-action: none }
button, a { display: inline-block; padding: 14px }
</style></head><body><main><h1>Site</h1><p id="script">off</p><p id="lang">%s</p>
<canvas id="pad" aria-label="pad"></canvas><p id="ink">0</p>
<form method="post" action="/file" enctype="multipart/form-data"><label>File <input type="file" name="file"></label>
<button>Send</button></form></main>
<script>
document.querySelector("#script").textContent = "on";
let n = 0, held = false;
const pad = document.querySelector("#pad");
pad.addEventListener("pointerdown", () => { held = true; });
pad.addEventListener("pointerup", () => { held = false; });
pad.addEventListener("pointermove", e => {
	if (held) document.querySelector("#ink").textContent = ++n + " " + e.pointerType;
});
</script></body></html>`

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, sitePage, r.Header.Get("Accept-Language"))
	})
	mux.HandleFunc("POST /file", func(w http.ResponseWriter, r *http.Request) {
		f, _, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		data, err := io.ReadAll(f)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Cache-Status", "cifra; hit")
		http.Redirect(w, r, fmt.Sprintf("/got?n=%d", len(data)), http.StatusSeeOther)
	})
	page := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,"><main><h1>T</h1>%s</main>`, body)
		})
	}
	page("/got", "<p>got it</p>")
	page("/log", `<script>console.error("one", 2)</script>`)
	page("/throw", `<script>throw new TypeError("three")</script>`)
	page("/missing", `<img alt="x" src="/nothing.png">`)
	page("/foreign", `<img alt="x" src="http://example.com/a.png">`)
	page("/grey", `<p style="color:#aaa;background:#fff">pale</p><input>`)
	ts := httptest.NewServer(mux)
	t.Cleanup(ts.Close)
	return ts.URL
}

func browser(t *testing.T) *Browser {
	t.Helper()
	if _, err := Chromium(); err != nil && os.Getenv("CIFRA_REQUIRE_SERVICES") != "1" {
		t.Skip(err)
	}
	b, err := NewBrowser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestHarness(t *testing.T) {
	b, url := browser(t), site(t)

	t.Run("a visitor has JavaScript, a light page and English", func(t *testing.T) {
		p := b.Open(t, url)
		if got := p.Goto("/"); got.Status != http.StatusOK || got.Path != "/" {
			t.Errorf("got %+v, want 200 at /", got)
		}
		if got := p.Text("#script"); got != "on" {
			t.Errorf("scripts: got %s, want on", got)
		}
		if got := p.Text("#lang"); got != "en" {
			t.Errorf("language: got %s, want en", got)
		}
		if Eval[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches`) {
			t.Error("dark: got true, want false")
		}
	})

	t.Run("a visitor may be dark, without JavaScript and Russian", func(t *testing.T) {
		p := b.Open(t, url, Dark, NoScript, Speaking("ru"))
		p.Goto("/")
		if got := p.Text("#script"); got != "off" {
			t.Errorf("scripts: got %s, want off", got)
		}
		if got := p.Text("#lang"); got != "ru" {
			t.Errorf("language: got %s, want ru", got)
		}
		if !Eval[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches`) {
			t.Error("dark: got false, want true")
		}
	})

	t.Run("a phone is 390 pixels wide and draws with a finger", func(t *testing.T) {
		p := b.Open(t, url, Phone)
		p.Goto("/")
		if got := Eval[int](p, `innerWidth`); got != 390 {
			t.Errorf("width: got %d, want 390", got)
		}
		p.Draw("#pad", Seven, true)
		if got := p.Text("#ink"); !strings.HasSuffix(got, " touch") {
			t.Errorf("ink: got %q, want moves of a finger", got)
		}
	})

	t.Run("the mouse draws", func(t *testing.T) {
		p := b.Open(t, url)
		p.Goto("/")
		p.Draw("#pad", Seven, false)
		if got := p.Text("#ink"); got != "24 mouse" {
			t.Errorf("ink: got %q, want 24 mouse", got)
		}
	})

	t.Run("a file is sent by a plain form, and its answers are seen", func(t *testing.T) {
		p := b.Open(t, url, NoScript)
		p.Goto("/")
		p.Choose("input[type=file]", Photograph(t, Seven, 64, 0))
		got := p.Loads("sending", ClickOn("button"))
		if got.Path != "/got" || strings.HasSuffix(got.URL, "n=0") {
			t.Errorf("got %s, want /got with some bytes", got.URL)
		}
		posts := p.Exchanges(http.MethodPost, "/file")
		if len(posts) != 1 || posts[0].Status != http.StatusSeeOther || posts[0].Header["cache-status"] != "cifra; hit" {
			t.Errorf("got %+v, want one 303 with its Cache-Status", posts)
		}
	})

	for _, test := range []struct{ path, want string }{
		{"/log", "console.error: one 2"},
		{"/throw", "TypeError: three"},
		{"/missing", "404"},
		{"/foreign", "request to another host: http://example.com/a.png"},
	} {
		t.Run("the console of "+test.path+" is heard", func(t *testing.T) {
			p := b.Open(t, url)
			p.Goto(test.path)
			heard := func(c string) bool { return strings.Contains(c, test.want) }
			if got := p.watch.complaints(); !slices.ContainsFunc(got, heard) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			p.forget()
		})
	}

	t.Run("what is allowed is no complaint", func(t *testing.T) {
		p := b.Open(t, url)
		p.Allow("console.error: one")
		p.Goto("/log")
		if got := p.watch.complaints(); len(got) != 0 {
			t.Errorf("got %q, want none", got)
		}
	})
}

func TestAxeSeesViolations(t *testing.T) {
	axe, err := NewAxe("../..")
	if err != nil {
		if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	b, url := browser(t), site(t)
	p := b.Open(t, url)
	p.Goto("/")
	if got := axe.Violations(p); len(got) != 0 {
		t.Errorf("a sound page: got %s, want none", strings.Join(got, "\n"))
	}
	p.Goto("/grey")
	got := strings.Join(axe.Violations(p), "\n")
	for _, want := range []string{"color-contrast", "label"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPhotographsDifferBySalt(t *testing.T) {
	read := func(salt uint8) string {
		data, err := os.ReadFile(Photograph(t, Seven, 64, salt))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first := read(0)
	if first != read(0) {
		t.Error("the same salt: got other bytes, want the same")
	}
	if first == read(1) {
		t.Error("another salt: got the same bytes, want others")
	}
}

func TestRedisComesBackOnItsPort(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CIFRA_REQUIRE_SERVICES") != "1" {
		t.Skip("no redis-server: `make test` installs it")
	}
	r := StartRedis(t)
	r.Kill()
	r.Kill()
	r.Start() // fails the test where the port doesn't answer
}
