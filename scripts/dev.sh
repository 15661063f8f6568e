#!/bin/sh
# Serves with live reload at http://127.0.0.1:7331: a changed template, style, script or Go file shows in the browser.
# templ's watcher builds and restarts the program and stands before it as a proxy; esbuild watches styles and scripts.
set -eu
cd "$(dirname "$0")/.."

trap 'kill "$assets" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
npm run --silent watch &
assets=$!
CIFRA_ADDR=${ADDR:-127.0.0.1:8080} go tool templ generate -path . -watch \
	-proxy "http://${ADDR:-127.0.0.1:8080}" -open-browser=false \
	-watch-pattern '(.+\.go$)|(.+\.templ$)|(.+_templ\.txt$)|(^static/dist/.+)' \
	-cmd 'go run ./cmd/cifra serve'
