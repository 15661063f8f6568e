// Command examples writes the recognise page's example uploads:
//
//	go run ./digit/synth/examples -out static/examples
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"cifra/digit/synth"
)

func main() {
	out := flag.String("out", "static/examples", "the folder to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		log.Fatal(err)
	}
}

func run(out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, e := range synth.Examples() {
		content, err := e.Content()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, e.Name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
