package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cifra/e2e/harness"
)

// TestTheLogHoldsNoSecret goes every way on which a secret travels, right and wrong, with the servers there and gone, and
// then looks for each of them in the whole log.
func TestTheLogHoldsNoSecret(t *testing.T) {
	db := aDatabase(t)
	const ofDatabase, ofRedis, ofTokens = "postgres-Zk4mQ9", "redis-Wn7bT2", "jwt-Hs3vC8-dFgA1eUq8Jx2LrT0vBn5WkY7"
	redis := harness.StartRedis(t, "--requirepass", ofRedis)
	toDatabase, toRedis := harness.NewProxy(t, db.addr), harness.NewProxy(t, redis.Addr())
	address := withPassword(t, db.through(toDatabase), ofDatabase)
	app := harness.StartInstance(t, program, t.TempDir(), secretHere, "CIFRA_JWT_SECRET="+ofTokens,
		"CIFRA_DATABASE_URL="+address, "CIFRA_CACHE_URL=redis://:"+ofRedis+"@"+toRedis.Addr+"/0", "CIFRA_RATE_LIMITS=on")
	secrets := map[string]string{
		"the database's password": ofDatabase, "Redis' password": ofRedis, "the tokens' secret": ofTokens,
		"the sessions' secret": strings.TrimPrefix(secretHere, "CIFRA_SECRET="),
	}
	// The code that makes the first admin is printed for whoever started the program, beside the log and not in it.
	code := app.Said(regexp.MustCompile(`/setup with the code (\S+)`))
	secrets["the setup code"] = code[1]

	l := &load{t: t, urls: []string{app.URL}, web: &http.Client{}}
	say := func(method, path, token string, body any) (int, map[string]any) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		res, answer, err := l.send(t.Context(), app.URL, ask{method: method, path: path, kind: "application/json", token: token, body: b})
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		_ = json.Unmarshal(answer, &v) // not all answers are objects
		return res.StatusCode, v
	}
	account := func(name, password string) map[string]string {
		secrets["the password "+password] = password
		return map[string]string{"username": name, "password": password}
	}

	// A browser: setup with a wrong and the right code, sign-in with a wrong and the right password, and out.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	form := func(path string, values url.Values) {
		t.Helper()
		res, err := browser.PostForm(app.URL+path, values)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		u, err := url.Parse(app.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range jar.Cookies(u) {
			if len(c.Value) > 20 {
				secrets["the cookie after "+path] = c.Value
			}
		}
	}
	secrets["a wrong code"] = "WRONG-CODE-7731"
	owner := "an owner's long words"
	secrets["the owner's password"] = owner
	form("/setup", url.Values{"code": {"WRONG-CODE-7731"}, "username": {"owner"}, "password": {owner}})
	form("/setup", url.Values{"code": {code[1]}, "username": {"owner"}, "password": {owner}})
	form("/logout", nil)
	secrets["a wrong password"] = "not-the-owners-words"
	form("/login", url.Values{"username": {"owner"}, "password": {"not-the-owners-words"}})
	form("/login", url.Values{"username": {"owner"}, "password": {owner}})

	// A program: register, sign in, a personal token, a revoked one, and what is malformed.
	ana := account("ana", "a seven that is crossed")
	if status, v := say("POST", "/api/v1/register", "", ana); status != http.StatusCreated {
		t.Fatalf("register: %d %v", status, v)
	}
	say("POST", "/api/v1/register", "", ana)
	say("POST", "/api/v1/register", "", account("eva", "short7x"))
	say("POST", "/api/v1/login", "", account("ana", "a seven that is not"))
	say("POST", "/api/v1/login", "", map[string]any{"username": "ana", "password": []string{"in-the-wrong-shape"}})
	secrets["a password in the wrong shape"] = "in-the-wrong-shape"
	say("POST", "/api/v1/login", "", map[string]any{"password": "without-any-name-77"})
	say("POST", "/api/v1/register", "", map[string]any{"username": 7, "password": "without-any-name-77"})
	secrets["a password without a name"] = "without-any-name-77"
	_, v := say("POST", "/api/v1/login", "", ana)
	token, _ := v["access_token"].(string)
	_, v = say("POST", "/api/v1/tokens", token, map[string]any{"name": "a script", "days": 30})
	personal, _ := v["token"].(string)
	if token == "" || personal == "" {
		t.Fatalf("no token: %v", v)
	}
	secrets["the token"], secrets["the personal token"] = token, personal
	secrets["a forged token"] = token[:len(token)-6] + "forged"
	for _, tok := range []string{token, personal, secrets["a forged token"]} {
		say("GET", "/api/v1/predictions", tok, nil)
		say("GET", "/api/v1/admin/audit", tok, nil)
		say("GET", "/api/v1/admin/events", tok, nil)
		say("POST", "/api/v1/feedback", tok, map[string]any{"prediction": "x"})
	}
	picture, kind := aPicture(t, 7)
	upload := func() {
		if _, _, err := l.one(t.Context(), app.URL, ask{method: "POST", path: "/api/v2/predict", kind: kind, token: token, body: picture}); err != nil {
			t.Fatal(err)
		}
	}
	upload()

	// The same while the servers are gone, and back.
	toRedis.Cut()
	upload()
	say("POST", "/api/v1/login", "", ana)
	toDatabase.Cut()
	upload()
	say("POST", "/api/v1/login", "", ana)
	say("GET", "/api/v1/predictions", personal, nil)
	form("/login", url.Values{"username": {"owner"}, "password": {owner}})
	toDatabase.Heal()
	toRedis.Heal()
	untilReady(t, app.URL, "database")
	untilReady(t, app.URL, "cache")
	say("POST", "/api/v1/logout", token, nil)
	say("GET", "/api/v1/predictions", token, nil)
	if err := app.Stop(); err != nil {
		t.Error(err)
	}

	log, lines := app.Log(), 0
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=") && strings.Contains(line, "/setup with the code") {
			continue // the greeting
		}
		lines++
		for what, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("the log holds %s: %s", what, strings.ReplaceAll(line, secret, "…"))
			}
		}
	}
	for _, start := range [][]byte{{0x89, 'P', 'N', 'G'}, []byte("iVBORw0KGgo"), []byte("89504e47")} { // a picture, as it is and in letters
		if bytes.Contains([]byte(log), start) {
			t.Error("the log holds a picture")
		}
	}
	t.Logf("%d lines, %d secrets", lines, len(secrets))
	if lines < 30 || len(secrets) < 12 {
		t.Errorf("the test is blind: %d lines, %d secrets", lines, len(secrets))
	}
}

// withPassword is an address with a password, which our PostgreSQL doesn't ask for.
func withPassword(t *testing.T, address, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}
