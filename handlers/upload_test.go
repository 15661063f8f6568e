package handlers

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"cifra"
)

// part is one part of a multipart form; one without a header is a field.
type part struct{ name, header, content string }

func formRequest(t *testing.T, parts ...part) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q%s`, p.name, p.header))
		pw, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pw.Write([]byte(p.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/predict", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func TestReadForm(t *testing.T) {
	png, named := "\x89PNG", `; filename="a.png"`
	large := strings.Repeat("x", maxFile+1)
	var many, parts []part
	for range maxFiles + 1 {
		many = append(many, part{"file", named, png})
	}
	for i := range maxParts + 1 {
		parts = append(parts, part{fmt.Sprint("f", i), "", "x"})
	}
	for _, tt := range []struct {
		name          string
		several       bool
		parts         []part
		want          cifra.Code
		key           string
		files, failed int
	}{
		{"one file", false, []part{{"file", named, png}}, "", "", 1, 0},
		{"a file and a field", false, []part{{"keep", "", "false"}, {"file", named, png}}, "", "", 1, 0},
		{"another field's file does not count", false, []part{{"other", named, png}}, "", "", 0, 0},
		{"an empty file", false, []part{{"file", named, ""}}, cifra.Invalid, "error.file.empty", 0, 0},
		{"an empty name", false, []part{{"file", `; filename=""`, png}}, cifra.Invalid, "error.file.name", 0, 0},
		{"an empty name and an empty file", false, []part{{"file", `; filename=""`, ""}}, cifra.Invalid, "error.file.name", 0, 0},
		{"a page's empty file field", true, []part{{"file", `; filename=""`, ""}}, "", "", 0, 0},
		{"one byte too many", false, []part{{"file", named, large}}, cifra.TooLarge, "error.file.large", 0, 0},
		{"as many bytes as may be", false, []part{{"file", named, large[1:]}}, "", "", 1, 0},
		{"a large one among others spoils nothing", true, []part{{"file", named, png}, {"file", named, large}, {"file", named, png}}, "", "", 2, 1},
		{"one file too many", true, many, cifra.TooLarge, "error.files.many", 0, 0},
		{"one part too many", true, parts, cifra.Invalid, "error.form.broken", 0, 0},
		{"a field that is too long", false, []part{{"keep", "", strings.Repeat("x", maxField+1)}}, cifra.Invalid, "error.form.broken", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := readForm(httptest.NewRecorder(), formRequest(t, tt.parts...), tt.several)
			if got := cifra.CodeOf(err); got != tt.want {
				t.Fatalf("got %v, want code %q", err, tt.want)
			}
			if err != nil {
				if !strings.Contains(err.Error(), tt.key) {
					t.Errorf("got %v, want %s", err, tt.key)
				}
				return
			}
			if len(f.files) != tt.files || len(f.failed) != tt.failed {
				t.Errorf("got %d files and %d refused, want %d and %d", len(f.files), len(f.failed), tt.files, tt.failed)
			}
		})
	}
}

func TestReadFormOfSomethingElse(t *testing.T) {
	for _, tt := range []struct{ name, kind, body string }{
		{"no content type", "", "x"},
		{"JSON", "application/json", "{}"},
		{"no boundary", "multipart/form-data", "x"},
		{"cut off", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/predict", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			if _, err := readForm(httptest.NewRecorder(), r, false); cifra.CodeOf(err) != cifra.Invalid {
				t.Errorf("got %v, want it refused as invalid", err)
			}
		})
	}
}

func TestCleanName(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"seven.png", "seven.png"},
		{`C:\fakepath\seven.png`, "seven.png"},
		{"../../etc/passwd", "passwd"},
		{"a\x00b\r\n.png", "ab.png"},
		{"\xff.png", "\uFFFD.png"},
		{"<script>alert(1)</script>", "script>"},
		{"  ", ""},
	} {
		if got := cleanName(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
	if n := utf8.RuneCountInString(cleanName(strings.Repeat("ñ", 300))); n != maxFileName {
		t.Errorf("a long name: got %d characters, want %d", n, maxFileName)
	}
}

func TestWantsHTML(t *testing.T) {
	for _, tt := range []struct {
		name, accept, htmx string
		want               bool
	}{
		{"a browser", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "", true},
		{"curl", "*/*", "", false},
		{"nothing", "", "", false},
		{"JSON", "application/json", "", false},
		{"any text", "text/*", "", false},
		{"HTML refused", "text/html;q=0", "", false},
		{"HTML refused in another way", "text/html; level=1; q=0.000", "", false},
		{"the page's script", "*/*", "true", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept", tt.accept)
			r.Header.Set("HX-Request", tt.htmx)
			if got := wantsHTML(echo.New().NewContext(r, httptest.NewRecorder())); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLocalPath(t *testing.T) {
	for _, tt := range []struct{ next, want string }{
		{"/r/ABC?x=1", "/r/ABC?x=1"},
		{"", "/"},
		{"//evil.example", "/"},
		{"https://evil.example", "/"},
		{`/\evil.example`, "/"},
		{"/\r\nSet-Cookie: x=y", "/"},
		{"/\t/evil.example", "/"},
		{"javascript:alert(1)", "/"},
	} {
		if got := localPath(tt.next); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.next, got, tt.want)
		}
	}
}
