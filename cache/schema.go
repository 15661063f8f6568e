package cache

import (
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
)

// schemaOf returns a fingerprint of how t looks in JSON, and of version: a value that another
// release wrote with another type is a miss here, not an error.
func schemaOf(t reflect.Type, version int) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d ", version)
	describe(h, t, map[reflect.Type]bool{})
	return h.Sum64()
}

func describe(w io.Writer, t reflect.Type, open map[reflect.Type]bool) {
	_, _ = io.WriteString(w, t.Kind().String())
	if open[t] || t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler) {
		_, _ = io.WriteString(w, " "+t.String())
		return
	}
	open[t] = true
	defer delete(open, t)
	switch t.Kind() { //nolint:exhaustive // the others hold nothing
	case reflect.Pointer, reflect.Slice:
		describe(w, t.Elem(), open)
	case reflect.Array:
		_, _ = fmt.Fprint(w, t.Len())
		describe(w, t.Elem(), open)
	case reflect.Map:
		describe(w, t.Key(), open)
		describe(w, t.Elem(), open)
	case reflect.Struct:
		for f := range t.Fields() {
			_, _ = fmt.Fprintf(w, "{%s %q ", f.Name, f.Tag.Get("json"))
			describe(w, f.Type, open)
		}
	}
}
