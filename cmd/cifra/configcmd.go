package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// configCommand prints the settings.
type configCommand struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// settingLine is one setting as cifra config tells it.
type settingLine struct {
	Variable string `json:"variable"`
	Flag     string `json:"flag"`
	Value    string `json:"value"`
	From     string `json:"from"`
	Help     string `json:"help"`
}

// Run prints every setting, its value and where it came from. Secrets are hidden.
func (cmd *configCommand) Run(env *environment) error {
	lines := env.lines
	if cmd.JSON {
		enc := json.NewEncoder(env.out)
		enc.SetIndent("", "  ")
		return enc.Encode(lines)
	}
	w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", l.Variable, l.Value, l.From); err != nil {
			return err
		}
	}
	return w.Flush()
}

// settingLines lists the settings in the order of [Settings].
func settingLines(app *kong.Kong, from sources) []settingLine {
	var lines []settingLine
	for _, flag := range app.Model.Flags {
		if flag.Group == nil || flag.Group.Key != settingsGroup {
			continue
		}
		lines = append(lines, settingLine{
			Variable: variable(flag.Name), Flag: "--" + flag.Name, Value: shown(flag),
			From: cmp.Or(from[flag.Name], "default"), Help: flag.Help,
		})
	}
	return lines
}

// shown is a setting's value as it may be printed: secrets are hidden, and so is a password in an address.
func shown(flag *kong.Flag) string {
	var text string
	switch v := flag.Target.Interface().(type) {
	case []string:
		text = strings.Join(v, ",")
	default:
		text = fmt.Sprint(reflect.Indirect(flag.Target).Interface())
	}
	if text != "" && flag.Tag.Has("secret") {
		return "(hidden)"
	}
	return withoutPassword(text)
}
