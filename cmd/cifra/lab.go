package main

import (
	"context"
	"fmt"
	"time"

	"cifra/handlers"
	"cifra/lab"
	"cifra/lab/upstream"
	"cifra/predict"
	"cifra/store"
)

// publicUniversities is the default of CIFRA_UNIVERSITIES_URL: the only address that must not lead into a private network.
const publicUniversities = "http://universities.hipolabs.com/search"

// labNamespaces are the parts of the cache that are everybody's to look at and to flush.
var labNamespaces = []string{
	heavyPolicy.Namespace, burstPolicy.Namespace, personPolicy.Namespace, productsPolicy.Namespace, productPolicy.Namespace,
	salesPolicy.Namespace, universitiesPolicy.Namespace,
}

// openLab makes the cache lab, and its example data where there is none yet.
func (a *app) openLab(ctx context.Context, s *Settings, predictions *predict.Service) (handlers.Lab, error) {
	client, err := lab.NewClient(s.UniversitiesURL, s.UniversitiesURL != publicUniversities)
	if err != nil {
		return handlers.Lab{}, &usageError{fmt.Errorf("CIFRA_UNIVERSITIES_URL: %w", err)}
	}
	if s.UniversitiesTTL <= 0 {
		return handlers.Lab{}, &usageError{fmt.Errorf("CIFRA_UNIVERSITIES_TTL: %s is no time to live", s.UniversitiesTTL)}
	}
	if added, err := a.db.AddExample(ctx, store.Example(lab.NewExample(time.Now()))); err != nil {
		return handlers.Lab{}, fmt.Errorf("example data: %w", err)
	} else if added {
		a.log.InfoContext(ctx, "made the cache lab's example data")
	}
	a.history = newHistory(a.cache, time.Now)
	a.closers = append(a.closers, a.history.Close)
	a.events.Load().follower.Subscribe(a.history.hear)
	universities := universitiesPolicy
	universities.TTL = s.UniversitiesTTL
	a.burst = a.newBurst()
	show := &lab.Show{
		Heavy: lab.NewHeavy(a.cache, heavyPolicy, s.HeavyDelay, time.Now), Burst: a.burst,
		People: lab.NewPeople(a.cache, personPolicy, a.db, time.Now), Universities: lab.NewUniversities(a.cache, universities, client),
		Client: client, Digits: &showDigit{predictions, a.cache, a.db},
	}
	rooms := handlers.Lab{
		Heavy: show.Heavy, Burst: show.Burst, People: show.People, Universities: show.Universities, Show: show,
		Catalogue: lab.NewCatalogue(a.cache, productsPolicy, productPolicy, a.db, time.Now),
		Sales:     lab.NewSales(a.cache, salesPolicy, a.db, time.Now),
		Room:      lab.NewRoom(a.cache, a.db, labNamespaces, time.Now),
		Rates:     a.history.rates,
		Countries: upstream.Countries(),
		Join:      joinAddress,
		Watch:     handlers.CacheWatch{Health: a.cacheHealth, News: a.trouble.news.latest},
	}
	if w := a.openWhatIf(s, client); w != nil {
		rooms.WhatIf = w
	}
	return rooms, nil
}
