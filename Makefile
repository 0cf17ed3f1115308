# Quire. `make run` serves http://localhost:8080; `make test` runs every test, installing what it needs.

GOFUMPT     := go run mvdan.cc/gofumpt@v0.12.0
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
# gin without MessagePack, which nothing here speaks: a fifth of the binary.
TAGS        := nomsgpack
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO_FILES     = $(shell git ls-files --cached --others --exclude-standard '*.go' | sort -u)

# How long a fuzz target runs and of which packages, how many rounds of killing and restarting the server and the store, how many
# images of power failures, how many sequences of calls of the store's model, how many seeds of the simulation.
FUZZTIME ?= 30s
PACKAGES ?= ./...
ROUNDS   ?= 100
KILLS    ?= 500
IMAGES   ?= 10000
DAMAGES  ?= 1000
MODELS   ?= 100000
SEEDS    ?= 10000

.DEFAULT_GOAL := help
.PHONY: help run dev build page test lint format unit conformance e2e e2e-proxy image bench bench-ot bench-store bench-page load fuzz crash sim replay clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: build ## build and serve http://localhost:8080 with data in ./data
	bin/quire serve

dev: frontend/node_modules/.package-lock.json ## serve with the page rebuilt as you edit it: http://localhost:5173
	@mkdir -p bin && go build -tags $(TAGS) -o bin/quire .
	@trap 'kill 0' EXIT; bin/quire serve --origin http://localhost:5173 & npm --prefix frontend run dev

build: page ## build the page and bin/quire
	@mkdir -p bin
	CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/quire .

page: frontend/node_modules/.package-lock.json
	npm --prefix frontend run build --silent

test: lint unit conformance e2e ## run every test, installing what it needs
	@echo "All tests passed."

lint: frontend/node_modules/.package-lock.json e2e/node_modules/.package-lock.json ## check formatting, vet, lint and types, Go and TypeScript
	@unformatted=$$($(GOFUMPT) -l $(GO_FILES)); test -z "$$unformatted" || { echo "run make format; not formatted:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	npm --prefix frontend run lint --silent
	npm --prefix frontend run typecheck --silent
	npm --prefix e2e run lint --silent

format: frontend/node_modules/.package-lock.json e2e/node_modules/.package-lock.json ## format everything
	$(GOFUMPT) -w $(GO_FILES)
	npm --prefix frontend run format --silent
	npm --prefix e2e run format --silent

unit: build | tools ## run the Go tests with the race detector and the page's unit tests
	npm --prefix frontend run test --silent
	npm --prefix frontend run size --silent
	go test -race -count=1 ./...
	go test -count=1 ./server -over events
	go test -count=1 ./server -over polling
	@$(MAKE) --no-print-directory fuzz PACKAGES=./ot/...

conformance: build e2e/conformance/node_modules/.package-lock.json ## run the tests of ShareDB's own client against bin/quire
	npm --prefix e2e/conformance test --silent

e2e: build e2e/node_modules/.package-lock.json | tools ## run the browser tests
	npm --prefix e2e test --silent

.PHONY: tools
tools: # a C compiler for the race detector, a browser for the page
	@sh e2e/tools.sh

e2e-proxy: build e2e/node_modules/.package-lock.json | tools ## run every browser test behind nginx, below a path
	PROXY=all npm --prefix e2e test --silent -- --project nginx

e2e-http: build e2e/node_modules/.package-lock.json | tools ## run every browser test where no WebSocket passes, and once more where events are held back too
	PROXY=all npm --prefix e2e test --silent -- --project blocked --project gateway

image: ## build the image with docker or podman, and run it as it is meant to be run
	sh e2e/image/image.sh

bench: bench-ot bench-store ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./ot/... ./store/... ./server/... ./e2e/...

bench-ot: ## compare the OT engine with the JavaScript that browsers run, as ratios
	npm --prefix ot/testdata/js ci --no-audit --no-fund --silent
	go test ./ot -count=1 -run CompareSpeed -compare -v -timeout 20m

bench-store: ## measure the store beside a plain file and a bucket per document, and its goals (10 minutes)
	go test ./store -count=1 -run CompareStore -compare -v -timeout 60m

bench-page: build e2e/node_modules/.package-lock.json | tools ## measure the page in a browser: opening, typing beside 20 others, reaching another browser (5 minutes)
	npm --prefix e2e run bench --silent

# The Go 1.26 fuzzer can end a run that found nothing with "context deadline exceeded" (golang.org/issue/75804, mended in
# 1.27); only that is forgiven.
fuzz: ## run each fuzz target of PACKAGES (all) for FUZZTIME (30s), two at a time
	@for package in $$(go list $(PACKAGES)); do \
		go test -list '^Fuzz' $$package | grep '^Fuzz' | sed "s|^|$$package |"; \
	done | xargs -P 2 -L 1 sh -c 'found=$$(go test -run "^$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) -parallel 1 $$0 2>&1) \
		&& echo "$$1: nothing found" \
		|| { echo "$$found" | grep -q "^ *context deadline exceeded" && ! echo "$$found" | grep -q "Failing input" && echo "$$1: nothing found"; } \
		|| { echo "$$found"; exit 1; }'

crash: ## kill a loaded server ROUNDS (100) and the store KILLS (500) times, fail its power IMAGES (10000) times, damage its files 16 x DAMAGES (1000) times, try MODELS (100000) sequences of calls
	go test -count=1 -timeout 60m -run Kill -v ./e2e/crash -rounds $(ROUNDS)
	go test -count=1 -timeout 60m -run 'KillLoses|PowerFailure' -v ./store -crash.rounds $(KILLS) -power.images $(IMAGES)
	go test -count=1 -timeout 60m -run Damage -v ./store -damage.rounds $(DAMAGES)
	go test -count=1 -timeout 24h -run 'TestBehaviour$$' -v ./store -rapid.checks=$(MODELS)

sim: ## run SEEDS (10000) seeds of the simulation of faults
	go test -count=1 -timeout 60m -run Simulated ./server -sim-seeds $(SEEDS)

load: build e2e/node_modules/.package-lock.json ## measure the server beside stock ShareDB, with the same load in the same run
	go test -count=1 -timeout 60m -run Compare -v ./e2e/peers -compare

replay: ## replay whole recordings of people typing through a running server (OT_TRACES names their folder)
	go test -count=1 -timeout 60m -run Replay -v ./e2e/replay

clean: ## remove what was built
	rm -rf bin frontend/node_modules e2e/node_modules e2e/conformance/node_modules
	find frontend/dist -mindepth 1 -not -name .gitkeep -delete

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix $* ci --no-audit --no-fund --silent
	@touch $@
