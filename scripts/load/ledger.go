package main

import (
	"context"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ledger is what the servers have acknowledged, by the comment that makes each piece of feedback its own.
type ledger struct {
	mu           sync.Mutex // guards the rest
	acknowledged map[string]bool
	sent         map[string]bool
	found        map[string]int
}

func (l *ledger) note(comment string, acknowledged bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sent == nil {
		l.sent, l.acknowledged, l.found = map[string]bool{}, map[string]bool{}, map[string]int{}
	}
	l.sent[comment] = true
	if acknowledged {
		l.acknowledged[comment] = true
	}
}

// feedback sends a piece of feedback as a careful client does: where the answer doesn't come, or is a refusal that asks
// for patience, again under the same key.
func (t *traffic) feedback(ctx context.Context, token string) {
	comment := "load " + crand.Text()
	body := fmt.Appendf(nil, `{"prediction":5,"correct":false,"label":3,"comment":%q}`, comment)
	for try := range 8 {
		began, phase := time.Now(), *t.now.Load()
		status, _, err := t.call(ctx, http.MethodPost, "/api/v1/feedback", token, "application/json", body, "Idempotency-Key", comment[5:])
		t.ledger.note(comment, status == http.StatusCreated)
		if ctx.Err() == nil || status == http.StatusCreated {
			t.records.add(phase, *t.now.Load(), "feedback", outcome(status, err), began)
		}
		if err == nil && status < 500 && status != http.StatusTooManyRequests || ctx.Err() != nil {
			return
		}
		pause(ctx, time.Duration(try+1)*300*time.Millisecond)
	}
}

// checkLedger looks for each acknowledged piece of feedback in the admin's list: once, neither lost nor doubled.
func (t *traffic) checkLedger(ctx context.Context) error {
	for cursor := ""; ; {
		status, b, err := t.call(ctx, http.MethodGet, "/api/v1/admin/feedback?per_page=100&after="+cursor, t.admin, "", nil)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("the list of feedback: %d %s %w", status, b, err)
		}
		var page struct {
			Items []struct {
				Comment string `json:"comment"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if err := json.Unmarshal(b, &page); err != nil {
			return err
		}
		for _, i := range page.Items {
			if strings.HasPrefix(i.Comment, "load ") {
				t.ledger.found[i.Comment]++
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// balance returns how many were sent and acknowledged, and of these how many are lost, and how many of all are there twice.
func (l *ledger) balance() (sent, acknowledged, lost, doubled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.acknowledged {
		if l.found[c] == 0 {
			lost++
		}
	}
	for c := range l.sent {
		if l.found[c] > 1 {
			doubled++
		}
	}
	return len(l.sent), len(l.acknowledged), lost, doubled
}
