#!/bin/sh
# Serves with live reload at http://127.0.0.1:7331: a changed template, style, script or Go file shows in the browser.
# templ's watcher generates the templates, has make build what else changed, restarts the program, and stands before it
# as a proxy that reloads the page.
set -eu
cd "$(dirname "$0")/.."
exec go tool templ generate -path . -watch -open-browser=false -proxy "http://${ADDR:-127.0.0.1:8080}" \
	-watch-pattern '(.+\.(go|templ|sql|toml|yaml)$)|(.+_templ\.txt$)|(.*static/src/.+)' \
	-cmd 'make --no-print-directory --old-file .cache/generated run'
