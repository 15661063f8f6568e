package cache

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"

	"github.com/klauspost/compress/s2"

	"cifra"
)

// An envelope is what the back end keeps for a key: a header, and the value as JSON at the end, so that
// people can read it in redis-cli. Integers are big endian.
//
//	0  'C' 1        magic, version of this form
//	2  flags        packed, negative, hashed, tomb
//	3  soft         1: expired by a soft invalidation, written over in place
//	4  nonce   8    tells this fill from another
//	12 schema  8    of the value's type
//	20 made fresh stale last cost   8 each
//	60 n       1    generations: everything, namespace, then the tags in their order
//	61 n×8
//	   by, and where hashed the arguments: length (uvarint) and bytes
//	   payload: JSON, packed by S2 from 1 KiB on; for a tomb the cause
const (
	headerLen = 61
	packFrom  = 1 << 10
	maxUnpack = 64 << 20

	flagPacked   = 1
	flagNegative = 2
	flagHashed   = 4
	flagTomb     = 8

	softAt = 3
)

// errForeign is what bytes give that are no envelope of ours.
var errForeign = errors.New("cache: not an envelope")

// letter is an envelope taken apart.
type letter struct {
	span
	meta
	flags   byte
	nonce   uint64
	last    int64
	all, ns int64
	bytes   int
	schema  uint64
	tags    []int64
	args    string // where the key is hashed
	payload []byte
}

// seal writes l as the back end keeps it.
func (l *letter) seal() []byte {
	payload := l.payload
	if len(payload) >= packFrom {
		if packed := s2.Encode(nil, payload); len(packed) < len(payload) {
			payload, l.flags = packed, l.flags|flagPacked
		}
	}
	b := make([]byte, 0, headerLen+8*(2+len(l.tags))+len(l.by)+len(l.args)+len(payload)+2*binary.MaxVarintLen64)
	b = append(b, 'C', 1, l.flags, 0)
	b = binary.BigEndian.AppendUint64(b, l.nonce)
	b = binary.BigEndian.AppendUint64(b, l.schema)
	for _, t := range [...]int64{l.made, l.fresh, l.stale, l.last, l.cost} {
		b = binary.BigEndian.AppendUint64(b, uint64(t)) //nolint:gosec // read back the same way
	}
	b = append(b, byte(2+len(l.tags)))                  //nolint:gosec // maxTags
	b = binary.BigEndian.AppendUint64(b, uint64(l.all)) //nolint:gosec // as above
	b = binary.BigEndian.AppendUint64(b, uint64(l.ns))  //nolint:gosec // as above
	for _, g := range l.tags {
		b = binary.BigEndian.AppendUint64(b, uint64(g)) //nolint:gosec // as above
	}
	b = appendText(b, l.by)
	if l.flags&flagHashed != 0 {
		b = appendText(b, l.args)
	}
	return append(b, payload...)
}

// open takes b apart. A soft invalidation shows as a freshness that has ended when the value was made.
func (l *letter) open(b []byte) error {
	if len(b) < headerLen || b[0] != 'C' || b[1] != 1 || b[60] < 2 {
		return errForeign
	}
	l.bytes, l.flags = len(b), b[2]
	at := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[i:])) } //nolint:gosec // written the same way
	l.nonce = binary.BigEndian.Uint64(b[4:])
	l.schema = binary.BigEndian.Uint64(b[12:])
	l.made, l.fresh, l.stale, l.last, l.cost = at(20), at(28), at(36), at(44), at(52)
	if b[softAt] != 0 {
		l.fresh = min(l.fresh, l.made)
	}
	n := int(b[60])
	rest := b[headerLen:]
	if len(rest) < 8*n {
		return errForeign
	}
	l.all, l.ns = at(headerLen), at(headerLen+8)
	if n > 2 {
		l.tags = make([]int64, n-2)
		for i := range l.tags {
			l.tags[i] = at(headerLen + 16 + 8*i)
		}
	}
	by, rest, ok := cutText(rest[8*n:])
	if !ok {
		return errForeign
	}
	l.by = makers.name(by)
	if l.flags&flagHashed != 0 {
		var args []byte
		if args, rest, ok = cutText(rest); !ok {
			return errForeign
		}
		l.args = string(args)
	}
	if l.flags&flagPacked == 0 {
		l.payload = rest
		return nil
	}
	if size, err := s2.DecodedLen(rest); err != nil || size > maxUnpack {
		return errForeign
	}
	var err error
	if l.payload, err = s2.Decode(nil, rest); err != nil {
		return errForeign
	}
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func cutText(b []byte) (text, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) { //nolint:gosec // w is at most len(b)
		return nil, nil, false
	}
	end := w + int(n) //nolint:gosec // at most len(b)
	return b[w:end], b[end:], true
}

// names keeps one copy of each text that it has met, as long as these are few.
type names struct {
	known atomic.Pointer[map[string]string]
}

// makers are the instances' names: every entry that came from the back end bears one.
var makers names

func (n *names) name(b []byte) string {
	old := n.known.Load()
	if old == nil {
		old = new(map[string]string)
	}
	if s, ok := (*old)[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(*old) < maxNames {
		more := maps.Clone(*old)
		if more == nil {
			more = map[string]string{}
		}
		more[s] = s
		n.known.Store(&more) // of two that are new at once one is kept, the other the next time
	}
	return s
}

const maxNames = 256

// notFound is how "not found" travels: the application's error where it is one, else its words.
type notFound struct {
	Error *wireError `json:"error,omitempty"`
	Text  string     `json:"text"`
}

type wireError struct {
	Code   cifra.Code     `json:"code"`
	Key    string         `json:"key"`
	Values map[string]any `json:"values,omitempty"`
}

func sealError(err error) []byte {
	n := notFound{Text: err.Error()}
	if e, ok := errors.AsType[*cifra.Error](err); ok {
		n.Error = &wireError{e.Code, e.Key, e.Values}
	}
	b, jsonErr := json.Marshal(n)
	if jsonErr != nil { // a value of the message that JSON can't hold
		b, _ = json.Marshal(notFound{Text: n.Text})
	}
	return b
}

func openError(b []byte) error {
	var n notFound
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if n.Error != nil {
		return &cifra.Error{Code: n.Error.Code, Key: n.Error.Key, Values: n.Error.Values}
	}
	return &NotFoundError{Text: n.Text}
}

// NotFoundError is a remembered "not found" whose error another process made: its words, without its type.
type NotFoundError struct{ Text string }

func (e *NotFoundError) Error() string { return e.Text }

// tomb is the envelope of a value that n removed.
func tomb(n *notice) []byte {
	b, _ := json.Marshal(wireCause{n.By, n.Why}) // text is always JSON
	l := letter{flags: flagTomb, payload: b}
	l.made = n.At
	l.nonce = rand.Uint64() //nolint:gosec // tells fills apart, guards nothing
	return l.seal()
}

type wireCause struct {
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
}

// tombstone returns the entry that a tomb stands for.
func tombstone[V any](l letter) *entry[V] {
	var w wireCause
	c := &Cause{Kind: Invalidated, At: l.made}
	if json.Unmarshal(l.payload, &w) == nil {
		c.By, c.Why = w.By, w.Why
	}
	return epitaph[V](l.span, l.meta, l.nonce, c)
}
