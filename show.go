package cifra

// ShowSteps is how many steps the presenter's show has.
const ShowSteps = 6

// ShowStep is what came of one step of the presenter's show.
type ShowStep struct {
	Step       int
	OK         bool   // what came is what was expected
	Question   string // the show's own, nobody has asked it before
	Answers    []ShowAnswer
	Comparison Comparison // of step 2
	Burst      *Burst     // of step 3
}

// ShowAnswer is one answer of a step.
type ShowAnswer struct {
	What       string // as one would ask for it: people(42)
	Provenance Provenance
	Expected   bool // it is what was expected
}
