package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// notice is an invalidation, or news of a fill, as instances tell each other. On the wire:
// "seq cur hard from {json}"; the back end's script writes the numbers.
type notice struct {
	Kind noticeKind `json:"kind"`
	NS   string     `json:"ns,omitempty"`
	Args string     `json:"args,omitempty"` // of the key, in full
	Tag  string     `json:"tag,omitempty"`
	Key  string     `json:"key,omitempty"` // of a fill, on the wire
	By   string     `json:"by,omitempty"`
	Why  string     `json:"why,omitempty"`
	Soft bool       `json:"soft,omitempty"`
	From string     `json:"from,omitempty"` // the sender's id
	At   int64      `json:"at,omitempty"`   // nanoseconds of the shared clock
	Ref  string     `json:"ref,omitempty"`  // what an answer refers to; "": none is wanted

	Undo int64 `json:"undo,omitempty"` // the number of the flush that it takes back

	seq, cur, hard, from int64
	pure                 bool // a flush that may be taken back
}

type noticeKind string

const (
	noticeKey       noticeKind = "key"
	noticeNamespace noticeKind = "namespace"
	noticeTag       noticeKind = "tag"
	noticeAll       noticeKind = "all"
	noticeFill      noticeKind = "fill" // the value that some wait for is there, or its maker gave up
	noticeAck       noticeKind = "ack"  // From has applied Ref
)

// scope names the sequence that n is counted in: its namespace's, or "" for what concerns all.
func (n *notice) scope() string {
	if n.Kind == noticeKey || n.Kind == noticeNamespace {
		return n.NS
	}
	return ""
}

// follow numbers n as the flush after old, where old is known, above floor, at the time now (nanoseconds).
func (n *notice) follow(old bump, known bool, floor, now int64) {
	n.cur = max(now/1000, old.cur+1, floor+1)
	n.hard, n.from = n.cur, n.cur
	if n.Soft && known {
		n.hard = old.hard
	}
}

// number gives n the numbers of b.
func (n *notice) number(b bump) { n.cur, n.hard, n.from = b.cur, b.hard, b.from }

// bump is n as a flush.
func (n *notice) bump() bump {
	return bump{cur: n.cur, hard: n.hard, from: n.from, by: n.By, why: n.Why}
}

func (n *notice) json() string {
	b, err := json.Marshal(n)
	if err != nil {
		panic(fmt.Errorf("cache: a notice is plain text: %w", err))
	}
	return string(b)
}

// wire is n with its numbers, for notices that no script writes.
func (n *notice) wire() string {
	return fmt.Sprintf("%d %d %d %d %s", n.seq, n.cur, n.hard, n.from, n.json())
}

var errNotice = errors.New("cache: not a notice")

func parseNotice(s string) (*notice, error) {
	head, body, ok := strings.Cut(s, " {")
	if !ok {
		return nil, errNotice
	}
	n := new(notice)
	if err := json.Unmarshal([]byte("{"+body), n); err != nil {
		return nil, errNotice
	}
	for _, to := range []*int64{&n.seq, &n.cur, &n.hard, &n.from} {
		var digits string
		digits, head, _ = strings.Cut(head, " ")
		var err error
		if *to, err = strconv.ParseInt(digits, 10, 64); err != nil {
			return nil, errNotice
		}
	}
	if head != "" {
		return nil, errNotice
	}
	return n, nil
}

func (n *notice) event(k EventKind, err error) Event {
	return Event{Kind: k, Namespace: n.NS, Key: n.Args, Tag: n.Tag, By: n.By, Why: n.Why, Err: err}
}
