package e2e

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cifra"
	"cifra/e2e/harness"
	"cifra/store"
)

// payloads are 60 texts that a page which writes them as HTML would run, load or be taken apart by.
func payloads() []string {
	run := `window.pwned=(window.pwned||0)+1`
	quoted := strings.ReplaceAll(run, `"`, `&quot;`)
	list := []string{
		`<script>` + run + `</script>`, `<SCRIPT SRC=/static/x.js></SCRIPT>`, `<script type="module">` + run + `</script>`,
		`"><script>` + run + `</script>`, `'><script>` + run + `</script>`, `</p></li></ol><script>` + run + `</script>`,
		`</textarea><script>` + run + `</script>`, `</title><script>` + run + `</script>`, `</template><script>` + run + `</script>`,
		`--><script>` + run + `</script><!--`, `]]><script>` + run + `</script>`, `<scr<script>ipt>` + run + `</scr</script>ipt>`,
		"<script\x0c>" + run + "</script>", "<script\n>" + run + "</script>", `<script/x>` + run + `</script>`,
	}
	for _, event := range []string{"onerror", "onload", "onfocus", "onmouseover", "onanimationstart", "ontoggle", "onpointerenter", "onclick"} {
		list = append(list, fmt.Sprintf(`" %s="%s" autofocus x="`, event, quoted), fmt.Sprintf(`' %s='%s' autofocus x='`, event, run))
	}
	for _, element := range []string{
		`img src=x onerror`, `img src="x" onerror`, `svg onload`, `svg/onload`, `body onload`, `video src=x onerror`, `audio src=x onerror`,
		`input autofocus onfocus`, `select autofocus onfocus`, `details open ontoggle`, `marquee onstart`, `iframe onload`, `object data=x onerror`,
		`style onload`, `link rel=stylesheet href=/static/app.css onload`,
	} {
		list = append(list, "<"+element+`="`+quoted+`">`)
	}
	return append(list,
		`<a href="javascript:`+run+`">press</a>`, `javascript:`+run, `data:text/html,<script>`+run+`</script>`,
		`<iframe srcdoc="<script>parent.`+run+`</script>"></iframe>`, `<meta http-equiv="refresh" content="0;url=/logout">`,
		`<base href="https://evil.example/">`, `<form action="https://evil.example/"><button>go`, `<math><mi xlink:href="javascript:`+run+`">x`,
		`<div hx-get="/logout" hx-trigger="load">`, `<div hx-on:load="`+quoted+`">`, `<span data-live-stale="main" data-live-from="/logout">`,
		`<li data-live-into="body">`, `{{constructor.constructor("`+run+`")()}}`, "${"+run+"}",
	)
}

// TestScriptsInWordsDoNothing sends 60 texts that carry scripts as comments, as names and as names of files. An admin's
// pages get them live, and loaded; a person's history shows the files'. They are text everywhere: nothing runs, nothing is
// loaded, no dialog opens, and the console is empty.
func TestScriptsInWordsDoNothing(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "words.db")
	f := &fleet{t: t, one: serve(t, "CIFRA_DATABASE_URL="+address, "CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD="+password)}
	post[any](f, f.one, "/api/v1/register", map[string]any{"username": "leo", "password": password})
	f.token = signInAs(f, f.one, "leo")
	all := payloads()
	if len(all) != 60 {
		t.Fatalf("got %d payloads, want 60", len(all))
	}
	review, now := f.watch(f.one, "ana", "/admin/feedback"), f.watch(f.one, "ana", "/admin")

	for _, text := range all {
		f.say(f.one, text)
	}
	review.Until(fmt.Sprintf(`document.querySelectorAll(".review-comment").length === %d`, len(all)))
	harmless(t, review, ".review-comment", all)
	now.Until(`document.querySelectorAll(".correction").length === 8`)
	harmless(t, now, ".correction-comment", all[len(all)-8:])

	// Names are checked when they are given; what an older system left in the table was not.
	db, err := store.Open(t.Context(), address, store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var last string
	for i, name := range all {
		said := &cifra.Feedback{Username: name, Guest: fmt.Sprint("guest-", i), Prediction: 4, Label: 9, Comment: "by name"}
		if _, err := db.AddFeedback(t.Context(), said, "", cifra.Audit{Username: name, Action: cifra.ActionFeedback}); err != nil {
			t.Fatal(err)
		}
		last = strconv.FormatInt(said.ID, 10)
	}
	review.Until(exists("#feedback-" + last))
	now.Until(exists("#now-feedback-" + last))
	harmless(t, review, "[data-review-row]:nth-child(-n+60) .name", all)
	harmless(t, now, ".correction .name", all[len(all)-8:])
	for _, page := range []struct{ path, names string }{
		{"/admin/feedback?show=all&per_page=100", "[data-review-row]:nth-child(-n+60) .name"}, {"/admin/audit?per_page=100", ".audit .name"}, {"/admin", ".correction .name"},
	} {
		review.Goto(page.path)
		review.Until(lightIs("on"))
		harmless(t, review, page.names, all[len(all)-8:])
	}

	files(f, all)
	leo := chrome.Open(t, f.one.URL)
	enter(leo, "leo", "/history")
	leo.Goto("/history?per_page=100")
	var bases []string
	for _, text := range all {
		bases = append(bases, text[strings.LastIndex(text, "/")+1:]) // no folder of anybody's is kept
	}
	harmless(t, leo, ".file-name", bases)
}

// files uploads a seven under each of the names.
func files(f *fleet, names []string) {
	f.t.Helper()
	content, err := os.ReadFile(harness.Photograph(f.t, harness.Seven, 280, 0))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, name := range names {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename*=UTF-8''` + escaped(name)}})
		if err == nil {
			_, err = part.Write(content)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			f.t.Fatal(err)
		}
		call[any](f, f.one, http.MethodPost, "/api/v1/predict", &b, "Content-Type", w.FormDataContentType())
	}
}

// escaped writes every byte of a name so that a header can hold it.
func escaped(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// harmless holds that a page shows each of the texts as text, in the elements that a selector finds, and that none of them
// became anything else.
func harmless(t *testing.T, p *harness.Page, selector string, texts []string) {
	t.Helper()
	shown := map[string]bool{}
	for _, text := range harness.Eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent)`, selector)) {
		shown[squeezed(text)] = true
	}
	for _, text := range texts {
		if !shown[squeezed(text)] {
			t.Errorf("%s: %q isn't shown as it was written", selector, text)
		}
	}
	if n := harness.Eval[int](p, `window.pwned ?? 0`); n != 0 {
		t.Errorf("%s: %d scripts ran", p.Path(), n)
	}
	if n := p.Count(`main script, main iframe, main object, main video, main audio, main marquee, main math, main style, main base, main meta, main link, main [onerror], main [onload], main [onfocus], main img[src="x"], main [hx-on\:load]`); n != 0 {
		t.Errorf("%s: got %d elements that nobody but a payload would make", p.Path(), n)
	}
}

// squeezed is a text without the white space that HTML doesn't keep, or that cleaning takes out.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }
