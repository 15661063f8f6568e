// Package live brings what happened to whoever looks: a [Follower] in every instance reads the outbox on, a [Hub] hands
// each event to the sockets of the rooms that it concerns, and whoever was away asks for what came after the
// number that they saw last.
//
// The outbox is the truth, and the database the only thing that instances must share. Signals ([RedisSignal], or
// [Follower.Wake] in the same process) only make followers look sooner than they would by themselves.
//
// Nothing here waits for a reader: each socket has a queue of 256 KiB, and one that doesn't read in time is closed, while the
// others get every event. docs/events.md has the kinds of events and what is said on a socket.
package live
