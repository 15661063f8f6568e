# cifra. Two commands do for a start: `make` runs the site, `make test` checks everything.

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.NOTPARALLEL: # go, esbuild and the linter use all cores themselves
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

ADDR ?= 127.0.0.1:8080

# What goes into the binary: Go code, and whatever lies beside it to be embedded.
GO_DIRS := $(filter-out e2e scripts tools bench docs gallery node_modules bin data,$(patsubst %/,%,$(wildcard */)))
SOURCES := $(wildcard *.go) go.mod go.sum $(shell find $(GO_DIRS) -type f \
	-not -name '*_test.go' -not -name '*.templ' -not -path '*/testdata/*' -not -path 'static/dist/*' -not -path 'static/src/*')
TEMPLATES := $(shell find $(GO_DIRS) -name '*.templ')
PAGE_SCRIPTS := static/build.mjs $(wildcard static/src/*)

# Stamps and tools that are costly to make. Safe to delete.
CACHE := .cache
GENERATED := $(CACHE)/generated
ASSETS := static/dist/manifest.json
MODULES := node_modules/.package-lock.json
SERVICES := $(CACHE)/bin/services
# A new pin or a new Go makes a new linter: one built with an older Go can't read the newer one's packages.
LINT := $(CACHE)/bin/golangci-lint-$(shell { cat tools/go.sum; go version; } | cksum | cut -d' ' -f1)

.PHONY: help run build dev demo test gotest check format prove gallery screenshots cluster load bench bench-cost bench-cache clean install

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## (default) Build, then serve at http://127.0.0.1:8080 on SQLite and memory
	CIFRA_ADDR=$(ADDR) bin/cifra serve

build: bin/cifra ## Build the program, with its pages and scripts, as bin/cifra

bin/cifra: $(SOURCES) $(GENERATED) $(ASSETS)
	go build -ldflags="-s -w" -o $@ ./cmd/cifra

# *_templ.go are committed, so plain `go build` works too; this refreshes them where a template is newer.
$(GENERATED): $(TEMPLATES) go.mod | $(CACHE)
	go tool templ generate -log-level warn
	@touch $@

$(MODULES): package.json package-lock.json .npmrc
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): $(PAGE_SCRIPTS) $(MODULES)
	npm run --silent build

$(CACHE) $(CACHE)/bin:
	@mkdir -p $@

demo: build ## Serve a show on the network, port 8080, with example data and a stand-in for the other service
	@trap 'kill $$upstream' EXIT INT TERM; \
	bin/cifra demo upstream --listen 127.0.0.1:8091 & upstream=$$!; \
	CIFRA_ADDR=:8080 CIFRA_DEMO=true CIFRA_DATA_DIR=data/demo CIFRA_UNIVERSITIES_URL=http://127.0.0.1:8091/search bin/cifra serve

dev: $(GENERATED) $(ASSETS) ## Serve with live reload at http://127.0.0.1:7331
	ADDR=$(ADDR) scripts/dev.sh

# The race detector needs cgo and slows arithmetic by 5 to 10 times. It watches the packages where goroutines share
# something; in make prove also those that run the whole program (cmd: 234 s with it, 19 s without) or really train
# (train: 170 s, 18 s). Not digit: the network's kernels and its training are one goroutine's arithmetic. Not e2e: its
# server should have its real speed.
RACE := $(strip cache httpcache live auth predict store web handlers lab $(if $(CIFRA_PROVE),cmd train))
# SQLite itself, C turned into Go, isn't watched: the stores' tests take 20 s of processor instead of 58.
UNWATCHED := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false
TEST_FLAGS := -p 2 -vet=off -timeout $(if $(CIFRA_PROVE),120m,15m)
RACE_PACKAGES := $(foreach p,$(RACE),$(if $(wildcard $(p)/.),./$(p)/...))
space := $(subst ,, )
OTHER_PACKAGES = $$(go list ./... | grep -vE '^cifra/($(subst $(space),|,$(RACE)))(/|$$)')

test: install check bin/cifra $(SERVICES) ## Check and test everything; installs the servers it needs
	CIFRA_REQUIRE_SERVICES=1 $(SERVICES) $(MAKE) --no-print-directory gotest

install: # says nothing where all is there
	@scripts/install.sh

gotest: # go test alone, both halves even where the first one fails
	@failed=0; \
	CGO_ENABLED=1 go test -race $(UNWATCHED) $(TEST_FLAGS) $(RACE_PACKAGES) || failed=1; \
	go test $(TEST_FLAGS) $(OTHER_PACKAGES) || failed=1; \
	exit $$failed

prove: ## The same tests at full size: minutes to hours
	$(MAKE) --no-print-directory test CIFRA_PROVE=1
prove: export CIFRA_PROVE := 1

$(SERVICES): $(wildcard scripts/services/*.go scripts/servers/*.go) | $(CACHE)/bin
	go build -o $@ ./scripts/services

# vet's analyses are golangci-lint's govet: neither `go vet` nor `go test` does them again.
check: $(LINT) $(MODULES) ## Formatting, vet, lint, generated files, dependencies, types of the page's scripts
	go tool templ generate -check -log-level warn
	go mod verify
	go mod tidy -diff
	npm run --silent check
	$(LINT) fmt --diff
	$(LINT) run --allow-parallel-runners

format: $(LINT) ## Mend what the check can mend: formatting and simple lint
	go tool templ fmt .
	$(LINT) fmt
	$(LINT) run --fix

$(LINT): tools/go.mod tools/go.sum | $(CACHE)/bin
	@echo "building golangci-lint, once for its version: some minutes"
	rm -f $(CACHE)/bin/golangci-lint-*
	cd tools && go build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

gallery: $(GENERATED) $(ASSETS) ## Every state of every page, as files under gallery/
	go test ./views -count=1 -run TestGalleryWritesFiles -args -gallery $(CURDIR)/gallery
	@echo "open gallery/index.html"

screenshots: install bin/cifra ## Take docs/images/*.png anew from the running program
	go test ./e2e -count=1 -run Screenshots -args -screenshots $(CURDIR)/docs/images

cluster: install bin/cifra ## Three instances, a worker, PostgreSQL and Redis behind nginx, at http://127.0.0.1:8090
	go run ./scripts/cluster

load: ## Load and break the running cluster for 5 minutes (LOAD=10m for longer), and print a table
	go run ./scripts/load -for $(or $(LOAD),5m)

bench: install $(SERVICES) ## Benchmarks: cache, recogniser, one upload, the databases
	CIFRA_REQUIRE_SERVICES=1 $(SERVICES) go test -run '^$$' -bench . -benchmem -timeout 30m ./...

bench-cost: install bin/cifra ## What a request, a socket and an idle program cost, beside a bare handler, on one core
	go test -c -o $(CACHE)/bin/e2e.test ./e2e
	cd e2e && ../$(CACHE)/bin/e2e.test -test.run 'TestCost|TestAtRest' -test.v -test.timeout 30m -cost
	cd e2e && CIFRA_PROVE=1 ../$(CACHE)/bin/e2e.test -test.run 'TestManySockets' -test.v -test.timeout 30m -cost

bench-cache: $(SERVICES) ## The cache beside nine other libraries, in one run: a table of ratios
	@cd bench && tags=$$(./peers.sh) && go build -tags "$$tags" -o ../$(CACHE)/bin/bench .
	$(SERVICES) $(CACHE)/bin/bench

clean: ## Delete what was built, not the data
	rm -rf bin gallery node_modules $(CACHE)
	find static/dist -mindepth 1 -not -name .gitkeep -delete
