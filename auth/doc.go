// Package auth says who somebody is: passwords, sign-in with its throttle, tokens for programs,
// sessions for browsers, and the one-time code that makes the first admin.
//
// It keeps nothing itself. What must last is in the store behind [Users], [Tokens], [Sessions] and [Setup];
// what two instances must share without the store, the counts of failed sign-ins, is in Redis where there is one.
//
// Fail closed: whatever cannot be checked is refused. The one exception is a caller whom this instance
// checked a short while ago, while the database is out of reach (see [Service.Verify]).
package auth
