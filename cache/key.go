package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// On the wire a namespace's keys begin with "{prefix:namespace}" and those of all with "{prefix}": on a
// cluster the braces put each group in one slot, so that a script may change several of them at once.
//
//	{cifra:people}:17                a value, by the canonical JSON of its arguments
//	{cifra:people}:#9f86d0…          by their SHA-256, where they are long or hold unsafe bytes
//	{cifra:people}:17:lease          who is making it
//	{cifra:people}!gen  !seq         the namespace's generation; how many invalidations it has seen
//	{cifra:people}!gen!undo          what its last flush replaced, while that may be taken back
//	{cifra}!gen  !seq  !tag:user:7   the same for everything; a tag's generation
//	{cifra}!instances                who lives
//
// JSON never begins with '#' and never ends in ":lease", so no two of these can meet.
const (
	maxKey      = 180
	leaseSuffix = ":lease"
	genSuffix   = "!gen"
	seqSuffix   = "!seq"
	undoSuffix  = "!undo" // after a generation's key

	instancesSuffix = "!instances"
)

// nsPrefixOf begins a namespace's keys, where all begins those of everything: "{cifra}".
func nsPrefixOf(all, ns string) string { return all[:len(all)-1] + ":" + ns + "}" }

// valueKeyOf returns the key of the value that n, an invalidation of a key, is about.
func valueKeyOf(all string, n *notice) string { return nsPrefixOf(all, n.NS) + ":" + safe(n.Args) }

// genKeyOf returns the key of the generation that n moves.
func genKeyOf(all string, n *notice) string {
	switch n.Kind {
	case noticeTag:
		return tagKeyOf(all, n.Tag)
	case noticeNamespace:
		return nsPrefixOf(all, n.NS) + genSuffix
	case noticeKey, noticeAll, noticeFill, noticeAck:
	}
	return all + genSuffix
}

// seqKeyOf returns the key of the count of a scope: a namespace, or "" for what concerns all.
func seqKeyOf(all, scope string) string {
	if scope == "" {
		return all + seqSuffix
	}
	return nsPrefixOf(all, scope) + seqSuffix
}

func tagKeyOf(all, tag string) string { return all + "!tag:" + safe(tag) }

// argumentsOf returns the arguments in key, which may be a whole key on the wire.
func (c *Cache) argumentsOf(ns, key string) string {
	return strings.TrimPrefix(key, nsPrefixOf(c.root, ns)+":")
}

// safe returns s itself if any back end takes it as part of a key, else its hash.
func safe(s string) string {
	ok := len(s) <= maxKey && s != "" && s[0] != '#'
	for i := 0; ok && i < len(s); i++ {
		ok = s[i] > ' ' && s[i] < 0x7f
	}
	if ok {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return "#" + hex.EncodeToString(sum[:])
}

// arguments writes k as canonical JSON, after prefix. Different keys give different arguments: text that isn't
// UTF-8, which JSON would flatten into replacement characters, is written in another form.
func arguments[K comparable](prefix string, k K) (string, error) {
	switch x := any(k).(type) { // the usual kinds, as json.Marshal writes them
	case string:
		if plain(x) {
			return prefix + `"` + x + `"`, nil
		}
	case int:
		return prefix + strconv.Itoa(x), nil
	case int64:
		return prefix + strconv.FormatInt(x, 10), nil
	}
	b, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("cache: key %v: %w", k, err)
	}
	if !allText(reflect.ValueOf(k)) {
		return prefix + "#" + fmt.Sprintf("%#v", k), nil
	}
	return prefix + string(b), nil
}

// plain reports whether JSON writes s as it is, between quotes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// argumentsTo reads what arguments wrote. It fails where the arguments can't be read back exactly.
func argumentsTo[K comparable](args string) (K, bool) {
	var k, zero K
	if json.Unmarshal([]byte(args), &k) != nil {
		return zero, false
	}
	if again, err := arguments("", k); err != nil || again != args {
		return zero, false
	}
	return k, true
}

// allText reports whether every string in v is UTF-8.
func allText(v reflect.Value) bool {
	switch v.Kind() { //nolint:exhaustive // checkKey lets no other kinds pass
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return true
		}
		for i := range v.Len() {
			if !allText(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if !allText(field) {
				return false
			}
		}
	}
	return true
}

// checkKey says what in a key's type would let two different keys look the same in JSON.
func checkKey(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return marshals(t)
	case reflect.Array:
		if err := marshals(t); err != nil {
			return err
		}
		return checkKey(t.Elem())
	case reflect.Struct:
		if err := marshals(t); err != nil {
			return err
		}
		seen := map[string]bool{}
		for f := range t.Fields() {
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			name := strings.ToLower(f.Name)
			if tag != "" {
				name = strings.ToLower(tag)
			}
			switch {
			case !f.IsExported(), f.Anonymous, tag == "-", strings.Contains(options, "omit"), seen[name]:
				return fmt.Errorf("field %s of %v would not show in a key's JSON", f.Name, t)
			}
			seen[name] = true
			if err := checkKey(f.Type); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("a key may hold booleans, integers, text, and structs and arrays of them, not %v", t)
	}
}

var marshaler = reflect.TypeFor[json.Marshaler]()

func marshals(t reflect.Type) error {
	if t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler) {
		return fmt.Errorf("%v writes its own JSON, which may say less than it holds", t)
	}
	return nil
}
