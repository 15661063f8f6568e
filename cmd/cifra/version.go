package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCommand prints what this binary is.
type versionCommand struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// build says what this binary is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version.
func (cmd *versionCommand) Run(env *environment) error {
	b := buildInfo()
	if cmd.JSON {
		return json.NewEncoder(env.out).Encode(b)
	}
	_, err := fmt.Fprintf(env.out, "cifra %s %s %s %s\n", b.Version, b.Revision, b.Go, b.Platform)
	return err
}

func buildInfo() build {
	b := build{Version: "development", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}
