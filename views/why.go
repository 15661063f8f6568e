package views

import (
	"regexp"
	"strings"
	"time"

	"cifra"
)

// why says in a sentence or two why an answer came from where it did. It counts ages from p.Now where that is known,
// so that the sentence about an answer that was kept stays true.
func why(p Page, v cifra.Provenance) string {
	w := p.Words
	switch v.Outcome {
	case cifra.HitL1, cifra.HitL2, cifra.Stale:
		return whyCached(p, v)
	case cifra.Coalesced:
		return w.T("why.coalesced")
	case cifra.Bypass:
		if v.Degraded {
			return w.T("why.degraded")
		}
		return w.T("why.bypass")
	case cifra.Miss:
	}
	said := w.T("why.miss", "Reason", whyReason(p, v.Reason))
	if left := timeLeft(p, v); left > 0 {
		said += " " + w.T("why.kept", "Left", w.Span(left))
	}
	return said
}

func whyCached(p Page, v cifra.Provenance) string {
	w := p.Words
	by := w.T("why.by.this")
	if v.By != "" && v.By != p.Instance {
		by = w.T("why.by.other", "Name", v.By)
	}
	pairs := []any{"Ago", w.Ago(age(p, v)), "By", by, "Cost", w.Duration(v.Took + v.Saved)}
	key := "why.computed"
	if v.Saved > 0 {
		key = "why.computed.cost"
	}
	said := []string{w.T(key, pairs...)}
	switch left := timeLeft(p, v); {
	case v.Outcome == cifra.Stale:
		said = append(said, w.T("why.stale", "Reason", whyReason(p, v.Reason)))
	case left > 0:
		said = append(said, w.T("why.expires", "Left", w.Span(left)))
	}
	return strings.Join(said, " ")
}

// age is how long ago the value was made.
func age(p Page, v cifra.Provenance) time.Duration {
	if p.Now.IsZero() || v.ComputedAt.IsZero() {
		return v.Age
	}
	return p.Now.Sub(v.ComputedAt)
}

// timeLeft is for how long the value stays fresh; 0 or less where it no longer is.
func timeLeft(p Page, v cifra.Provenance) time.Duration {
	if p.Now.IsZero() || v.ExpiresAt.IsZero() {
		return v.TTL
	}
	return v.ExpiresAt.Sub(p.Now)
}

// reasonForm takes a cause apart as cache.Cause writes it: "namespace flushed by ana 14:03:11: what for".
var reasonForm = regexp.MustCompile(`^(.*?)(?: by (\S+))?(?: (\d\d:\d\d:\d\d))?(?:: (.*))?$`)

// whyReason says the cache's reason in the reader's language. What it doesn't know it gives as it came.
func whyReason(p Page, reason string) string {
	w := p.Words
	if reason == "" {
		return w.T("why.reason.cold")
	}
	m := reasonForm.FindStringSubmatch(reason)
	if m == nil {
		return reason
	}
	head, who, at := m[1], m[2], m[3]
	if strings.HasPrefix(head, "tag ") {
		head = "tag bumped" // the tag's own name is for the inspector
	}
	key := "why.reason." + strings.ReplaceAll(head, " ", "-")
	said := w.T(key)
	if said == key {
		return reason
	}
	if who != "" {
		said += " " + w.T("why.who", "Name", who)
	}
	if at != "" {
		said += " " + w.T("why.at", "Time", at+" UTC")
	}
	return said
}
