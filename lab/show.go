package lab

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"cifra"
	"cifra/cache"
)

// Digits reads the show's digit. cmd has one.
type Digits interface {
	// Forget makes the cache forget the picture, and returns once it has.
	Forget(ctx context.Context) error
	// Read reads it, and returns the answer's id.
	Read(ctx context.Context) (id string, p cifra.Provenance, err error)
	// Correct claims that the answer with this id is wrong, as a person may; the admin's page hears of it.
	Correct(ctx context.Context, id string) error
}

// Show is what a presenter shows, six steps. Each does the real thing, and says whether what came was expected.
type Show struct {
	Heavy        *Heavy
	Burst        *Burst
	People       *People
	Universities *Universities
	Client       *Client
	Digits       Digits
}

const (
	showCallers = 200
	showPerson  = 42
	showCountry = "Spain"
)

// Step does one of the steps 1 to [cifra.ShowSteps]. question is what step 1 asked, for step 2; "" makes up a new one.
// NotFound where there is no such step.
func (s *Show) Step(ctx context.Context, step int, question string) (cifra.ShowStep, error) {
	if question == "" {
		question = "cifra-" + strings.ToLower(rand.Text()[:8])
	}
	out := cifra.ShowStep{Step: step, Question: question}
	var err error
	switch step {
	case 1:
		err = s.hard(ctx, &out)
	case 2:
		err = s.again(ctx, &out)
	case 3:
		err = s.crowd(ctx, &out)
	case 4:
		err = s.edit(ctx, &out)
	case 5:
		err = s.gone(ctx, &out)
	case 6:
		err = s.digit(ctx, &out)
	default:
		return out, cifra.E(cifra.NotFound, "error.not-found")
	}
	if err != nil {
		return out, fmt.Errorf("step %d: %w", step, err)
	}
	out.OK = true
	for _, a := range out.Answers {
		out.OK = out.OK && a.Expected
	}
	if out.Burst != nil {
		out.OK = out.Burst.Loads == 1
	}
	return out, nil
}

// hard asks what nobody has asked: it is computed.
func (s *Show) hard(ctx context.Context, out *cifra.ShowStep) error {
	a, err := s.Heavy.Do(ctx, out.Question)
	p := a.Provenance
	out.Answers = []cifra.ShowAnswer{{What: "heavy(" + out.Question + ")", Provenance: p, Expected: p.Outcome == cifra.Miss && p.Took >= s.Heavy.Delay()}}
	return err
}

// again asks the same: it is remembered.
func (s *Show) again(ctx context.Context, out *cifra.ShowStep) error {
	a, err := s.Heavy.Do(ctx, out.Question)
	if err != nil {
		return err
	}
	out.Answers = []cifra.ShowAnswer{{What: "heavy(" + out.Question + ")", Provenance: a.Provenance, Expected: a.Provenance.Cached()}}
	out.Comparison, err = s.Heavy.Compare(ctx, a)
	return err
}

// crowd asks as many at once: one computes.
func (s *Show) crowd(ctx context.Context, out *cifra.ShowStep) error {
	b, err := s.Burst.Run(ctx, showCallers, true)
	out.Burst = &b
	return err
}

// edit changes one person: that entry alone misses.
func (s *Show) edit(ctx context.Context, out *cifra.ShowStep) error {
	for id := int64(showPerson - 1); id <= showPerson+1; id++ { // remembered, all of them
		if _, err := s.People.Person(ctx, id); err != nil {
			return err
		}
	}
	a, err := s.People.Person(ctx, showPerson)
	if err != nil {
		return err
	}
	p := a.Data
	p.City = otherCity(p.City)
	if _, _, err := s.People.Save(ctx, &p); err != nil {
		return err
	}
	for id := int64(showPerson - 1); id <= showPerson+1; id++ {
		a, err := s.People.Person(ctx, id)
		if err != nil {
			return err
		}
		want := a.Provenance.Cached()
		if id == showPerson {
			want = a.Provenance.Outcome == cifra.Miss && a.Data.City == p.City
		}
		out.Answers = append(out.Answers, cifra.ShowAnswer{What: fmt.Sprintf("people(%d)", id), Provenance: a.Provenance, Expected: want})
	}
	return nil
}

func otherCity(city string) string {
	for _, c := range cities {
		if c != city {
			return c
		}
	}
	return city
}

// gone switches the other service off: what it said last is given, and says that it is stale.
func (s *Show) gone(ctx context.Context, out *cifra.ShowStep) error {
	ask := func(want func(cifra.Provenance) bool) error {
		a, err := s.Universities.Search(ctx, url.Values{"country": {showCountry}})
		if err != nil {
			return err
		}
		out.Answers = append(out.Answers, cifra.ShowAnswer{
			What: "universities(country=" + showCountry + ")", Provenance: a.Provenance, Expected: want(a.Provenance) && len(a.Data) > 0,
		})
		return nil
	}
	if err := ask(func(cifra.Provenance) bool { return true }); err != nil {
		return err
	}
	s.Universities.memo.Invalidate(ctx, "country="+showCountry, cache.Soft(), cache.Because("its time is over"))
	defer s.Client.Gone()()
	return ask(func(p cifra.Provenance) bool { return p.Outcome == cifra.Stale })
}

// digit reads a digit twice, the model, then the cache, and claims that it was wrong.
func (s *Show) digit(ctx context.Context, out *cifra.ShowStep) error {
	if err := s.Digits.Forget(ctx); err != nil {
		return err
	}
	var last string
	for i := range 2 {
		id, p, err := s.Digits.Read(ctx)
		if err != nil {
			return err
		}
		want := p.Source == cifra.SourceModel
		if i == 1 {
			want = p.Cached()
		}
		out.Answers = append(out.Answers, cifra.ShowAnswer{What: "predict(7)", Provenance: p, Expected: want})
		last = id
	}
	return s.Digits.Correct(ctx, last)
}
