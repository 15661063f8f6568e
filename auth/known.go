package auth

import (
	"sync"
	"sync/atomic"
	"time"

	"cifra"
)

const (
	knownFor    = 15 * time.Minute // an outage of the database that people don't notice
	knownMost   = 10_000
	outagePause = time.Second // during which the database isn't asked about somebody known, after it did not answer
)

// known remembers whom this instance found valid lately, for the time when the database does not answer.
// It is never asked while the database does.
type known struct {
	now   func() time.Time
	since time.Time    // origin of pause
	pause atomic.Int64 // until when the database counts as out of reach, as time since the origin

	mu sync.Mutex // guards m
	m  map[knownKey]knownUser
}

type knownKey struct {
	user  int64
	token string // the token's id, "" for a session
}

type knownUser struct {
	user    cifra.User
	revoked bool // the token may never be taken again; stays when a slower check still found it valid
	at      time.Time
}

func newKnown(now func() time.Time) *known {
	return &known{now: now, since: now(), m: make(map[knownKey]knownUser)}
}

// outage notes that the database did not answer.
func (k *known) outage() { k.pause.Store(int64(k.now().Sub(k.since) + outagePause)) }

// duringOutage returns the remembered user if the database did not answer a moment ago, else nil.
func (k *known) duringOutage(key knownKey) *cifra.User {
	if int64(k.now().Sub(k.since)) >= k.pause.Load() {
		return nil
	}
	return k.get(key)
}

// get returns a copy of the remembered user, nil where there is none or it is too old.
func (k *known) get(key knownKey) *cifra.User {
	k.mu.Lock()
	e, ok := k.m[key]
	k.mu.Unlock()
	if !ok || e.revoked || k.now().Sub(e.at) > knownFor {
		return nil
	}
	u := e.user
	return &u
}

func (k *known) keep(key knownKey, u *cifra.User) { k.set(key, knownUser{user: *u, at: k.now()}) }

func (k *known) revoke(key knownKey) { k.set(key, knownUser{revoked: true, at: k.now()}) }

func (k *known) forget(key knownKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, key)
}

func (k *known) set(key knownKey, e knownUser) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m[key].revoked {
		return
	}
	if _, ok := k.m[key]; !ok && len(k.m) >= knownMost {
		k.makeRoom()
	}
	k.m[key] = e
}

// makeRoom drops the oldest of a few, picked at random. The caller holds mu.
func (k *known) makeRoom() {
	var oldest knownKey
	looked := 0
	for key, e := range k.m { // in random order
		if looked == 0 || e.at.Before(k.m[oldest].at) {
			oldest = key
		}
		if looked++; looked == 16 {
			break
		}
	}
	delete(k.m, oldest)
}
