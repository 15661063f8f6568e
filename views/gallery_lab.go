package views

import (
	"time"

	"cifra"
	"cifra/views/qr"
)

// lab is every state of the cache lab's pages.
func (g gallery) lab() []State {
	p := g.at("/lab")
	return []State{
		{"lab-heavy", Heavy(p, sampleHeavy())},
		{"lab-heavy-computed", Heavy(p, sampleHeavyAnswer(cifra.Miss))},
		{"lab-heavy-cached", Heavy(p, sampleHeavyAnswer(cifra.HitL1))},
		{"lab-heavy-shared", Heavy(p, sampleHeavyAnswer(cifra.Coalesced))},
		{"lab-heavy-error", Heavy(p, g.heavyError())},
	}
}

func sampleHeavy() HeavyView {
	return HeavyView{
		Head: LabHead{Tab: "heavy", Tiers: []string{"memory", "redis"}}, Delay: 3 * time.Second,
		Suggestions: []string{"ñandú/тест 🔢", "42", "cifra-k7q2n"},
	}
}

func (g gallery) heavyError() HeavyView {
	v := sampleHeavy()
	v.Error = g.page.Words.T("error.lab.input.long", "Limit", 1024)
	return v
}

func sampleHeavyAnswer(o cifra.Outcome) HeavyView {
	v := sampleHeavy()
	v.Input = v.Suggestions[0]
	prov := sampleProvenance(o)
	if prov.Source != cifra.SourceCache {
		prov.Source = cifra.SourceComputation
	}
	prov.Origin = cifra.SourceComputation
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	v.Comparison = cifra.Comparison{Made: ms(3004), MadeRuns: 3}
	switch o {
	case cifra.Miss, cifra.Coalesced:
		prov.Took = ms(3004)
		prov.Steps = []cifra.Step{
			{Name: "l1", Desc: "miss", Took: ms(0.02)},
			{Name: "redis", Desc: "miss", Start: ms(0.03), Took: ms(0.41)},
			{Name: "lease", Desc: "won", Start: ms(0.45), Took: ms(0.33)},
			{Name: "loader", Start: ms(0.8), Took: ms(3000)},
			{Name: "compute", Start: ms(0.9), Took: ms(143)},
			{Name: "delay", Start: ms(144), Took: ms(2857)},
			{Name: "fill", Start: ms(3001), Took: ms(0.37)},
		}
	case cifra.HitL1, cifra.HitL2, cifra.Stale, cifra.Bypass:
		prov.Took, prov.Saved = ms(0.31), ms(3003.7)
		v.Comparison.Kept, v.Comparison.KeptRuns = ms(0.31), 25
	}
	v.Answer = &cifra.Answer[cifra.Work]{Provenance: prov, Data: cifra.Work{
		Input: v.Input, Number: 1_048_231, Bits: 20, Delay: ms(2857),
		Hash: "00000c3fa2b4d1907be5a1f3c66d8e02914be0a7d35f8c216e9b07d44a1c58f3",
	}}
	v.Headers = []string{"Cache-Status: " + prov.CacheStatus(true), "Server-Timing: " + prov.ServerTiming(true), "X-Cache: HIT", "Age: 41"}
	v.Check = "printf '%s' 'ñandú/тест 🔢:1048231' | sha256sum"
	return v
}

// rooms is every state of the lab's other pages.
func (g gallery) rooms() []State {
	head := func(tab string) LabHead { return LabHead{Tab: tab, Tiers: []string{"memory", "redis"}} }
	from := func(source cifra.Source, o cifra.Outcome) AnsweredView {
		prov := sampleProvenance(o)
		if prov.Source != cifra.SourceCache {
			prov.Source = source
		}
		prov.Origin = source
		return AnsweredView{prov, []string{"Cache-Status: " + prov.CacheStatus(true), "Server-Timing: " + prov.ServerTiming(true)}}
	}
	people, products := g.at("/lab/people?id=42"), g.at("/lab/products")
	ana := cifra.Person{ID: 42, Name: "Ana Álvarez Benítez", City: "Valencia", Email: "person42@mail.example", UpdatedAt: sampleNow}
	found := PeopleView{
		Head: head("people"), Query: "42", Person: &ana, Form: ana, Answered: from(cifra.SourceDatabase, cifra.HitL1), MayEdit: true,
	}
	saved := found
	saved.Answered, saved.Around = from(cifra.SourceDatabase, cifra.Miss), sampleEntries()
	saved.Answered.Provenance.Reason = "invalidated by ana 14:03:10: person 42 was saved"
	wrong := found
	wrong.Fields = map[string]string{"name": g.page.Words.T("error.field.missing"), "email": g.page.Words.T("error.lab.email")}
	nobody := PeopleView{Head: head("people"), Query: "4711", Unknown: true, Answered: from(cifra.SourceDatabase, cifra.HitL1)}

	page := cifra.ProductPage{Page: 1, PerPage: 20, Total: 64}
	for i, name := range []string{"Squared exercise book", "Fountain pen", "Graph paper", "Compass"} {
		page.Items = append(page.Items, cifra.Product{ID: int64(i + 1), Name: name, Price: 495, Stock: 12, Category: cifra.Category{ID: 1, Name: "Notebooks"}})
	}
	form := ProductForm{Categories: []cifra.Category{{ID: 1, Name: "Notebooks"}, {ID: 2, Name: "Pens"}}}
	catalogue := ProductsView{Head: head("products"), Answered: from(cifra.SourceDatabase, cifra.HitL2), Page: page, MayEdit: true, Form: form}
	bad := catalogue
	bad.Form.Fields = map[string]string{"price": g.page.Words.T("error.lab.number", "Min", 0, "Max", 100000000)}
	past := catalogue
	past.Page, past.MayEdit = cifra.ProductPage{Page: 9, PerPage: 20, Total: 64}, false
	form.Product = page.Items[0]
	item := ProductView{
		Head: head("products"), Answered: from(cifra.SourceDatabase, cifra.Miss), Product: page.Items[0], Around: sampleEntries(),
		MayEdit: true, Form: form,
	}

	sales := SalesView{
		Head: head("sales"), Person: 42, Period: cifra.PeriodMonth, Answered: from(cifra.SourceDatabase, cifra.HitL1), MayBuy: true, Product: 1, Quantity: 1,
		Stats: cifra.SalesStats{
			PersonID: 42, Period: cifra.PeriodMonth, Sales: 3, Units: 7, Revenue: 12840,
			Top: []cifra.ProductSales{{Product: "Graphing calculator", Units: 1, Revenue: 8900}, {Product: "Fountain pen", Units: 6, Revenue: 3940}},
		},
	}
	noBuyer := sales
	noBuyer.MayBuy, noBuyer.Stats = false, cifra.SalesStats{PersonID: 42, Period: cifra.PeriodMonth}

	state := "California"
	unis := UniversitiesView{
		Head: head("universities"), Country: "United States", Countries: []string{"Argentina", "Germany", "Russian Federation"},
		Answered: from(cifra.SourceUpstream, cifra.Miss),
		List: []cifra.University{
			{Name: "Stanford University", Country: "United States", State: &state, Domains: []string{"stanford.edu"}},
			{Name: "University of Michigan", Country: "United States", Domains: []string{"umich.edu"}},
		},
	}
	stale := unis
	stale.Answered = from(cifra.SourceUpstream, cifra.Stale)
	stale.Answered.Provenance.Reason = "loader failed: it answered 500"
	gone := UniversitiesView{Head: head("universities"), Country: "Chile", Countries: unis.Countries, Gone: g.page.Words.T("error.lab.upstream")}
	empty := UniversitiesView{Head: head("universities"), Countries: unis.Countries}
	return []State{
		{"lab-people", People(people, found)},
		{"lab-people-saved", People(people, saved)},
		{"lab-people-wrong", People(people, wrong)},
		{"lab-people-nobody", People(people, nobody)},
		{"lab-products", Products(products, catalogue)},
		{"lab-products-wrong", Products(products, bad)},
		{"lab-products-past", Products(products, past)},
		{"lab-product", Product(products, item)},
		{"lab-sales", Sales(g.at("/lab/sales"), sales)},
		{"lab-sales-guest", Sales(g.at("/lab/sales"), noBuyer)},
		{"lab-universities", Universities(g.at("/lab/universities"), unis)},
		{"lab-universities-stale", Universities(g.at("/lab/universities"), stale)},
		{"lab-universities-gone", Universities(g.at("/lab/universities"), gone)},
		{"lab-universities-empty", Universities(g.at("/lab/universities"), empty)},
	}
}

// sampleEntries are entries of the cache in every state.
func sampleEntries() []cifra.CacheEntry {
	e := func(ns, args, state, reason string) cifra.CacheEntry {
		return cifra.CacheEntry{
			Namespace: ns, Key: "{cifra:" + ns + "}:" + args, Args: args, Type: "cifra.Person", Tiers: []string{"memory", "redis"},
			State: state, Reason: reason, Bytes: 148, Hits: 11, Age: 36 * time.Second, TTL: 24 * time.Second, Cost: 410 * time.Microsecond,
			By: "cifra-1", MadeAt: sampleNow.Add(-36 * time.Second),
		}
	}
	return []cifra.CacheEntry{
		e("people", "41", "fresh", ""),
		e("people", "42", "gone", "invalidated by ana 14:03:10: person 42 was saved"),
		e("people", "43", "stale", "expired"),
		e("products", `{"Page":1,"PerPage":20}`, "gone", "tag products bumped by ana 14:03:10"),
	}
}

// room is every state of the lab's burst, inspector, flush and hit rates.
func (g gallery) room() []State {
	head := func(tab string) LabHead { return LabHead{Tab: tab, Tiers: []string{"memory", "redis"}} }
	burst := func(n int, single bool) BurstView {
		b := &cifra.Burst{SingleFlight: single, Loads: 1, Took: 268 * time.Millisecond, Delay: 250 * time.Millisecond}
		for i := range n {
			o := cifra.Coalesced
			if !single || i == 3 {
				o = cifra.Miss
			}
			b.Outcomes = append(b.Outcomes, o)
		}
		if !single {
			b.Loads = n
		}
		return BurstView{Head: head("burst"), N: n, SingleFlight: single, Burst: b}
	}
	fleet := burst(400, true)
	fleet.Burst.Parts = []cifra.BurstShare{{Instance: "cifra-1", Calls: 200, Loads: 1}, {Instance: "cifra-2", Calls: 200}}
	silent := burst(200, true)
	silent.Burst.Parts, silent.Burst.Missing = []cifra.BurstShare{{Instance: "cifra-1", Calls: 200, Loads: 1}}, 200
	silent.Burst.Degraded = 200
	wrong := BurstView{Head: head("burst"), N: 5000, SingleFlight: true, Error: g.page.Words.T("error.lab.number", "Min", 1, "Max", 1000)}
	spaces := []cifra.NamespaceStats{
		{Namespace: "heavy", Entries: 12, Asked: 320, HitL1: 280, HitL2: 12, Miss: 12, Coalesced: 16, Loads: 12, LoadTime: 36 * time.Second, Saved: 14 * time.Minute, Pure: true},
		{Namespace: "people", Entries: 1000, Asked: 5210, HitL1: 4100, Miss: 1110, Loads: 1110, LoadTime: 380 * time.Millisecond, Saved: 1800 * time.Millisecond},
		{Namespace: "universities", Entries: 3, Asked: 20, HitL1: 12, Stale: 5, Miss: 3, Saved: 4 * time.Second},
		{Namespace: "sales"},
	}
	inspector := InspectorView{Head: head("cache"), Namespaces: spaces, Namespace: "people", Entries: sampleEntries(), First: true}
	inspector.Flushes = []cifra.FlushLine{{ID: 9, Flushed: cifra.Flushed{FlushTarget: cifra.FlushTarget{Namespace: "heavy"}, By: "ana", Entries: 12, At: sampleNow.Add(-2 * time.Minute)}}}
	nothing := InspectorView{Head: head("cache"), Namespaces: spaces, Namespace: "sales"}
	fresh := sampleEntries()[0]
	entry := EntryView{Head: head("cache"), Entry: fresh, Key: "41", Value: "{\n  \"ID\": 41,\n  \"Name\": \"Hugo Castro Vidal\"\n}", MayFlush: true}
	gone := EntryView{Head: head("cache"), Entry: sampleEntries()[1], Key: "42"}
	ms := 0.4
	flushed := cifra.Flushed{
		FlushTarget: cifra.FlushTarget{Namespace: "heavy"}, By: "ana", Entries: 12, Seq: 4, Gen: 1, TookMS: 2.1, UndoMS: 30_000, At: sampleNow,
		Instances: []cifra.FlushedOn{{Name: "cifra-1", AppliedMS: &ms}, {Name: "cifra-2"}},
	}
	undone := flushed
	undone.Undone, undone.UndoMS = true, 0
	at := g.at("/lab/cache")
	return []State{
		{"lab-burst", Burst(g.at("/lab/burst"), BurstView{Head: head("burst"), N: 200, SingleFlight: true})},
		{"lab-burst-one", Burst(g.at("/lab/burst"), burst(200, true))},
		{"lab-burst-all", Burst(g.at("/lab/burst"), burst(1000, false))},
		{"lab-burst-fleet", Burst(g.at("/lab/burst"), fleet)},
		{"lab-burst-silent", Burst(g.at("/lab/burst"), silent)},
		{"lab-burst-wrong", Burst(g.at("/lab/burst"), wrong)},
		{"lab-inspector", Inspector(at, inspector)},
		{"lab-inspector-empty", Inspector(at, nothing)},
		{"lab-entry", Entry(at, entry)},
		{"lab-entry-gone", Entry(at, gone)},
		{"lab-flush", Flush(at, FlushView{Head: head("cache"), Target: cifra.FlushTarget{Namespace: "people"}, Namespaces: spaces[1:2]})},
		{"lab-flush-all", Flush(at, FlushView{Head: head("cache"), Target: cifra.FlushTarget{All: true}, Namespaces: spaces})},
		{"lab-flushed", Flushed(at, FlushedView{Head: head("cache"), Flushed: flushed, ID: "7", Inspector: "/lab/cache?namespace=heavy"})},
		{"lab-flushed-undone", Flushed(at, FlushedView{Head: head("cache"), Flushed: undone, ID: "8", Inspector: "/lab/cache?namespace=heavy"})},
		{"lab-rates", Rates(g.at("/lab/rates"), RatesView{
			Head: head("rates"), Namespaces: spaces, Instance: "cifra-1", History: sampleRates(),
		})},
	}
}

func sampleRates() cifra.RateHistory {
	return cifra.RateHistory{
		Since: sampleNow.Add(-40 * time.Second), Every: 5 * time.Second, All: []float64{-1, 0.1, 0.4, 0.5, 0.1, 0.82, 0.9, 0.88, 0.93},
		By: map[string][]float64{"heavy": {-1, 0, 0.5, 0.8, 0, 0.9, 1, 1, 1}, "sales": {-1, -1}},
		Marks: []cifra.RateMark{
			{At: sampleNow.Add(-20 * time.Second), Kind: cifra.EventCacheFlushed, What: "namespace=heavy", By: "ana"},
			{At: sampleNow.Add(-8 * time.Second), Kind: cifra.EventModelPromoted, What: "v2-3f9a01bc", By: "ana"},
		},
	}
}

// show is every state of the presenter's show.
func (g gallery) show() []State {
	p := g.at("/present")
	code, err := qr.Encode("http://192.168.1.20:8080/")
	if err != nil {
		return nil // unreachable: it is short
	}
	title := PresentView{Join: "http://192.168.1.20:8080/", Code: code, Delay: 3 * time.Second, MayDo: true}
	step := func(n int, answers ...cifra.ShowAnswer) PresentView {
		v := PresentView{Step: n, Question: "cifra-k7q2n", Delay: 3 * time.Second, MayDo: true}
		if len(answers) > 0 {
			v.Done = &cifra.ShowStep{Step: n, OK: true, Question: v.Question, Answers: answers}
		}
		return v
	}
	came := func(what string, source cifra.Source, o cifra.Outcome) cifra.ShowAnswer {
		prov := sampleProvenance(o)
		if prov.Source != cifra.SourceCache {
			prov.Source = source
		}
		prov.Origin = source
		return cifra.ShowAnswer{What: what, Provenance: prov, Expected: true}
	}
	again := step(2, came("heavy(cifra-k7q2n)", cifra.SourceComputation, cifra.HitL1))
	again.Done.Comparison = cifra.Comparison{Made: 3004 * time.Millisecond, MadeRuns: 1, Kept: 310 * time.Microsecond, KeptRuns: 25}
	crowd := step(3, came("", cifra.SourceComputation, cifra.Miss))
	crowd.Done.Answers, crowd.Done.Burst = nil, &cifra.Burst{SingleFlight: true, Loads: 1, Took: 262 * time.Millisecond}
	for i := range 200 {
		o := cifra.Coalesced
		if i == 0 {
			o = cifra.Miss
		}
		crowd.Done.Burst.Outcomes = append(crowd.Done.Burst.Outcomes, o)
	}
	wrong := step(5, came("universities(country=Spain)", cifra.SourceUpstream, cifra.Miss), came("universities(country=Spain)", cifra.SourceUpstream, cifra.Stale))
	wrong.Done.OK = false
	gone := step(5)
	gone.Error = g.page.Words.T("error.lab.upstream")
	guest := step(4)
	guest.MayDo = false
	demo := p
	demo.Demo = true
	return []State{
		{"present", Present(demo, title)},
		{"present-before", Present(p, step(1))},
		{"present-again", Present(p, again)},
		{"present-crowd", Present(p, crowd)},
		{"present-edit", Present(p, step(4, came("people(41)", cifra.SourceDatabase, cifra.HitL1), came("people(42)", cifra.SourceDatabase, cifra.Miss), came("people(43)", cifra.SourceDatabase, cifra.HitL1)))},
		{"present-wrong", Present(p, wrong)},
		{"present-gone", Present(p, gone)},
		{"present-guest", Present(p, guest)},
	}
}
