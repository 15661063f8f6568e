package handlers

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"cifra"
)

// Limits of one form with files.
const (
	maxFile     = 8 << 20  // bytes of one file
	maxForm     = 33 << 20 // bytes of a page's form, which may hold several files
	maxFiles    = 20
	maxParts    = 100
	maxField    = 1 << 10 // bytes of a field that is no file
	maxFileName = 255     // characters that are kept of a file's name
	overhead    = 64 << 10
)

const multipartForm = "multipart/form-data"

// form is what a multipart form brought: its fields, and its files as they lie.
type form struct {
	fields map[string]string
	files  []file
	failed []failure // files that were refused; the others still count
	size   int64     // that the client says it has; -1: unknown
}

type file struct {
	name    string
	content []byte
}

// failure is a file that was refused.
type failure struct {
	name string
	err  error
}

// readForm reads a multipart form part by part, never more of one than its limit. With several files allowed,
// a refused one does not refuse the others. Files without a name and without content are what a browser sends
// for an empty file field: they count as no file.
func readForm(w http.ResponseWriter, r *http.Request, several bool) (*form, error) {
	limit := int64(maxFile + overhead)
	if several {
		limit = maxForm
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != multipartForm {
		return nil, cifra.E(cifra.Invalid, "error.file.missing")
	}
	if params["boundary"] == "" {
		return nil, cifra.E(cifra.Invalid, "error.form.broken").Wrap(http.ErrMissingBoundary)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	parts := multipart.NewReader(r.Body, params["boundary"])
	f := &form{fields: map[string]string{}, size: r.ContentLength}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, bodyError(err)
		}
		if n == maxParts {
			return nil, cifra.E(cifra.Invalid, "error.form.broken")
		}
		if err := f.add(part, several); err != nil {
			return nil, err
		}
	}
}

// add takes one part in.
func (f *form) add(part *multipart.Part, several bool) error {
	kind, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	field := params["name"]
	if kind != "form-data" { // such a part has no name
		field = ""
	}
	raw, isFile := params["filename"]
	if !isFile {
		b, err := readPart(part, maxField, 0)
		if cifra.CodeOf(err) == cifra.TooLarge {
			return cifra.E(cifra.Invalid, "error.form.broken").Wrap(err)
		}
		if err != nil {
			return err
		}
		f.fields[field] = string(b)
		return nil
	}
	if field != "file" {
		return nil
	}
	b, err := readPart(part, maxFile, min(f.size, believedSize))
	name := cleanName(raw)
	switch {
	case err == nil && len(b) == 0 && name == "":
		if !several {
			return cifra.E(cifra.Invalid, "error.file.name")
		}
		return nil // an empty file field of a page
	case err == nil && name == "":
		err = cifra.E(cifra.Invalid, "error.file.name")
	case err == nil && len(b) == 0:
		err = cifra.E(cifra.Invalid, "error.file.empty")
	}
	if len(f.files)+len(f.failed) >= maxFiles {
		return cifra.E(cifra.TooLarge, "error.files.many", "Limit", maxFiles)
	}
	var refusal *cifra.Error
	switch {
	case err == nil:
		f.files = append(f.files, file{name, b})
	case several && errors.As(err, &refusal):
		f.failed = append(f.failed, failure{name, err})
	default:
		return err
	}
	return nil
}

// believedSize is the most room that is made for a file because its client says that it comes.
const believedSize = 64 << 10

// readPart reads at most limit bytes, of which there are some expected; more than the limit is TooLarge.
func readPart(r io.Reader, limit, expected int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(max(expected, 0)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, bodyError(err)
	}
	b := buf.Bytes()
	if int64(len(b)) > limit {
		return nil, cifra.E(cifra.TooLarge, "error.file.large", "Limit", maxFile>>20)
	}
	return b, nil
}

// bodyError tells a body that is too large from one that is broken.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return cifra.E(cifra.TooLarge, "error.file.large", "Limit", maxFile>>20).Wrap(err)
	}
	return cifra.E(cifra.Invalid, "error.form.broken").Wrap(err)
}

// cleanName keeps of a client's file name what may be stored and shown: the last element of its path,
// without control characters, 255 characters at most.
func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if !utf8.ValidString(name) {
		name = strings.ToValidUTF8(name, "\uFFFD")
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, filepath.ToSlash(name)))
	if utf8.RuneCountInString(name) > maxFileName {
		name = string([]rune(name)[:maxFileName])
	}
	return name
}
