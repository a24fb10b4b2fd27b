# runexp needs Go and make. Targets that need more install it themselves.

GO          ?= go
PYTHON      ?= python3
BIN         := bin/runexp
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCHSTAT   := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
VENV        := .venv
# an interpreter that has PyTorch, for bench-peers; Debian: python3-torch, libopenblas0-pthread
TORCH_PYTHON ?= /usr/bin/python3
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: $(BIN)
$(BIN):
	$(GO) build -trimpath -o $(BIN) ./cmd/runexp

.PHONY: build
build: $(BIN) ## build bin/runexp, one static binary

.PHONY: reproduce
reproduce: $(BIN) ## run the main job: eight full-size models, the figures of the paper that public data supports
	$(BIN) run reproduce

.PHONY: quick
quick: $(BIN) ## run the whole pipeline with scaled tables, about a minute
	$(BIN) run quick

.PHONY: test
test: ## the Go tests
	$(GO) vet ./...
	$(GO) test ./...

.PHONY: test-all
test-all: test noasm lint race crash fuzz-short readers explorer-check browser notebooks ## test, and what needs Python, a C compiler or a browser

.PHONY: noasm
noasm: ## the tests of the kernels and models with the portable loops
	$(GO) test -tags noasm ./internal/kernel/... ./models/...

.PHONY: race
race: ## the race detector on the concurrent packages (installs gcc where there is none)
	@command -v gcc >/dev/null || (apt-get update -qq && apt-get install -y -qq gcc libc6-dev)
	CGO_ENABLED=1 $(GO) test -race -short ./pipeline/... ./serving/... ./models/... ./stages/... ./internal/kernel/...

.PHONY: lint
lint: ## gofmt, go vet and staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || (gofmt -l $$(git ls-files '*.go'); exit 1)
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

.PHONY: generate
generate: ## write the assembly of the kernels anew
	cd internal/kernel/_gen && $(GO) generate ./...

.PHONY: generate-check
generate-check: generate ## fail if the committed assembly is not what the generator writes
	git diff --exit-code -- internal/kernel

.PHONY: bench
bench: ## the benchmarks, in benchstat's format
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

.PHONY: bench-kernels
bench-kernels: ## each kernel on AVX-512 and AVX2 beside its portable loops, and publish the comparison
	mkdir -p bin results/published/kernels
	$(GO) test ./internal/kernel -run '^$$' -bench . -benchtime 0.2s -count 6 > bin/kernels.txt
	$(GO) run $(BENCHSTAT) -col /impl -filter '.unit:(ns/op OR GFLOP/s)' bin/kernels.txt > results/published/kernels/benchstat.txt

$(VENV)-peers/done: tools/peers/requirements.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install -q -r tools/peers/requirements.txt
	touch $@

.PHONY: bench-limits
bench-limits: $(BIN) ## what this machine can do, and how near each operator of each model comes to it
	$(BIN) run limits
	$(BIN) cat results/limits/calibration.parquet
	$(BIN) cat results/limits/op_detail.parquet --where fusion=full \
	  --columns model,batch_size,op_index,op_kind,op_name,median_ns,roofline_fraction

.PHONY: bench-peers
bench-peers: $(VENV)-peers/done ## the models beside ONNX Runtime and PyTorch in turns (MODELS=rm1,din for some of them)
	$(GO) build -trimpath -o bin/peers ./tools/peers
	bin/peers -python $(VENV)-peers/bin/python $(if $(MODELS),-models $(MODELS)) \
	  $$($(TORCH_PYTHON) -c 'import torch' 2>/dev/null && echo -torch $(TORCH_PYTHON))

.PHONY: sim-speed
sim-speed: $(BIN) ## time the simulator from 1 to 10,000 servers and publish table and figure
	$(BIN) run sim_speed --force
	$(MAKE) publish PUBLISH=sim_speed

FUZZTIME := 60s

.PHONY: fuzz
fuzz: ## every fuzz target for a minute each
	@for p in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n 1 dirname | sort -u); do \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$p/*_test.go); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) ./$$p || exit 1; \
	  done; done

.PHONY: fuzz-short
fuzz-short: FUZZTIME := 3000x
fuzz-short: fuzz ## every fuzz target for 3000 inputs each: with a time, go test now and then fails at its end

.PHONY: crash
crash: ## kill a two-second experiment at 300 random moments, about a minute
	CRASH=300 $(GO) test -count 1 -v -timeout 20m -run '^TestCrash$$' ./pipeline

.PHONY: crash-quick
crash-quick: $(BIN) ## kill quick at 20 random moments, about ten minutes
	CRASH_QUICK=20 $(GO) test -count 1 -v -timeout 1h -run '^TestCrashQuick$$' ./cmd/runexp

$(VENV)/done: tools/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -q -r tools/requirements.txt
	touch $@

.PHONY: readers
readers: $(BIN) $(VENV)/done ## read every table of quick with pyarrow, DuckDB and Polars and compare with runexp
	$(BIN) run quick --progress plain
	$(VENV)/bin/python tools/read_tables.py $(BIN) results/quick

.PHONY: browser
browser: $(BIN) $(VENV)/done ## use the report of quick in headless Chromium (installs it where there is none)
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)
	$(BIN) run quick --progress plain
	$(VENV)/bin/python tools/open_report.py $(BIN) results/quick/report.html

EXPLORER := stages/report/explorer/runexp.wasm.gz
WASM     := GOOS=wasip1 GOARCH=wasm $(GO) build -trimpath -buildvcs=false -ldflags='-s -w'

.PHONY: explorer
explorer: ## build the simulator that the report carries, as WebAssembly
	$(WASM) -o bin/runexp.wasm ./cmd/runexp-wasm
	gzip -9 -n -c bin/runexp.wasm > $(EXPLORER)

.PHONY: explorer-check
explorer-check: ## fail if the committed WebAssembly is not what the sources build
	$(WASM) -o bin/runexp.wasm ./cmd/runexp-wasm
	gunzip -c $(EXPLORER) | cmp - bin/runexp.wasm || (echo "the simulator has changed: make explorer" && exit 1)

NOTEBOOKS := .venv-notebooks
EXP       ?= quick

$(NOTEBOOKS)/done: experiments/notebooks/requirements.txt
	rm -rf $(NOTEBOOKS)
	$(PYTHON) -m venv $(NOTEBOOKS)
	$(NOTEBOOKS)/bin/python -m pip install -q -r experiments/notebooks/requirements.txt
	touch $@

.PHONY: notebooks
notebooks: $(BIN) $(NOTEBOOKS)/done ## execute the notebooks against EXP (quick); KEEP=1 keeps their outputs in the tree
	$(BIN) run $(EXP) --progress plain
	$(NOTEBOOKS)/bin/python tools/run_notebooks.py $(EXP) $(if $(KEEP),--keep)

.PHONY: demo
demo: $(BIN) ## record the terminal session that the README shows
	$(BIN) run quick --progress plain
	$(PYTHON) tools/record_demo.py $(abspath $(BIN)) docs/demo.svg

PUBLISH := reproduce

.PHONY: publish
publish: ## copy results that we stand behind to results/published (PUBLISH=reproduce)
	rm -rf results/published/$(PUBLISH)
	mkdir -p results/published/$(PUBLISH)
	cp -r results/$(PUBLISH)/* results/published/$(PUBLISH)/

.PHONY: clean
clean: ## remove what was built and every result that is not published
	rm -rf bin $(VENV) $(VENV)-peers $(NOTEBOOKS) results/.cache
	find results -mindepth 1 -maxdepth 1 ! -name published ! -name README.md -exec rm -rf {} +
