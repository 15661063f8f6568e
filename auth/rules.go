package auth

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"cifra"
)

// The bounds of names and passwords, in characters.
const (
	MinName     = 3
	MaxName     = 64
	MinPassword = 8
	MaxPassword = 128
)

// guestPrefix begins the names that guests are given; an account may not look like one.
const guestPrefix = "guest-"

// CleanName returns the form of name that is kept and shown: without spaces around it, and in Unicode's form NFKC,
// which turns the wide letters of East Asian keyboards into plain ones.
//
// The letters of a name are those of ASCII. Other alphabets have letters that look the same ("а" in "аdmin"),
// and SQLite compares without regard to case only in ASCII. Names are the same when [FoldName] says so.
func CleanName(name string) string {
	if len(name) > 8*MaxName { // no name, however it is written; don't work on it
		name = strings.ToValidUTF8(name[:8*MaxName], "")
	}
	return strings.TrimSpace(norm.NFKC.String(name))
}

// FoldName returns what a name is compared by: "Ana", "ana" and " ANA" are one person.
func FoldName(name string) string { return strings.ToLower(CleanName(name)) }

// CheckName returns the rule that name, as [CleanName] gives it, breaks; nil when it keeps them all.
func CheckName(name string) *cifra.Error {
	if n := utf8.RuneCountInString(name); n < MinName || n > MaxName {
		return cifra.E(cifra.Impossible, "error.username.length", "Min", MinName, "Max", MaxName)
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return cifra.E(cifra.Impossible, "error.username.characters")
		}
	}
	if strings.HasPrefix(strings.ToLower(name), guestPrefix) {
		return cifra.E(cifra.Impossible, "error.username.reserved")
	}
	return nil
}

// CheckPassword returns the rule that password breaks as the password of name; nil when it keeps them all.
func CheckPassword(password, name string) *cifra.Error {
	if !utf8.ValidString(password) {
		return cifra.E(cifra.Impossible, "error.password.characters")
	}
	p := normalPassword(password)
	if n := utf8.RuneCountInString(p); n < MinPassword || n > MaxPassword {
		return cifra.E(cifra.Impossible, "error.password.length", "Min", MinPassword, "Max", MaxPassword)
	}
	if strings.ToLower(p) == FoldName(name) {
		return cifra.E(cifra.Impossible, "error.password.username")
	}
	if isCommon(p) {
		return cifra.E(cifra.Impossible, "error.password.common")
	}
	return nil
}

// checkCredentials checks a name and a password that are to be kept, and says everything that is wrong at once:
// cifra.Invalid where one is missing, cifra.Impossible where one breaks a rule.
func checkCredentials(name, password string) error {
	if err := checkPresent(name, password); err != nil {
		return err
	}
	fields := make(map[string]*cifra.Error, 2)
	if err := CheckName(name); err != nil {
		fields["username"] = err
	}
	if err := CheckPassword(password, name); err != nil {
		fields["password"] = err
	}
	return fieldError(cifra.Impossible, fields)
}

func checkPresent(name, password string) error {
	fields := make(map[string]*cifra.Error, 2)
	if name == "" {
		fields["username"] = missing("username")
	}
	if password == "" {
		fields["password"] = missing("password")
	}
	return fieldError(cifra.Invalid, fields)
}

func missing(field string) *cifra.Error {
	return cifra.E(cifra.Invalid, "error.field.missing", "Field", field)
}

// fieldError joins the errors of fields into one, whose sentence is that of the first field
// in the order in which forms show them.
func fieldError(code cifra.Code, fields map[string]*cifra.Error) error {
	for _, name := range []string{"username", "current", "password", "code", "confirm", "name", "days"} {
		if first := fields[name]; first != nil {
			return &cifra.Error{Code: code, Key: first.Key, Values: first.Values, Fields: fields}
		}
	}
	return nil
}
