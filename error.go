package cifra

import (
	"errors"
	"time"
)

// Code classifies an error for people and for HTTP. web/errors.go maps each to one status.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // missing, or cannot be parsed
	Impossible  Code = "impossible"  // understood, but not possible
	Unsigned    Code = "unsigned"    // no valid sign-in
	Denied      Code = "denied"      // signed in, but not allowed
	NotFound    Code = "not-found"   // unknown, whoever asks
	Method      Code = "method"      // there, but it does not answer to this method
	Conflict    Code = "conflict"    // taken, or already running
	TooLarge    Code = "too-large"   // too many bytes
	Unsupported Code = "unsupported" // not a kind that is read
	TooOften    Code = "too-often"   // a limit; RetryAfter says until when
	Unavailable Code = "unavailable" // a part is gone; RetryAfter says when to try again
	Internal    Code = "internal"    // our bug
)

// Error is an error whose message people may read. It holds the message's key in the catalogues of i18n
// and the values for its places, so that each reader gets it in their language.
type Error struct {
	Code       Code
	Key        string            // message key, such as "error.file.empty"
	Values     map[string]any    // for the message's places
	Fields     map[string]*Error // by the form field's name, where several things are wrong at once
	RetryAfter time.Duration     // for TooOften and Unavailable
	Err        error             // cause, for the log only
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Key
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.Err }

// E builds an [Error] from a code, a message key and pairs of a place's name and its value:
//
//	cifra.E(cifra.TooLarge, "error.file.large", "Limit", 8<<20)
func E(c Code, key string, pairs ...any) *Error {
	e := &Error{Code: c, Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Values == nil {
			e.Values = make(map[string]any, len(pairs)/2)
		}
		name, _ := pairs[i].(string)
		e.Values[name] = pairs[i+1]
	}
	return e
}

// Wrap returns e with cause as what is logged, and what [errors.Is] sees.
func (e *Error) Wrap(cause error) *Error {
	w := *e
	w.Err = cause
	return &w
}

// Retry returns e with the time after which trying again makes sense.
func (e *Error) Retry(after time.Duration) *Error {
	w := *e
	w.RetryAfter = after
	return &w
}

// CodeOf returns the code of err, Internal when it has none, "" when err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
