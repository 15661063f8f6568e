#!/bin/sh
# Fails where a committed file that a tool writes is not what the tool writes now.
#
# Two questions, because `make build` may have mended the file already: does generating change anything here, and does
# a generated file differ from what Git holds although its source doesn't?
set -eu
cd "$(dirname "$0")/.."

sums() { find . -name '*_templ.go' -not -path './node_modules/*' -exec sha256sum {} + | sort -k 2; }

before=$(sums)
go tool templ generate -path . >/dev/null 2>&1 || { go tool templ generate -path .; exit 1; }
if [ "$before" != "$(sums)" ]; then
	echo "generated: *_templ.go were not fresh; they are now: commit them" >&2
	exit 1
fi

git rev-parse --is-inside-work-tree >/dev/null 2>&1 || exit 0
bad=
for go in $(git ls-files --modified --others --exclude-standard -- '*_templ.go'); do
	templ=${go%_templ.go}.templ
	[ -n "$(git ls-files --modified --others --exclude-standard -- "$templ")" ] || bad="$bad $go"
done
if [ -n "$bad" ]; then
	echo "generated: differ from the commit although their source doesn't:$bad" >&2
	exit 1
fi
