// Package tools is a module of its own that pins the programs of `make check`, so that their many dependencies stay
// out of cifra's go.mod. `make check` builds them into .cache/bin.
package tools
