package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/i18n"
	"cifra/views"
)

// MyStats counts what one user has done. [cifra/store.DB] does.
type MyStats interface {
	// MyStats counts it; zeros for somebody who has done nothing.
	MyStats(ctx context.Context, userID int64) (*cifra.MyStats, error)
}

// Remembered keeps whole answers of a plain handler. [cifra/httpcache.Layer] is one.
type Remembered interface {
	// Serve answers r from what is kept, or by next, which may outlive the request.
	Serve(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// recorder takes an answer of the response cache, and where it came from.
type recorder struct {
	header     http.Header
	status     int
	body       bytes.Buffer
	provenance cifra.Provenance
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// Heard is told by the response cache where the answer came from.
func (r *recorder) Heard(p cifra.Provenance) { r.provenance = p }

type wordsKey struct{}

// LanguageOf returns the language in which a plain handler answers, "" where it needs none.
func LanguageOf(ctx context.Context) string {
	if p, ok := ctx.Value(wordsKey{}).(*i18n.Printer); ok {
		return string(p.Language())
	}
	return ""
}

type failureKey struct{}

// fromStats asks the response cache for one's statistics in some form. The error is why this request's own counting failed;
// those who waited for it are told to come again.
func (s *Site) fromStats(r *http.Request, write func(w http.ResponseWriter, m *cifra.MyStats) error) (*recorder, error) {
	rec, failure := &recorder{header: http.Header{}}, new(atomic.Pointer[error])
	ctx := context.WithValue(r.Context(), failureKey{}, failure)
	s.StatsCache.Serve(rec, r.WithContext(ctx), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, err := s.MyStats.MyStats(r.Context(), cifra.ActorFrom(r.Context()).UserID())
		if err == nil {
			err = write(w, m)
		}
		if err != nil {
			if failure, ok := r.Context().Value(failureKey{}).(*atomic.Pointer[error]); ok {
				failure.Store(&err)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	if rec.status < http.StatusInternalServerError {
		return rec, nil
	}
	if err := failure.Load(); err != nil {
		return nil, *err
	}
	return nil, cifra.E(cifra.Unavailable, "error.database").Retry(time.Second)
}

type myStatsJSON struct {
	Drawings int64               `json:"drawings"`
	ByDigit  [10]int64           `json:"by_digit"`
	ByAPI    map[cifra.API]int64 `json:"by_api"`
	Sure     int64               `json:"sure"`
	Cached   int64               `json:"cached"`
	Judged   int64               `json:"judged"`
	Right    int64               `json:"right"`
	Since    *string             `json:"since"` // null where there is nothing yet
}

// GetMyStats answers with one's own statistics, for programs: a whole response, kept by user.
func (s *Site) GetMyStats(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab/mystats")
	}
	rec, err := s.fromStats(c.Request(), func(w http.ResponseWriter, m *cifra.MyStats) error {
		out := myStatsJSON{Drawings: m.Drawings, ByDigit: m.ByDigit, ByAPI: m.ByAPI, Sure: m.Sure, Cached: m.Cached, Judged: m.Judged, Right: m.Right}
		if !m.Since.IsZero() {
			since := wireTime(m.Since)
			out.Since = &since
		}
		w.Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
		return json.NewEncoder(w).Encode(out)
	})
	if err != nil {
		return err
	}
	maps.Copy(c.Response().Header(), rec.header)
	c.Response().WriteHeader(rec.status)
	_, err = c.Response().Write(rec.body.Bytes())
	return err
}

// GetMyStatsPage shows them: a part of the page that is kept by user and language, and around it where it came from.
func (s *Site) GetMyStatsPage(c echo.Context) error {
	v := views.MyStatsView{Head: s.labHead("mystats"), SignedIn: actor(c).User != nil}
	if !v.SignedIn {
		return render(c, http.StatusOK, views.MyStats(s.page(c), v))
	}
	p := words(c)
	ctx := context.WithValue(c.Request().Context(), wordsKey{}, p)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/lab/mystats/part", http.NoBody) // as it is, without what browsers say of theirs
	if err != nil {
		return err
	}
	rec, err := s.fromStats(r, func(w http.ResponseWriter, m *cifra.MyStats) error {
		w.Header().Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
		return views.MyStatsPart(views.Page{Words: p}, *m).Render(ctx, w)
	})
	if err != nil {
		return err
	}
	v.Part = templ.Raw(rec.body.String()) // rendered by the same components, a moment ago
	s.provenanceHeaders(c, rec.provenance)
	v.Answered = views.AnsweredView{Provenance: rec.provenance, Headers: shownHeaders(c)}
	return render(c, http.StatusOK, views.MyStats(s.page(c), v))
}
