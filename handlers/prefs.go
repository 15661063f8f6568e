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
	return see(c, localPath(c.FormValue("next")))
}

// PostTheme keeps light or dark; "auto" follows the system again.
func (s *Site) PostTheme(c echo.Context) error {
	switch theme := c.FormValue("theme"); theme {
	case "light", "dark":
		prefer(c, CookieTheme, theme)
	case "auto":
		prefer(c, CookieTheme, "")
	default:
		return cifra.E(cifra.Invalid, "error.field.value", "Field", "theme")
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
