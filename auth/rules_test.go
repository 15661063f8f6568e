package auth

import (
	"errors"
	"strings"
	"testing"

	"cifra"
)

func TestNames(t *testing.T) {
	tests := []struct {
		name  string
		given string
		clean string // as it is kept
		key   string // of the refusal, "" for none
	}{
		{"an ordinary one", "Ana", "Ana", ""},
		{"signs that are allowed", "a.b_c-9", "a.b_c-9", ""},
		{"three characters", "abc", "abc", ""},
		{"two characters", "ab", "ab", "error.username.length"},
		{"64 characters", strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		{"65 characters", strings.Repeat("a", 65), strings.Repeat("a", 65), "error.username.length"},
		{"spaces around it", "  ana\t", "ana", ""},
		{"a space within", "ana maria", "ana maria", "error.username.characters"},
		{"wide letters of a Japanese keyboard", "Ａｎａ", "Ana", ""},
		{"a Cyrillic letter that looks Latin", "аdmin", "аdmin", "error.username.characters"},
		{"letters with accents", "josé", "josé", "error.username.characters"},
		{"an address", "ana@example.org", "ana@example.org", "error.username.characters"},
		{"markup", "<script>", "<script>", "error.username.characters"},
		{"NUL", "ana\x00", "ana\x00", "error.username.characters"},
		{"a guest's name", "Guest-7", "Guest-7", "error.username.reserved"},
		{"a name that begins nearly so", "guests", "guests", ""},
		{"no UTF-8", "ana\xff", "ana\xff", "error.username.characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clean := CleanName(tt.given)
			if clean != tt.clean {
				t.Errorf("got %q, want %q", clean, tt.clean)
			}
			if got := keyOf(CheckName(clean)); got != tt.key {
				t.Errorf("got %q, want %q", got, tt.key)
			}
		})
	}
	for _, same := range []string{"ana", "ANA", " Ana ", "ａｎａ"} {
		if got := FoldName(same); got != "ana" {
			t.Errorf("FoldName(%q): got %q, want %q", same, got, "ana")
		}
	}
}

func TestPasswords(t *testing.T) {
	tests := []struct {
		name     string
		password string
		key      string
	}{
		{"a sentence", "la casa azul de mi abuela", ""},
		{"eight characters", "x7Fq-2pL", ""},
		{"seven characters", "x7Fq-2p", "error.password.length"},
		{"seven characters in fourteen bytes", "ñañéíóú", "error.password.length"},
		{"128 characters", strings.Repeat("lápiz de cera 16", 8), ""},
		{"129 characters", strings.Repeat("lápiz de cera 16", 8) + "x", "error.password.length"},
		{"no UTF-8", "lluvia\xffde abril", "error.password.characters"},
		{"the name", "maria.ruiz", "error.password.username"},
		{"the name in capitals", "MARIA.RUIZ", "error.password.username"},
		{"another alphabet", "дождь в апреле", ""},
		{"four random words", "correct horse battery staple", ""},
		{"digits that are no date", "58203941", ""},
		{"a word and more than an ending", "dragon-under-the-bridge", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keyOf(CheckPassword(tt.password, "Maria.Ruiz")); got != tt.key {
				t.Errorf("got %q, want %q", got, tt.key)
			}
		})
	}
}

func TestCommonPasswords(t *testing.T) {
	for p := range strings.FieldsSeq(`
		password Password PASSWORD password1 Password1 password123 Password123! p@ssw0rd P@$$w0rd passw0rd1 12345678 123456789
		1234567890 87654321 qwertyui qwertyuiop QwErTy123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx qazwsxedc asdfghjkl zxcvbnm1
		qwer1234 1234qwer asdf1234 abcd1234 abcdefgh 11111111 00000000 aaaaaaaa abababab 12341234 abcabcabc 12121212
		iloveyou iloveyou1 sunshine sunshine1 princess princess1 football football1 baseball superman batman123 dragon123
		monkey12 letmein1 welcome1 Welcome123 Welcome2024! admin123 administrator adminadmin root1234 changeme changeme123
		trustno1 starwars pokemon1 michael1 jennifer jessica1 charlie1 jordan23 liverpool chelsea1 barcelona realmadrid
		contraseña contraseña1 contrasena123 teamo123 teamomucho tequiero hola1234 holahola micontraseña secreto1 alejandro
		usuario1 estrella mariposa america1 colombia1 colombia2024 пароль123 привет123 йцукенгш qwerty2023 parol123
		ytrewq321 01011990 19901225 31/12/1999 25.12.1985 31415926 147258369 11223344 123123123 fuckyou1 whatever1 computer
		internet samsung1 Summer2023 verano2024 enero2025! michelle_1 qqqqwwww aaaabbbb 123qwe123qwe 1a1a1a1a
		`) {
		if !isCommon(p) {
			t.Errorf("%s: got an acceptable password, want a common one", p)
		}
	}
	if n := len(commonWords()); n < 1000 {
		t.Errorf("got %d words, want the whole list", n)
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	tests := []struct {
		name           string
		user, password string
		code           cifra.Code
		fields         map[string]string
	}{
		{"both missing", "", "", cifra.Invalid, map[string]string{"username": "error.field.missing", "password": "error.field.missing"}},
		{"the password missing", "ana", "", cifra.Invalid, map[string]string{"password": "error.field.missing"}},
		{"both break a rule", "a", "b", cifra.Impossible, map[string]string{"username": "error.username.length", "password": "error.password.length"}},
		{"fine", "ana", goodPassword, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := checkCredentials(tt.user, tt.password)
			wantCode(t, err, tt.code)
			var e *cifra.Error
			if !errors.As(err, &e) {
				return
			}
			if len(e.Fields) != len(tt.fields) {
				t.Errorf("got %d fields, want %d", len(e.Fields), len(tt.fields))
			}
			for field, key := range tt.fields {
				if got := keyOf(e.Fields[field]); got != key {
					t.Errorf("%s: got %q, want %q", field, got, key)
				}
			}
		})
	}
}

func keyOf(e *cifra.Error) string {
	if e == nil {
		return ""
	}
	return e.Key
}
