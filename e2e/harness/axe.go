package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// Axe is axe-core's script, to be read once.
type Axe struct{ script string }

// NewAxe reads axe-core from the node_modules under root.
func NewAxe(root string) (Axe, error) {
	script, err := os.ReadFile(filepath.Join(root, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return Axe{}, fmt.Errorf("axe-core is missing: `make build` fetches it: %w", err)
	}
	return Axe{script: string(script)}, nil
}

// Violations checks the page as it is by the named rules of axe-core, by all where none is named, and returns a readable
// line for each element that breaks one.
func (a Axe) Violations(p *Page, rules ...string) []string {
	p.t.Helper()
	if p.mute { // axe-core itself needs timers; the page's own scripts had their chance when it was loaded, and stay out
		p.Do("allowing scripts", setScript(true))
		defer p.Do("forbidding scripts", setScript(false))
	}
	if !Eval[bool](p, `"axe" in window`) {
		// The protocol evaluates what the page's own content security policy would block.
		p.Do("loading axe-core", chromedp.Evaluate[chromedp.Void](a.script))
	}
	options := `rules: {"target-size": {enabled: true}}`
	if len(rules) > 0 {
		options = `runOnly: ["` + strings.Join(rules, `", "`) + `"]`
	}
	type result struct {
		Passes     int
		Violations []struct {
			ID, Impact, Help string
			Nodes            []struct{ Target, HTML, Summary string }
		}
	}
	got := Eval[result](p, `axe.run(document, {resultTypes: ["violations"], `+options+`}).then(r => ({
		passes: r.passes.length,
		violations: r.violations.map(v => ({id: v.id, impact: String(v.impact), help: v.help, nodes: v.nodes.map(n => ({
			target: n.target.join(" "), html: n.html.slice(0, 300), summary: n.failureSummary}))})),
	}))`)
	var lines []string
	if got.Passes == 0 && len(rules) == 0 {
		lines = append(lines, "no rule applies: axe-core saw an empty page")
	}
	for _, v := range got.Violations {
		for _, n := range v.Nodes {
			lines = append(lines, fmt.Sprintf("%s (%s): %s\n\tat %s\n\t%s\n\t%s",
				v.ID, v.Impact, v.Help, n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n\t")))
		}
	}
	return lines
}
