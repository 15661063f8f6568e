package views

import (
	"time"

	"cifra"
)

func (g gallery) users() []State {
	long := "maria-dolores.de-la-fuente_y-santiago-de-compostela-1234567890ab"
	at := func(back time.Duration) time.Time { return sampleNow.Add(-back) }
	ana := cifra.Account{User: cifra.User{ID: 1, Username: "ana", Role: cifra.RoleAdmin, CreatedAt: at(90 * 24 * time.Hour)}, Sessions: 2}
	eve := cifra.Account{User: cifra.User{ID: 7, Username: "eve", Role: cifra.RoleUser, CreatedAt: at(48 * time.Hour)}, Sessions: 1, Blocked: 11*time.Minute + 3*time.Second}
	off := cifra.Account{User: cifra.User{ID: 9, Username: long, Role: cifra.RoleUser, Disabled: true, CreatedAt: at(time.Hour)}}
	sessions := []cifra.SessionInfo{
		{ID: "5f0b1c9a7be2d84c6590", Since: at(3 * time.Hour), Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", IP: "203.0.113.7"},
		{ID: "ab17de43f8c2a63f1c9a", Since: at(50 * time.Hour), Agent: "Mozilla/5.0 (iPhone) Safari/605", IP: "2001:db8::beef"},
	}
	list, one := g.asAdmin("/admin/users"), g.asAdmin("/admin/users/7")
	w := g.page.Words
	return []State{
		{"users", Users(list, UsersView{Accounts: []cifra.Account{ana, eve, off}, First: true, NextURL: "/admin/users?after=ZXZl", FirstURL: "/admin/users"})},
		{"users-none", Users(list, UsersView{Name: "xyz", Role: cifra.RoleAdmin, State: "disabled", Filtered: true, First: true})},
		{"user", User(one, UserView{Account: eve, Sessions: sessions[:1], Done: "role"})},
		{"user-self", User(one, UserView{Account: ana, Sessions: sessions, Self: true})},
		{"user-disabled", User(one, UserView{Account: off, Error: w.T("error.user.last-admin")})},
		{"user-reset", User(one, UserView{
			Account: ana, Sessions: sessions, Reset: &cifra.Reset{ExpiresAt: at(-24 * time.Hour)},
			ResetURL: "https://cifra.example/reset?code=7M2KQ4XWZC5VJH3RTN6BYAADFG",
		})},
		{"set-password", SetPassword(g.at("/reset"), SetPasswordView{Code: "7M2KQ4XWZC5VJH3RTN6BYAADFG"})},
		{"set-password-errors", SetPassword(g.at("/reset"), SetPasswordView{Code: "7GQ2", Fields: map[string]string{
			"code": w.T("error.reset.code"), "password": w.T("error.password.common"),
		}})},
	}
}

func (g gallery) system() []State {
	at := func(back time.Duration) time.Time { return sampleNow.Add(-back) }
	s := cifra.System{
		Version: "v0.1.0", Revision: "22038b8d1c9a7be2d84c6590ab17de43f8c2a63f", Go: "go1.26.0", Platform: "linux/amd64",
		Instance: "hall-1-4711", Started: at(26 * time.Hour), Database: "postgres", Cache: "redis", CacheDown: at(3 * time.Minute), Sockets: 12,
		Pools: []cifra.Pool{
			{Name: "database", Kind: "postgres", Kept: 10, Max: 30, Open: 14, InUse: 3, Overflow: 4, Waits: 1240, Waited: 3 * time.Second, Recycle: 30 * time.Minute, Patience: 1800 * time.Millisecond, Checked: true},
			{Name: "limits", Kind: "redis", Kept: 4, Open: 5, InUse: 1},
		},
		Slow: cifra.SlowLog{
			RequestsFrom: 500 * time.Millisecond, QueriesFrom: 500 * time.Millisecond,
			Requests: []cifra.SlowRequest{{At: at(time.Minute), Method: "GET", Route: "/api/v1/operations/heavy", Status: 200, Took: 3021 * time.Millisecond, RequestID: "KX4Q7LRB2N5TZ6VW3YPA0CDEFG"}},
			Queries: []cifra.SlowQuery{
				{At: at(2 * time.Minute), SQL: `SELECT "id", "reading" FROM "predictions" WHERE (user_id = ?) AND (digit = ?) ORDER BY "created_at" DESC, "id" DESC LIMIT ?`, Took: 812 * time.Millisecond, RequestID: "KX4Q7LRB2N5TZ6VW3YPA0CDEFG"},
				{At: at(9 * time.Minute), SQL: "SELECT pg_sleep(?)", Took: 1800 * time.Millisecond, Failed: true},
			},
		},
		Routes: []cifra.RouteTimes{
			{Method: "GET", Route: "/history", N: 48211, P50: 2100 * time.Microsecond, P95: 9 * time.Millisecond, P99: 31 * time.Millisecond},
			{Method: "POST", Route: "/api/v2/predict", N: 1240, P50: 9 * time.Millisecond, P95: 24 * time.Millisecond, P99: 80 * time.Millisecond},
		},
		Instances: []cifra.Instance{
			{Name: "hall-1-4711", Version: "v0.1.0", Started: at(26 * time.Hour), Seen: at(12 * time.Second)},
			{Name: "hall-2-815", Version: "v0.1.0", Started: at(26 * time.Hour), Seen: at(5 * time.Minute)},
			{Name: "trainer-17", Worker: true, Version: "v0.1.0", Started: at(time.Hour), Seen: at(3 * time.Second)},
		},
		Settings: []cifra.Setting{
			{Variable: "CIFRA_ADDR", Value: ":8080", From: "environment"},
			{Variable: "CIFRA_DATABASE_URL", Value: "postgres://cifra:xxxxx@database.internal.example:5432/cifra?sslmode=require", From: "environment (DATABASE_URL)"}, //nolint:gosec // the password is masked
			{Variable: "CIFRA_SECRET", Value: "(hidden)", From: ".env"},
			{Variable: "CIFRA_REDIS_URL", From: "default"},
		},
	}
	quiet := s
	quiet.CacheDown, quiet.Routes, quiet.Instances = time.Time{}, nil, s.Instances[:1]
	quiet.Slow = cifra.SlowLog{RequestsFrom: 500 * time.Millisecond}
	return []State{
		{"system", System(g.asAdmin("/admin/system"), SystemView{System: s})},
		{"system-quiet", System(g.asAdmin("/admin/system"), SystemView{System: quiet})},
	}
}
