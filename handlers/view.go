package handlers

import (
	"strings"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// homeView is the page on which digits are drawn and uploaded. An API that does not exist is v2.
func (s *Site) homeView(_ echo.Context, api cifra.API) views.HomeView {
	v := views.HomeView{API: chosenAPI(string(api)), MaxMiB: MaxFileMiB, Retention: s.Retention}
	for _, name := range s.Examples.Names() {
		v.Examples = append(v.Examples, views.ExampleView{Name: name, URL: s.Examples.URL(name), Hard: strings.Contains(name, "-")})
	}
	return v
}

// resultView is one answer with the other model's beside it.
func (s *Site) resultView(c echo.Context, r *cifra.Recognition) (views.ResultView, error) {
	other, err := s.Predict.Compare(c.Request().Context(), &r.Picture, r.API.Other())
	if err != nil {
		return views.ResultView{}, err
	}
	judge, err := s.judgeView(c, r)
	if err != nil {
		return views.ResultView{}, err
	}
	v := views.ResultView{Judge: judge, Recognition: *r, Compare: other, Curl: s.curl(c, r), Retention: s.Retention}
	mine := actor(c).Owns(&r.Prediction)
	v.CanDelete = r.ID != "" && (mine || actor(c).User.IsAdmin())
	if r.ID != "" && mine {
		v.CanShare, v.Address = true, c.Scheme()+"://"+c.Request().Host+"/r/"+r.ID
	}
	if !v.CanDelete && r.ID != "" { // somebody else's, shared: what their file was called is not for others
		v.Recognition.FileName, v.Curl = "", ""
	}
	return v, nil
}

// curl is the same call from a program.
func (s *Site) curl(c echo.Context, r *cifra.Recognition) string {
	name := r.FileName
	if name == "" {
		name = "drawing.png"
	}
	return "curl -H \"Authorization: Bearer $TOKEN\" -F file=@" + shellQuoted(name) + " " +
		c.Scheme() + "://" + c.Request().Host + "/api/" + string(r.API) + "/predict"
}

// shellQuoted makes any file name one word of a shell.
func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
