// Package static embeds what browsers load besides pages: the bundle that npm builds, and the page's example drawings.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// dist is what `npm run build` leaves there. It holds other people's code, so it is not committed, and a program that
// was built without it has no styles: see [Built].
//
//go:embed all:dist
var dist embed.FS

//go:embed examples
var examples embed.FS

// manifest maps the name of an asset to the name under which it is served, which holds a hash of its content.
var manifest = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	b, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		return names // not built
	}
	if err := json.Unmarshal(b, &names); err != nil {
		return map[string]string{}
	}
	return names
})

// Built reports whether the bundle was there when the program was built.
func Built() bool { return manifest()["app.js"] != "" && manifest()["app.css"] != "" }

// URL returns the address of an asset, such as "app.css".
func URL(name string) string {
	if hashed, ok := manifest()[name]; ok {
		return "/static/" + hashed
	}
	return "/static/" + name
}

// exampleOrder is the order in which the page offers its drawings: clean ones, then hard ones.
var exampleOrder = []string{
	"zero", "three", "five", "eight", "crossed-seven", "thick-four", "tiny-one", "lined-paper", "blackboard", "faint-pencil",
}

// exampleFiles maps an example's name to its file's name.
var exampleFiles = sync.OnceValue(func() map[string]string {
	files := map[string]string{}
	entries, err := examples.ReadDir("examples")
	if err != nil {
		return files // unreachable: the folder is embedded
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		files[strings.TrimSuffix(e.Name(), path.Ext(e.Name()))] = e.Name()
	}
	return files
})

// Examples returns the names of the page's example drawings, in the order in which to show them.
func Examples() []string {
	return slices.DeleteFunc(slices.Clone(exampleOrder), func(name string) bool { return exampleFiles()[name] == "" })
}

// Example returns an example drawing's file and the file's name; ok is false where there is none of this name.
func Example(name string) (content []byte, fileName string, ok bool) {
	fileName, ok = exampleFiles()[name]
	if !ok {
		return nil, "", false
	}
	content, err := examples.ReadFile("examples/" + fileName)
	return content, fileName, err == nil
}

// ExampleURL returns the address of a little picture of an example drawing, 112×112.
func ExampleURL(name string) string { return "/static/examples/small/" + name + ".jpg" }

// forever is for names that hold their content's hash: what they name never changes.
const forever = "public, max-age=31536000, immutable"

// Handler serves the assets below the path that it is mounted on. Embedded files have no times, so an ETag of
// their content stands in; nothing else of the program can be reached.
func Handler() http.Handler {
	files := http.FileServerFS(assets{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		if strings.HasSuffix(r.URL.Path, "/") || !fs.ValidPath(name) {
			http.NotFound(w, r)
			return
		}
		b, err := fs.ReadFile(assets{}, name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		sum := sha256.Sum256(b)
		w.Header().Set("ETag", fmt.Sprintf("%q", hex.EncodeToString(sum[:8])))
		w.Header().Set("Cache-Control", "public, no-cache")
		if slices.Contains(hashed(), name) {
			w.Header().Set("Cache-Control", forever)
		}
		files.ServeHTTP(w, r)
	})
}

// hashed lists the names that hold a hash.
var hashed = sync.OnceValue(func() []string {
	var names []string
	for _, n := range manifest() {
		names = append(names, n)
	}
	return names
})

// assets is the bundle with the examples in a folder of their own.
type assets struct{}

// Open opens a file of the bundle, or below examples/ an example.
func (assets) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "examples/") {
		return examples.Open(name)
	}
	if name == "manifest.json" || strings.HasPrefix(name, ".") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return dist.Open("dist/" + name)
}
