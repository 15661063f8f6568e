package i18n

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"cifra"
)

// catalogue reads the messages of one language: each key's forms, one for a plain message.
func catalogue(t *testing.T, lang Language) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	files, err := fs.Glob(catalogues, "*."+string(lang)+".toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue of %s: %v", lang, err)
	}
	for _, f := range files {
		b, err := catalogues.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		raw := map[string]any{}
		if _, err := toml.Decode(string(b), &raw); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for key, v := range raw {
			if all[key] != nil {
				t.Errorf("%s: %s is there twice", f, key)
			}
			all[key] = map[string]string{}
			switch v := v.(type) {
			case string:
				all[key]["other"] = v
			case map[string]any:
				for form, text := range v {
					all[key][form], _ = text.(string)
				}
			}
		}
	}
	return all
}

var place = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// places returns the names of a message's places.
func places(forms map[string]string) []string {
	names := map[string]bool{}
	for _, text := range forms {
		for _, m := range place.FindAllStringSubmatch(text, -1) {
			names[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// pluralForms are the forms that a language's rules ask for (CLDR).
var pluralForms = map[Language][]string{English: {"one", "other"}, Spanish: {"many", "one", "other"}, Russian: {"few", "many", "one", "other"}}

func TestEveryLanguageHasEveryMessage(t *testing.T) {
	english := catalogue(t, English)
	for _, lang := range Languages()[1:] {
		other := catalogue(t, lang)
		for key, forms := range english {
			theirs, ok := other[key]
			if !ok {
				t.Errorf("%s lacks %s", lang, key)
				continue
			}
			if got, want := places(theirs), places(forms); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the places %v, want %v as in English", lang, key, got, want)
			}
			if len(forms) > 1 && !slices.Equal(slices.Sorted(maps.Keys(theirs)), pluralForms[lang]) {
				t.Errorf("%s: %s has the forms %v, want %v", lang, key, slices.Sorted(maps.Keys(theirs)), pluralForms[lang])
			}
			for form, text := range theirs {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s has an empty form %s", lang, key, form)
				}
			}
		}
		for key := range other {
			if english[key] == nil {
				t.Errorf("%s has %s, which English lacks", lang, key)
			}
		}
	}
}

// used finds the message keys that code names: the first text in T( and N(, and the second argument of cifra.E(.
var used = []*regexp.Regexp{
	regexp.MustCompile(`\.[TN]\("([a-z][a-zA-Z0-9.\-]*[a-zA-Z0-9])"`),
	regexp.MustCompile(`\bE\((?:cifra\.)?[A-Z]\w+, "([a-z][a-zA-Z0-9.\-]*)"`),
}

// anyKey finds every text that looks like a key, for the other direction.
var anyKey = regexp.MustCompile(`"([a-z][a-zA-Z0-9.\-]*)"`)

// madeUp finds the beginnings of keys that code puts together: "step." + name.
var madeUp = regexp.MustCompile(`"([a-z][a-z0-9.\-]*\.)"\s*\+`)

func TestEveryMessageThatIsUsedExistsAndNoneIsIdle(t *testing.T) {
	english := catalogue(t, English)
	named, begun := map[string]bool{}, map[string]bool{}
	found := 0
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasSuffix(d.Name(), "test") { // test help, such as cachetest
			return filepath.SkipDir
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == ".cache" || d.Name() == "tools") {
			return filepath.SkipDir
		}
		isCode := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
		if d.IsDir() || !isCode && !strings.HasSuffix(path, ".templ") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, re := range used {
			for _, m := range re.FindAllSubmatch(b, -1) {
				found++
				if key := string(m[1]); english[key] == nil {
					t.Errorf("%s says %q, for which there is no message", path, key)
				}
			}
		}
		for _, m := range anyKey.FindAllSubmatch(b, -1) {
			named[string(m[1])] = true
		}
		for _, m := range madeUp.FindAllSubmatch(b, -1) {
			begun[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Fatalf("only %d uses of messages were found: the test is blind", found)
	}
	for key := range english {
		isBegun := false
		for i := range key {
			isBegun = isBegun || key[i] == '.' && begun[key[:i+1]]
		}
		if !named[key] && !isBegun {
			t.Errorf("the message %s is used nowhere", key)
		}
	}
}

func TestKeysThatCodePutsTogether(t *testing.T) {
	english := catalogue(t, English)
	for _, s := range []string{
		cifra.StepTurned, cifra.StepAlpha, cifra.StepShrunk, cifra.StepFlattened, cifra.StepInverted, cifra.StepLines,
		cifra.StepSpecks, cifra.StepCropped, cifra.StepStroke, cifra.StepCentred, cifra.StepPlain,
	} {
		if english["step."+s] == nil {
			t.Errorf("no message for the step %q", s)
		}
	}
	for _, r := range []cifra.Reason{cifra.ReasonBlank, cifra.ReasonFaint, cifra.ReasonSeveral, cifra.ReasonNotDigit, cifra.ReasonUnsure} {
		if english["reason."+string(r)] == nil {
			t.Errorf("no message for the reason %q", r)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct{ name, cookie, setting, accept, want string }{
		{"nothing said is English", "", "", "", "en"},
		{"the browser's wish", "", "", "es-AR,es;q=0.9,en;q=0.5", "es"},
		{"the weights count", "", "", "en;q=0.3,ru;q=0.8", "ru"},
		{"the cookie goes over it", "ru", "", "es", "ru"},
		{"the account's setting goes over the browser's wish", "", "es", "ru", "es"},
		{"a cookie that is no language is passed over", "<script>", "", "ru", "ru"},
		{"a language that the site lacks", "", "", "ja", "en"},
		{"a header that makes no sense", "", "", ";;;===", "en"},
		{"a header of a megabyte", "", "", strings.Repeat("es,", 1<<18), "en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Choose(tt.cookie, tt.setting, tt.accept); string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	b, err := New()
	if err != nil {
		t.Fatal(err)
	}
	en, es, ru := b.Printer(English), b.Printer(Spanish), b.Printer(Russian)
	for _, tt := range []struct{ name, got, want string }{
		{"a hit", en.Duration(310 * time.Microsecond), "0.31\u00a0ms"},
		{"a model run", ru.Duration(6800 * time.Microsecond), "6,80\u00a0мс"},
		{"a slow one", en.Duration(3004 * time.Millisecond), "3.00\u00a0s"},
		{"an age", en.Ago(41 * time.Second), "41\u00a0s ago"},
		{"an age in Spanish", es.Ago(9 * time.Minute), "hace 9\u00a0min"},
		{"almost ten minutes are ten", en.Span(10*time.Minute - time.Millisecond), "10\u00a0min"},
		{"a moment ago", en.Ago(time.Millisecond), "just now"},
		{"days", ru.Span(90 * 24 * time.Hour), "90 дней"},
		{"few days", ru.Span(3 * 24 * time.Hour), "3 дня"},
		{"one more", ru.Span(21 * 24 * time.Hour), "21 день"},
		{"almost certain is not certain", en.Percent(0.99999, 1), ">99.9%"},
		{"hardly possible is not impossible", es.Percent(0.00001, 1), "<0,1\u00a0%"},
		{"certain", en.Percent(1, 0), "100%"},
		{"thousands", en.Number(9690), "9,690"},
		{"thousands in Spanish", es.Number(9690), "9690"},
		{"ten thousands in Spanish", es.Number(12345), "12\u00a0345"},
		{"negative", en.Number(-1234567), "−1,234,567"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}
