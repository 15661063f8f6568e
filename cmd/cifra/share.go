package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a part of a whole, 0 to 1, that may be written in percent: "10%".
type Share float64

// UnmarshalText reads "0.1" or "10%".
func (s *Share) UnmarshalText(b []byte) error {
	text, percent := strings.CutSuffix(strings.TrimSpace(string(b)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("%q is no share such as 0.1 or 10%%", b)
	}
	*s = Share(v)
	return nil
}

func (s Share) String() string { return strconv.FormatFloat(float64(s), 'f', -1, 64) }
