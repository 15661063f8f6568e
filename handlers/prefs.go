package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/i18n"
)

// PostLanguage keeps the language that a person chose.
func (s *Site) PostLanguage(c echo.Context) error {
	lang := c.FormValue("language")
	if !i18n.Known(lang) {
		return cifra.E(cifra.Invalid, "error.field.value", "Field", "language")
	}
	prefer(c, CookieLanguage, lang)
	if u := actor(c).User; u != nil {
		if err := s.Persons.SetPreferences(c.Request().Context(), u.ID, &lang, nil); err != nil {
			return err
		}
	}
	return see(c, localPath(c.FormValue("next")))
}

// PostTheme keeps light or dark; "auto" follows the system again.
func (s *Site) PostTheme(c echo.Context) error {
	theme := c.FormValue("theme")
	switch theme {
	case "light", "dark":
	case "auto":
		theme = ""
	default:
		return cifra.E(cifra.Invalid, "error.field.value", "Field", "theme")
	}
	prefer(c, CookieTheme, theme)
	if u := actor(c).User; u != nil {
		if err := s.Persons.SetPreferences(c.Request().Context(), u.ID, nil, &theme); err != nil {
			return err
		}
	}
	return see(c, localPath(c.FormValue("next")))
}

// prefer sets a cookie for a year; an empty value deletes it.
func prefer(c echo.Context, name, value string) {
	ck := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.Scheme() == "https", MaxAge: int(365 * 24 * time.Hour / time.Second),
	}
	if value == "" {
		ck.MaxAge = -1
	}
	c.SetCookie(ck)
}
