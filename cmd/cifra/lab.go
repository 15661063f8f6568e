package main

import (
	"time"

	"cifra/handlers"
	"cifra/lab"
)

// openLab makes the cache lab.
func (a *app) openLab(s *Settings) handlers.Lab {
	return handlers.Lab{Heavy: lab.NewHeavy(a.cache, heavyPolicy, s.HeavyDelay, time.Now)}
}
