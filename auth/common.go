package auth

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

//go:embed common.txt
var commonText string

// commonWords are the words of common.txt.
var commonWords = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool, 1500)
	for line := range strings.Lines(commonText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			words[w] = true
		}
	}
	return words
})

// commonEndings are what people add to a word because a rule asks for it; years are added by isEnding.
var commonEndings = map[string]bool{
	"": true, "!": true, "!!": true, ".": true, "*": true, "$": true, "#": true, "@": true, "?": true, "_": true,
	"0": true, "1": true, "2": true, "3": true, "4": true, "5": true, "6": true, "7": true, "8": true, "9": true,
	"00": true, "01": true, "02": true, "03": true, "07": true, "10": true, "11": true, "12": true, "13": true,
	"21": true, "22": true, "23": true, "69": true, "77": true, "88": true, "99": true,
	"000": true, "007": true, "100": true, "101": true, "111": true, "123": true, "222": true, "234": true,
	"321": true, "333": true, "420": true, "456": true, "555": true, "666": true, "777": true, "789": true,
	"888": true, "987": true, "999": true, "1111": true, "1212": true, "1234": true, "1313": true, "4321": true,
	"12345": true, "54321": true, "123456": true, "1234567": true, "12345678": true, "123456789": true,
	"1234567890": true, "123123": true, "112233": true, "abc": true, "qwe": true, "xyz": true, "xxx": true,
	"1q2w3e": true, "me": true, "you": true, "one": true, "man": true, "girl": true, "boy": true,
}

// written undoes the usual swaps of letters for signs, so that "p@ssw0rd" is "password".
var written = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t",
	"á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n")

// writtenL is for the other letter that a 1 may stand for.
var writtenL = strings.NewReplacer("1", "l")

// isCommon reports whether password is one that guessing programs try first: a word of the list with a usual
// ending; walks on the keyboard, sequences and repetitions; a date. Case does not count.
func isCommon(password string) bool {
	p := strings.ToLower(password)
	for i := range p { // every cut of p into a word and an ending
		if i > 0 && isEnding(p[i:]) && isWord(p[:i]) {
			return true
		}
	}
	return isWord(p) || isRuns([]rune(p)) || isDate(p)
}

func isWord(s string) bool {
	words := commonWords()
	return words[s] || words[written.Replace(s)] || words[writtenL.Replace(s)]
}

// isEnding reports whether s is an ending, perhaps with a sign before or after it: "123", "2024!", "_99".
func isEnding(s string) bool {
	const signs = "!.*$#@?_-+"
	if commonEndings[s] || isYear(s) {
		return true
	}
	t := strings.Trim(s, signs)
	return len(s)-len(t) <= 2 && t != s && (commonEndings[t] || isYear(t))
}

func isYear(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && len(s) == 4 && n >= 1930 && n <= 2049
}

// isDate reports whether s is a day in the last hundred years or so, in one of the usual orders.
func isDate(s string) bool {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("./-_ ", r) {
			return -1
		}
		return r
	}, s)
	if len(digits) != 8 || len(s) > 10 {
		return false
	}
	for _, layout := range []string{"02012006", "01022006", "20060102", "20060201"} {
		if t, err := time.Parse(layout, digits); err == nil && t.Year() >= 1900 && t.Year() <= 2049 {
			return true
		}
	}
	return false
}

// walks are the rows of keyboards, and the alphabets.
var walks = []string{
	"1234567890", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "asdfghjklñ",
	"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
	"qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
}

// isRuns reports whether s can be cut into runs of three characters or more, each of them a walk, forwards
// or backwards, or one character again and again; or whether all of s is one short piece repeated.
func isRuns(s []rune) bool {
	for unit := 1; unit <= 4 && unit <= len(s)/2; unit++ {
		if isRepeated(s, unit) {
			return true
		}
	}
	reach := make([]bool, len(s)+1) // reach[i]: s[:i] can be cut so
	reach[0] = true
	for i := 3; i <= len(s); i++ {
		for j := max(0, i-26); j <= i-3 && !reach[i]; j++ {
			reach[i] = reach[j] && isRun(s[j:i])
		}
	}
	return reach[len(s)]
}

func isRepeated(s []rune, unit int) bool {
	for i := unit; i < len(s); i++ {
		if s[i] != s[i-unit] {
			return false
		}
	}
	return true
}

func isRun(s []rune) bool {
	if isRepeated(s, 1) {
		return true
	}
	forwards := string(s)
	backwards := reversed(s)
	for _, w := range walks {
		if strings.Contains(w, forwards) || strings.Contains(w, backwards) {
			return true
		}
	}
	return false
}

func reversed(s []rune) string {
	b := make([]byte, 0, len(s)*utf8.UTFMax)
	for _, r := range slices.Backward(s) {
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
