// Package upstream is a stand-in for the universities' service, for halls without a network and for tests. It answers
// as that one does, knows a few dozen real universities, and fails when it is told to.
package upstream

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"cifra"
)

// Mode is how the stand-in behaves.
type Mode string

// The modes.
const (
	OK       Mode = "ok"
	Fail     Mode = "fail"     // 500
	Hang     Mode = "hang"     // no answer, until the client goes
	Cut      Mode = "cut"      // the connection ends in the middle of the answer
	Large    Mode = "large"    // an answer without an end
	Redirect Mode = "redirect" // to another address
	Rubbish  Mode = "rubbish"  // no JSON
)

// Modes returns all modes.
func Modes() []Mode { return []Mode{OK, Fail, Hang, Cut, Large, Redirect, Rubbish} }

// Server answers GET /search?country=…&name=…&limit=…&offset=…, and PUT /mode?is=fail.
type Server struct {
	mode  atomic.Pointer[Mode]
	asked atomic.Int64
}

// New returns a stand-in that works.
func New() *Server {
	s := &Server{}
	s.Be(OK)
	return s
}

// Be makes it behave as mode says from now on.
func (s *Server) Be(mode Mode) { s.mode.Store(&mode) }

// Asked is how many searches it was asked for.
func (s *Server) Asked() int64 { return s.asked.Load() }

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /search":
		s.asked.Add(1)
		s.search(w, r)
	case "PUT /mode":
		for _, m := range Modes() {
			if string(m) == r.URL.Query().Get("is") {
				s.Be(m)
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		http.Error(w, "no such mode", http.StatusBadRequest)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	switch *s.mode.Load() {
	case OK:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(Search(r.URL.Query().Get)) // the client has gone, if it fails
	case Fail:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case Hang:
		<-r.Context().Done()
	case Cut:
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("[{"))
		panic(http.ErrAbortHandler)
	case Large:
		w.Header().Set("Content-Type", "application/json")
		for block := []byte(strings.Repeat(" ", 64<<10)); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	case Redirect:
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	case Rubbish:
		_, _ = w.Write([]byte("<!doctype html>"))
	}
}

// Search finds universities by the service's parameters: country is a whole name, name a part of one.
func Search(get func(string) string) []cifra.University {
	found := []cifra.University{}
	for _, u := range All() {
		if c := get("country"); c != "" && !strings.EqualFold(c, u.Country) {
			continue
		}
		if strings.Contains(strings.ToLower(u.Name), strings.ToLower(get("name"))) {
			found = append(found, u)
		}
	}
	if n, err := strconv.Atoi(get("offset")); err == nil && n > 0 {
		found = found[min(n, len(found)):]
	}
	if n, err := strconv.Atoi(get("limit")); err == nil && n >= 0 {
		found = found[:min(n, len(found))]
	}
	return found
}
