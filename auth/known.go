package auth

import (
	"sync"
	"sync/atomic"
	"time"

	"cifra"
)

const (
	knownFor    = 15 * time.Minute // an outage of the database that people don't notice
	freshFor    = time.Second      // a contract with whoever changes an account elsewhere: servers follow within a second
	knownMost   = 10_000
	outagePause = time.Second // during which the database isn't asked about somebody known, after it did not answer
)

// known remembers whom this instance found valid lately: for a second, so that not every request of a busy client asks the
// database, and for the time when the database does not answer.
type known struct {
	now    func() time.Time
	since  time.Time    // origin of pause
	pause  atomic.Int64 // until when the database counts as out of reach, as time since the origin
	doubts atomic.Int64 // how often something was taken away from somebody

	mu sync.Mutex // guards m
	m  map[knownKey]knownUser
}

type knownKey struct {
	user  int64
	token string // the token's id, "" for a session
}

type knownUser struct {
	user    cifra.User
	stamp   string // of the user's password
	revoked bool   // the token may never be taken again; stays when a slower check still found it valid
	asked
}

// asked is when the database was asked.
type asked struct {
	at     time.Time
	doubts int64
}

func (k *known) asking() asked { return asked{k.now(), k.doubts.Load()} }

func newKnown(now func() time.Time) *known {
	return &known{now: now, since: now(), m: make(map[knownKey]knownUser)}
}

// outage notes that the database did not answer.
func (k *known) outage() { k.pause.Store(int64(k.now().Sub(k.since) + outagePause)) }

// doubt has everybody asked about anew: something was taken away from somebody. An answer that is under way may be from
// before, and counts as such.
func (k *known) doubt() { k.doubts.Add(1) }

// fresh returns what was found less than a second ago, if nothing was taken away from anybody since, else nil.
func (k *known) fresh(key knownKey) *knownUser {
	u := k.get(key)
	if u == nil || u.doubts != k.doubts.Load() || k.now().Sub(u.at) >= freshFor {
		return nil
	}
	return u
}

// duringOutage returns the remembered user if the database did not answer a moment ago, else nil.
func (k *known) duringOutage(key knownKey) *knownUser {
	if int64(k.now().Sub(k.since)) >= k.pause.Load() {
		return nil
	}
	return k.get(key)
}

// get returns a copy of the remembered user, nil where there is none or it is too old.
func (k *known) get(key knownKey) *knownUser {
	k.mu.Lock()
	e, ok := k.m[key]
	k.mu.Unlock()
	if !ok || e.revoked || k.now().Sub(e.at) > knownFor {
		return nil
	}
	return &e
}

func (k *known) revoke(key knownKey) { k.set(key, knownUser{revoked: true, asked: k.asking()}) }

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
