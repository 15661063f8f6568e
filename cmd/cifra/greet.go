package main

import (
	"fmt"
	"net"
)

// greet tells a person at the terminal where the site is, what it stores where, and how to make the first admin.
func (a *app) greet(env *environment, addr net.Addr) {
	s := env.settings
	base := "http://" + reachable(addr.String())
	say := func(format string, args ...any) {
		if _, err := fmt.Fprintf(env.out, format+"\n", args...); err != nil {
			a.log.Warn("greeting", "err", err)
		}
	}
	say("cifra serves %s", base)
	say("  database  %s", withoutPassword(s.DatabaseURL))
	say("  cache     %s", withoutPassword(s.CacheURL))
	code, err := a.auth.SetupCode(env.ctx)
	switch {
	case env.ctx.Err() != nil: // it is stopping already
	case err != nil:
		a.log.Error("setup code", "err", err)
	case code != "":
		say("  No admin yet: open %s/setup with the code %s", base, code)
	}
}
