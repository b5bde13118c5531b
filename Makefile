PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(VENV)/.ready ## Create .venv with what the program and its demo need (quick when nothing changed)

.PHONY: setup-dev
setup-dev: $(VENV)/.ready-dev ## The same, and what tests, checks and a release need besides

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) scripts/set_up.py $(VENV) requirements.lock
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@$(PYTHON) scripts/set_up.py $(VENV) requirements-dev.lock
	@touch $@

.PHONY: demo
demo: setup ## Run the whole product on this machine: database, sandbox, API, worker, scheduler, console
	$(BIN)/monitr demo $(ARGS)

.PHONY: test
test: setup-dev ## Run the whole test suite, three tests at a time
	$(BIN)/pytest --numprocesses 3 $(ARGS)

STATIC := check-style check-sql check-types check-more-types check-types-of-tests check-dead check-rooms

.PHONY: check $(STATIC)
check: setup-dev ## Everything that is checked without running it, two at a time
	@$(MAKE) --no-print-directory --jobs 2 $(STATIC)

check-types:
	$(BIN)/mypy

check-more-types:
	$(BIN)/basedpyright

check-types-of-tests:
	$(BIN)/basedpyright --project tests

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-sql:
	$(BIN)/sqlfluff lint --quiet --disable-progress-bar src

check-dead:
	$(BIN)/vulture
	$(BIN)/uv pip check --quiet --python $(BIN)/python

check-rooms:
	$(BIN)/lint-imports --no-logo

.PHONY: coverage
coverage: setup-dev ## The tests without I/O, and how much of the domain and the use cases they reach (the floor is in pyproject.toml)
	$(BIN)/pytest tests/unit tests/components --numprocesses 2 --hypothesis-profile=covered --cov --cov-report term

.PHONY: schema
schema: setup-dev ## Write docs/schema.graphql anew; a change that breaks clients is refused (docs/breaking-changes.toml)
	PYTHONPATH=. $(BIN)/python -m tests.schema_changes

.PHONY: api-docs
api-docs: setup-dev ## Write docs/api anew: each operation of the contract, with the program's answer
	PYTHONHASHSEED=0 PYTHONPATH=. $(BIN)/python -m tests.api_docs

.PHONY: cli-docs
cli-docs: setup-dev ## Write docs/commands.md anew: every command and its options
	PYTHONPATH=. $(BIN)/python -m tests.cli_docs

.PHONY: tour
tour: setup-dev ## Take the pictures of docs/tour.md anew, of a demo of its own (needs Chromium and pngquant)
	PYTHONPATH=. $(BIN)/python -m tests.tour $(ARGS)

.PHONY: format
format: setup-dev ## Put the code into its form, and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: simulate
simulate: setup-dev ## The whole program for a simulated year (SEED=1 SEEDS=1 DAYS=365 DOSSIERS=2 STORE=postgres JOBS=1 EVENTS='…')
	PYTHONHASHSEED=0 PYTHONPATH=. $(BIN)/python -m tests.simulation --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1) \
		--days $(or $(DAYS),365) --dossiers $(or $(DOSSIERS),2) --store $(or $(STORE),postgres) --jobs $(or $(JOBS),1) \
		--events '$(EVENTS)' $(ARGS)

.PHONY: soak
soak: setup-dev mutants coverage ## The long forms of the fault, crash and load tests, the mutants, and a thousand simulated years
	MONITR_SOAK=1 $(BIN)/pytest $(ARGS)
	$(MAKE) simulate-soak

.PHONY: drill
drill: setup ## Install, import, back up, lose the machine, restore elsewhere, upgrade while importing, roll back: each step timed
	MONITR_SOAK=1 $(BIN)/pytest -s tests/integration/cli/test_drill.py $(ARGS)

# A thousand years: 4,900 seeds of 73 days, and twenty whole years of which the books grow (docs/testing.md says how long).
.PHONY: simulate-soak
simulate-soak: setup-dev ## The simulated years of a soak (JOBS=2)
	$(MAKE) simulate STORE=memory DOSSIERS=1 JOBS=$(or $(JOBS),2) SEEDS=4900 DAYS=73
	$(MAKE) simulate STORE=memory DOSSIERS=1 JOBS=$(or $(JOBS),2) SEED=10001 SEEDS=20 DAYS=365

.PHONY: mutants
mutants: setup-dev ## Change the domain a little, a thousand times: which change does no test notice? (docs/testing.md)
	$(BIN)/python tests/mutants.py $(ARGS)

.PHONY: bench
bench: bench-import ## The benchmarks, as ratios measured in one run
	$(BIN)/python -m bench.query_latency --database "$${MONITR_BENCH_DATABASE_URL:-postgresql://postgres@127.0.0.1:5432/postgres}"

.PHONY: bench-import
bench-import: setup-dev $(VENV)-bench/.ready ## The import against dlt and \copy (BENCH_LINES=500000 BENCH_ROUNDS=3 ARGS=--write)
	$(BIN)/python -m bench.import_bench $(ARGS)

.PHONY: bench-read
bench-read: setup-dev bench/peer/node_modules/.ready ## Reads against PostGraphile 5, in one run (MONITR_BENCH_DATABASE_URL, ARGS='--lines 200000 --rounds 3'; needs npm)
	$(BIN)/python -m bench.read_bench --database "$${MONITR_BENCH_DATABASE_URL:-postgresql://postgres@127.0.0.1:5432/postgres}" $(ARGS)

bench/peer/node_modules/.ready: bench/peer/package-lock.json
	npm --prefix bench/peer ci --prefer-offline
	@touch $@

.PHONY: bench-scale
bench-scale: setup-dev ## Five million lines and 500 administrations in one database, beside little ones (ARGS='--lines 500000')
	$(BIN)/python -m bench.scale $(ARGS)

$(VENV)-bench/.ready: bench/requirements.txt
	test -x $(VENV)-bench/bin/python || $(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/requirements.txt
	@touch $@

LOCKED := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.PHONY: lock
lock: setup-dev ## Resolve the dependencies of pyproject.toml anew into the lock files (no index address is written)
	$(LOCKED) --all-extras --group development --group build --upgrade --output-file requirements-dev.lock pyproject.toml
	$(LOCKED) --extra embedded --group build --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(LOCKED) --extra mcp --constraint requirements-dev.lock --no-annotate --output-file requirements-runtime.lock pyproject.toml
	printf 'pip-audit\ncyclonedx-bom\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--upgrade --no-header --no-annotate --no-emit-index-url --output-file requirements-audit.lock -

OPERATIONS := src/monitr/entrypoints/graphql/operations
PACKAGE := clients/build/package

.PHONY: clients
clients: setup-dev clients/node_modules/.ready ## The npm package of types and operations, into dist, and the clients that the tests run (needs Node 20)
	@mkdir -p clients/generated dist
	$(BIN)/monitr schema > clients/generated/schema.graphql
	$(BIN)/monitr schema --possible-types > clients/generated/possible-types.json
	npm --prefix clients run --silent build
	@rm -rf $(PACKAGE)
	@mkdir -p $(PACKAGE)/documents
	@cp clients/package/package.json clients/generated/*.graphql clients/generated/*.json clients/build/generated/operations/graphql.* $(PACKAGE)
	@cp $(OPERATIONS)/*.graphql $(PACKAGE)/documents
	npm --prefix $(PACKAGE) pkg set version=$$($(BIN)/python -c 'from importlib.metadata import version; print(version("monitr"))')
	npm pack --silent ./$(PACKAGE) --pack-destination dist

clients/node_modules/.ready: clients/package-lock.json clients/.npmrc
	npm --prefix clients ci --prefer-offline
	@touch $@

.PHONY: vendor
vendor: ## What the console is made with, anew from the versions in vendoring/package.json (needs Node 20)
	npm --prefix vendoring ci --prefer-offline
	npm --prefix vendoring run --silent bundle

.PHONY: dist
dist: setup-dev ## The release in dist: Monitr's wheel and sources, and the sandbox's wheel
	rm -f dist/monitr-* dist/octopus_sandbox-*
	$(BIN)/python -m hatchling build -t sdist -t wheel -d dist
	cd sandbox && ../$(BIN)/python -m hatchling build -t wheel -d ../dist

.PHONY: dist-check
dist-check: dist ## Install the release in a fresh environment elsewhere, and let monitr demo --check try it
	$(BIN)/python scripts/check_release.py dist requirements.lock

.PHONY: licences
licences: setup-dev ## The licences of all dependencies (`make check` compares them with the list of those that are allowed)
	$(BIN)/python tests/licences.py

.PHONY: audit
audit: setup-dev $(VENV)-audit/.ready ## What is known against the dependencies; fails too where the advisory service does not answer
	$(VENV)-audit/bin/python tests/advisories.py

.PHONY: sbom
sbom: setup-dev $(VENV)-audit/.ready ## A bill of materials of what is installed, CycloneDX, into dist
	@mkdir -p dist
	$(VENV)-audit/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.json \
		$(BIN)/python

$(VENV)-audit/.ready: requirements-audit.lock
	test -x $(VENV)-audit/bin/python || $(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-audit.lock
	@touch $@

.PHONY: clean
clean: ## Remove what the other targets made; the demo's data stays (monitr demo --reset)
	rm -rf $(VENV) $(VENV)-bench $(VENV)-audit dist bench/peer/node_modules clients/node_modules clients/generated clients/build mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
