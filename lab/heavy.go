package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"cifra"
	"cifra/cache"
)

const (
	// MaxInput is the most bytes of the heavy operation's input.
	MaxInput = 1 << 10
	// zeroBits is how hard the heavy operation is: 2^20 hashes on average, a tenth of a second or two of one core.
	zeroBits = 20
	// atOnce is how many heavy operations may run at the same time; others wait.
	atOnce = 2
	// keptRuns is of how many runs the median is taken.
	keptRuns = 25
)

// Heavy is a slow pure function of its input, remembered by it.
type Heavy struct {
	memo  *cache.Memo[string, cifra.Work]
	delay time.Duration
	now   func() time.Time
	slots chan struct{}

	mu   sync.Mutex
	made []time.Duration // what the last computations took, guarded by mu
}

// NewHeavy returns the operation. It takes at least as long as delay says: what is left of that when the work is done is
// waited for, and labelled as a delay.
func NewHeavy(c *cache.Cache, p cache.Policy, delay time.Duration, now func() time.Time) *Heavy {
	h := &Heavy{delay: delay, now: now, slots: make(chan struct{}, atOnce)}
	h.memo = cache.NewMemo(c, p, h.load)
	return h
}

// Delay returns how long the operation takes at least.
func (h *Heavy) Delay() time.Duration { return h.delay }

// Do answers for input, remembered or computed. Invalid where it is empty or no UTF-8; Impossible where it is longer
// than [MaxInput].
func (h *Heavy) Do(ctx context.Context, input string) (cifra.Answer[cifra.Work], error) {
	switch {
	case input == "":
		return cifra.Answer[cifra.Work]{}, field(cifra.Invalid, "input", "error.field.missing")
	case !utf8.ValidString(input):
		return cifra.Answer[cifra.Work]{}, field(cifra.Invalid, "input", "error.lab.utf8")
	case len(input) > MaxInput:
		return cifra.Answer[cifra.Work]{}, field(cifra.Impossible, "input", "error.lab.input.long", "Limit", MaxInput)
	}
	w, info, err := h.memo.Get(traced(ctx), input)
	if errors.Is(err, cache.ErrTimeout) { // too many ask at once for this machine
		return cifra.Answer[cifra.Work]{}, cifra.E(cifra.Unavailable, "error.lab.busy").Retry(busyFor).Wrap(err)
	}
	if err != nil {
		return cifra.Answer[cifra.Work]{}, fmt.Errorf("heavy: %w", err)
	}
	return answer(w, info, cifra.SourceComputation), nil
}

// Compare asks for input again and again, where a is a remembered answer for it, and compares that with what computing
// takes. Of an answer that was computed just now it tells only that.
func (h *Heavy) Compare(ctx context.Context, a cifra.Answer[cifra.Work]) (cifra.Comparison, error) {
	h.mu.Lock()
	made := slices.Clone(h.made)
	h.mu.Unlock()
	if len(made) == 0 && a.Provenance.Cached() { // another instance computed it
		made = []time.Duration{a.Provenance.Took + a.Provenance.Saved}
	}
	c := cifra.Comparison{Made: median(made), MadeRuns: len(made)}
	if !a.Provenance.Cached() {
		return c, nil
	}
	kept := []time.Duration{a.Provenance.Took}
	for range keptRuns - 1 {
		_, info, err := h.memo.Get(traced(ctx), a.Data.Input)
		if err != nil {
			return c, fmt.Errorf("heavy: again: %w", err)
		}
		if info.Outcome.Cached() {
			kept = append(kept, info.Took)
		}
	}
	c.Kept, c.KeptRuns = median(kept), len(kept)
	return c, nil
}

// busyFor is when to ask again where the work was not done in time.
const busyFor = 5 * time.Second

// load is the work itself, and the delay after it.
func (h *Heavy) load(ctx context.Context, input string) (cifra.Work, error) {
	end := cache.Step(ctx, "queue")
	select {
	case h.slots <- struct{}{}:
		end("")
	case <-ctx.Done():
		end("left")
		return cifra.Work{}, context.Cause(ctx)
	}
	start := h.now()
	w, err := h.compute(ctx, input)
	<-h.slots
	if err != nil {
		return w, err
	}
	if w.Delay = h.delay - h.now().Sub(start); w.Delay > 0 {
		end := cache.Step(ctx, "delay")
		if err := pause(ctx, w.Delay); err != nil {
			return w, err
		}
		end("")
	} else {
		w.Delay = 0
	}
	h.note(h.now().Sub(start))
	return w, nil
}

func (h *Heavy) compute(ctx context.Context, input string) (cifra.Work, error) {
	defer cache.Step(ctx, "compute")("")
	number, sum, err := search(ctx, input, zeroBits)
	return cifra.Work{Input: input, Number: number, Hash: hex.EncodeToString(sum[:]), Bits: zeroBits}, err
}

// note keeps what a computation took, of the last ones.
func (h *Heavy) note(took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made = append(h.made, took)
	if len(h.made) > keptRuns {
		h.made = h.made[1:]
	}
}

// search tries one number after the other, from 0 on.
func search(ctx context.Context, input string, zeros int) (int64, [sha256.Size]byte, error) {
	text := append([]byte(input), ':')
	prefix := len(text)
	for n := int64(0); ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return 0, [sha256.Size]byte{}, context.Cause(ctx)
		}
		text = strconv.AppendInt(text[:prefix], n, 10)
		if sum := sha256.Sum256(text); leadingZeros(sum) >= zeros {
			return n, sum, nil
		}
	}
}

// leadingZeros counts the zero bits with which sum begins.
func leadingZeros(sum [sha256.Size]byte) int {
	n := 0
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// median returns the middle one of list, of two middle ones their mean; 0 for an empty list. It sorts list.
func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	n := len(list) / 2
	if len(list)%2 == 1 {
		return list[n]
	}
	return (list[n-1] + list[n]) / 2
}

// field is a refusal of one field's value.
func field(code cifra.Code, name, key string, pairs ...any) *cifra.Error {
	e := cifra.E(code, key, append([]any{"Field", name}, pairs...)...)
	e.Fields = map[string]*cifra.Error{name: cifra.E(code, key, append([]any{"Field", name}, pairs...)...)}
	return e
}
