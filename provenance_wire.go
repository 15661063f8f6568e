package cifra

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// WireProvenance is a [Provenance] as JSON answers carry it. Durations are milliseconds.
type WireProvenance struct {
	Outcome    Outcome `json:"outcome"`
	Reason     string  `json:"reason,omitempty"`
	Tier       string  `json:"tier,omitempty"`
	AgeMS      float64 `json:"age_ms"`
	TTLMS      float64 `json:"ttl_ms"`
	TookMS     float64 `json:"took_ms"`
	SavedMS    float64 `json:"saved_ms"`
	By         string  `json:"by,omitempty"`
	ComputedAt string  `json:"computed_at,omitempty"`
	ExpiresAt  string  `json:"expires_at,omitempty"`
	Key        string  `json:"key,omitempty"`
}

// Wire returns p as JSON answers carry it. The key is for admins and for demo mode.
func (p Provenance) Wire(showKey bool) WireProvenance {
	w := WireProvenance{
		Outcome: p.Outcome, Reason: p.Reason, Tier: p.Tier, By: p.By,
		AgeMS: Milliseconds(p.Age), TTLMS: Milliseconds(p.TTL), TookMS: Milliseconds(p.Took), SavedMS: Milliseconds(p.Saved),
		ComputedAt: wireTime(p.ComputedAt), ExpiresAt: wireTime(p.ExpiresAt),
	}
	if showKey {
		w.Key = p.Key
	}
	return w
}

// Milliseconds returns d in milliseconds, to a microsecond.
func Milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

func wireTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// CacheStatus returns p as the value of the Cache-Status header (RFC 9211). The key is for admins and for demo mode.
func (p Provenance) CacheStatus(showKey bool) string {
	var b strings.Builder
	b.Grow(128 + len(p.Key)) // as a rule all of it
	b.WriteString("cifra")
	if p.Tier != "" {
		b.WriteString("-" + p.Tier)
	}
	switch p.Outcome {
	case HitL1, HitL2, Stale:
		b.WriteString("; hit")
	case Bypass:
		b.WriteString("; fwd=bypass")
	case Coalesced:
		b.WriteString("; fwd=uri-miss; collapsed")
	case Miss:
		if p.Reason == "expired" {
			b.WriteString("; fwd=stale; stored")
		} else {
			b.WriteString("; fwd=uri-miss; stored")
		}
	}
	if p.Outcome != Bypass {
		b.WriteString("; ttl=" + strconv.FormatInt(int64(math.Floor(p.TTL.Seconds())), 10))
	}
	if showKey && p.Key != "" {
		b.WriteString("; key=" + quoted(p.Key))
	}
	switch {
	case p.Outcome == Stale:
		b.WriteString("; detail=stale")
	case p.Reason != "":
		b.WriteString("; detail=" + quoted(p.Reason))
	}
	return b.String()
}

// ServerTiming returns the value of the Server-Timing header: each step of the waterfall where all is true
// (for admins and in demo mode), else only the total.
func (p Provenance) ServerTiming(all bool) string {
	b := make([]byte, 0, 64+48*len(p.Steps)) // as a rule all of it
	if all {
		for _, s := range p.Steps {
			b = append(appendTiming(b, token(s.Name), s.Took, s.Desc), ", "...)
		}
	}
	return string(appendTiming(b, "total", p.Took, string(p.Outcome)))
}

// appendTiming writes one metric of Server-Timing; no description where it is empty.
func appendTiming(b []byte, name string, took time.Duration, desc string) []byte {
	b = append(append(b, name...), ";dur="...)
	b = strconv.AppendFloat(b, Milliseconds(took), 'f', 3, 64)
	if desc != "" {
		b = append(append(b, ";desc="...), quoted(desc)...)
	}
	return b
}

// Headers sets every header that says where an answer came from; set is that of an [net/http.Header]. Keys and steps
// are for all who may see them: admins, and in demo mode everybody.
func (p Provenance) Headers(set func(name, value string), all bool) {
	set("Cache-Status", p.CacheStatus(all))
	if p.Outcome != Bypass || p.Took > 0 { // what passes by the cache isn't timed
		set("Server-Timing", p.ServerTiming(all))
	}
	if !p.Cached() {
		set("X-Cache", "MISS")
		return
	}
	set("X-Cache", "HIT")
	set("Age", strconv.Itoa(int(p.Age.Seconds())))
}

// quoted returns s as a structured field string (RFC 8941): printable ASCII, quotes and backslashes escaped;
// anything else becomes a question mark.
func quoted(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(`""`))
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r > '~':
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// token keeps of s what a header token may hold.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, s)
}
