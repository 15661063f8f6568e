package views

import (
	"time"

	"cifra"
)

// accountPages is every state of the account's page.
func (g gallery) accountPages() []State {
	p := g.at("/account")
	p.Username = "ana"
	w := p.Words
	v := AccountView{
		User: cifra.User{Username: "ana", Role: cifra.RoleUser, CreatedAt: sampleNow.AddDate(0, -2, 0)},
		Sessions: []cifra.SessionInfo{
			{ID: "a1", Since: sampleNow.Add(-time.Hour), IP: "203.0.113.7", Current: true, Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
			{ID: "b2", Since: sampleNow.AddDate(0, 0, -3), IP: "2001:db8::7", Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"},
			{ID: "c3"},
		},
		Tokens: []cifra.Token{
			{ID: "t1", Name: "the lab's printer", ExpiresAt: sampleNow.AddDate(0, 0, 30)},
			{ID: "t2", Name: "last year's course", ExpiresAt: sampleNow.AddDate(0, 0, -3)},
		},
	}
	bare := v
	bare.Sessions, bare.Tokens = v.Sessions[:1], nil
	made := v
	made.Secret = "cifra_7M2KQ4XWZC5VJH3RTN6BYAADFG"
	wrong := v
	wrong.Form, wrong.Fields = "password", map[string]string{"current": w.T("error.password.wrong"), "password": w.T("error.password.common")}
	throttled := v
	throttled.Form, throttled.Error = "delete", w.T("error.login.throttled", "Minutes", 15)
	done := bare
	done.Done = "password"
	return []State{
		{"account", Account(p, v)},
		{"account-bare", Account(p, bare)},
		{"account-token", Account(p, made)},
		{"account-wrong", Account(p, wrong)},
		{"account-throttled", Account(p, throttled)},
		{"account-done", Account(p, done)},
	}
}
