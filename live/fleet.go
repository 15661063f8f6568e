package live

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Fleet lets an instance ask the others of its site something, through Redis, and hear their answers. It is for what is
// about the instances themselves: facts belong into the outbox, which nobody misses.
type Fleet struct {
	client  redis.UniversalClient
	channel string
	id      string // this instance's, unlike any other's
	answer  func(ctx context.Context, question json.RawMessage) (any, error)
	log     *slog.Logger

	mu      sync.Mutex // guards what follows
	waiting map[string]chan reply
	stop    context.CancelFunc
	hearing bool
	done    sync.WaitGroup
}

// NewFleet returns this instance's part of the fleet that shares a channel of Redis, which is one site's. answer answers
// what others ask; its context ends when their patience does.
func NewFleet(client redis.UniversalClient, channel string, answer func(context.Context, json.RawMessage) (any, error), log *slog.Logger) *Fleet {
	return &Fleet{client: client, channel: channel, id: rand.Text(), answer: answer, log: log, waiting: map[string]chan reply{}}
}

// letter is what goes over the channel: a question (none: who is there?), to one or to all, or an answer.
type letter struct {
	ID       string          `json:"id"`
	From     string          `json:"from"`
	To       string          `json:"to,omitempty"`
	Patience int64           `json:"patience_ms,omitempty"`
	Question json.RawMessage `json:"question,omitempty"`
	Answer   json.RawMessage `json:"answer,omitempty"`
	Failed   bool            `json:"failed,omitempty"` // there is no answer
}

type reply struct {
	from   string
	answer json.RawMessage // nil where it failed
}

const (
	// rollCall is how long the others may take to say that they are there, or have heard.
	rollCall = 250 * time.Millisecond
	// mostPatience bounds for how long an answer to somebody else is worked on.
	mostPatience = time.Minute
	// maxLetter is the most bytes of a letter that is read.
	maxLetter = 64 << 10
)

// Start begins to listen and to answer, until ctx ends or [Fleet.Stop]. Starting twice changes nothing.
func (f *Fleet) Start(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil {
		return
	}
	ctx, f.stop = context.WithCancel(ctx)
	f.done.Go(func() { f.hear(ctx) })
}

// Stop ends it, and what it works on for others. Stopping before starting, or twice, is fine.
func (f *Fleet) Stop() {
	f.mu.Lock()
	stop := f.stop
	f.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	f.done.Wait()
}

// Others names the other instances, as [Fleet.Ask] takes them, that say within a quarter of a second that they are there;
// none where Redis can't be reached.
func (f *Fleet) Others(ctx context.Context) []string { return f.call(ctx, nil) }

// Tell asks all other instances the same, and returns when each has answered or failed, at the latest after a quarter of a
// second. Where Redis can't be reached nobody is asked.
func (f *Fleet) Tell(ctx context.Context, question any) error {
	b, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("live: a question: %w", err)
	}
	f.call(ctx, b)
	return nil
}

// Hears reports whether what the others ask reaches this instance, as far as it knows.
func (f *Fleet) Hears() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hearing
}

// call sends a letter to whoever is there, and returns who answered.
func (f *Fleet) call(ctx context.Context, question json.RawMessage) []string {
	ctx, cancel := context.WithTimeout(ctx, rollCall)
	defer cancel()
	id, answers := f.expect()
	defer f.forget(id)
	var list []string
	for most := f.send(ctx, letter{ID: id, Patience: rollCall.Milliseconds(), Question: question}); len(list) < most; {
		select {
		case r := <-answers:
			list = append(list, r.from)
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// Ask asks each instance its own question, and returns the answers that came before ctx ended, by the instance. Those of
// instances that failed are not among them.
func (f *Fleet) Ask(ctx context.Context, questions map[string]any) (map[string]json.RawMessage, error) {
	id, heard := f.expect()
	defer f.forget(id)
	patience := mostPatience
	if at, ok := ctx.Deadline(); ok {
		patience = time.Until(at)
	}
	for to, q := range questions {
		b, err := json.Marshal(q)
		if err != nil {
			return nil, fmt.Errorf("live: a question: %w", err)
		}
		f.send(ctx, letter{ID: id, To: to, Question: b, Patience: patience.Milliseconds()})
	}
	answers := map[string]json.RawMessage{}
	open := maps.Clone(questions)
	for len(open) > 0 {
		select {
		case r := <-heard:
			if _, asked := open[r.from]; asked && r.answer != nil {
				answers[r.from] = r.answer
			}
			delete(open, r.from)
		case <-ctx.Done():
			return answers, nil
		}
	}
	return answers, nil
}

// mostMembers bounds the fleet.
const mostMembers = 64

// expect returns an id for letters, and where the answers to them come in until it is forgotten.
func (f *Fleet) expect() (id string, answers <-chan reply) {
	id = rand.Text()
	c := make(chan reply, mostMembers)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting[id] = c
	return id, c
}

func (f *Fleet) forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiting, id)
}

// send sends a letter, and returns how many other instances have it at most.
func (f *Fleet) send(ctx context.Context, l letter) (most int) {
	l.From = f.id
	b, err := json.Marshal(l)
	if err != nil {
		return 0 // unreachable: it is text, numbers and JSON
	}
	n, err := f.client.Publish(ctx, f.channel, b).Result()
	if err != nil {
		f.log.DebugContext(ctx, "the other instances can't be asked", "err", err)
		return 0
	}
	if _, cluster := f.client.(*redis.ClusterClient); cluster { // it counts only who listens at one of its servers
		return mostMembers
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hearing { // itself
		n--
	}
	return min(int(n), mostMembers)
}

// hear reads what comes. go-redis connects anew by itself, again and again.
func (f *Fleet) hear(ctx context.Context) {
	sub := f.client.Subscribe(ctx, f.channel)
	defer func() { _ = sub.Close() }()
	letters := sub.ChannelWithSubscriptions()
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-letters:
			if !open {
				return
			}
			switch m := m.(type) {
			case *redis.Subscription:
				f.mu.Lock()
				f.hearing = m.Kind == "subscribe"
				f.mu.Unlock()
			case *redis.Message:
				f.take(ctx, m.Payload)
			}
		}
	}
}

// take takes a letter. What is none is left alone.
func (f *Fleet) take(ctx context.Context, payload string) {
	var l letter
	if len(payload) > maxLetter || json.Unmarshal([]byte(payload), &l) != nil || l.From == f.id {
		return
	}
	if l.Answer != nil || l.Failed {
		f.mu.Lock()
		answers := f.waiting[l.ID]
		f.mu.Unlock()
		select {
		case answers <- reply{l.From, l.Answer}:
		default: // nobody waits for it any more
		}
		return
	}
	if l.To != "" && l.To != f.id {
		return
	}
	patience := min(time.Duration(max(l.Patience, 0))*time.Millisecond, mostPatience)
	f.done.Go(func() { f.reply(ctx, l, patience) })
}

// reply answers a letter: that this instance is there, or what was asked.
func (f *Fleet) reply(ctx context.Context, l letter, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a := letter{ID: l.ID, From: f.id, Answer: json.RawMessage("true")}
	if l.Question != nil {
		v, err := f.answer(ctx, l.Question)
		if err == nil {
			a.Answer, err = json.Marshal(v)
		}
		if err != nil {
			f.log.WarnContext(ctx, "what another instance asked can't be answered", "err", err)
			a.Answer, a.Failed = nil, true
		}
	}
	b, err := json.Marshal(a)
	if err == nil {
		err = f.client.Publish(ctx, f.channel, b).Err()
	}
	if err != nil {
		f.log.DebugContext(ctx, "an answer can't be sent", "err", err)
	}
}
