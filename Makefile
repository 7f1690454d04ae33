# make demo | make test | make run — each makes its own .venv from hash-locked requirements first.
PYTHON ?= python3
VENV := .venv
MINUTES ?= 30
ROUNDS ?= 300
CHAOS ?= 12
ARTICLES ?= 3000
BACKLOG ?= 0
BORDER ?= feeds queries mrkdwn
BIN := $(VENV)/bin

.PHONY: demo run test test-fast check faults audit sbom bench bench-backtest bench-watchlists bench-device bench-claims bench-growth bench-pages bench-scale faithfulness fuzz mutants simulate crash chaos clean

demo: $(VENV)/runtime
	$(BIN)/tariffwatch demo

run: $(VENV)/runtime
	$(BIN)/tariffwatch run

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2

test-fast: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --ignore tests/whole

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The cases of the list of faults, each with the number of tests that hold it: some minutes.
faults: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 -m fault -p tests.faults.table

# Known holes in what is locked. It asks the Python Package Index; a package that could not be asked for is no package without holes, so it fails.
audit:
	$(MAKE) VENV=.venv-audit .venv-audit/audit
	for lock in build runtime interactive postgres charts report dev train; do \
	  echo "requirements/$$lock.txt"; .venv-audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/$$lock.txt || exit 1; done

$(VENV)/audit: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@touch $@

# What is shipped, as CycloneDX.
sbom:
	@mkdir -p build
	$(PYTHON) requirements/sbom.py > build/sbom.json
	@echo "build/sbom.json"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CPython 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: $(BIN)/python requirements/runtime.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/runtime requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# The naive side of the benchmark needs PyTorch, in an environment of its own: spaCy is slower to start beside it.
bench:
	$(MAKE) VENV=.venv-bench .venv-bench/bench
	.venv-bench/bin/python -m benchmarks.line
	$(MAKE) $(VENV)/runtime faithfulness
	.venv-bench/bin/python -m benchmarks.classifier --own-python $(BIN)/python
	$(BIN)/python -m benchmarks.extraction

# A backtest of 100,000 stored items: three minutes, one of them to fill the store.
bench-backtest: $(VENV)/runtime
	$(BIN)/python -m benchmarks.backtest

# A hundred thousand terms and five hundred watchlists: a minute.
bench-watchlists: $(VENV)/runtime
	$(BIN)/python -m benchmarks.watchlists

# What a GPU is worth to the classifier, on a machine that has one; without, the CPU by itself: some minutes.
bench-device:
	$(MAKE) VENV=.venv-bench .venv-bench/bench
	.venv-bench/bin/python -m benchmarks.device

# Fifty thousand feeds that are due, claimed by one, two and four processes from a PostgreSQL of its own: a minute.
bench-claims: $(VENV)/dev
	$(BIN)/python -m benchmarks.claims

# What a desk does on stores with 20,000 and 200,000 articles, on SQLite and a PostgreSQL of its own, and with up to 10,000 open
# stories: half an hour, most of it to fill the stores.
bench-growth: $(VENV)/dev
	$(BIN)/python -m benchmarks.growth

# Each page from a store of 100,000 articles, in milliseconds and bytes: two minutes, one of them to fill the store.
bench-pages: $(VENV)/runtime
	$(BIN)/python -m benchmarks.pages

# Each step by itself and as many workers as there are, on a PostgreSQL of its own: some minutes. BACKLOG= articles that wait and are read
# by a worker for each core: 100000 take ten more.
bench-scale: $(VENV)/dev
	$(BIN)/python -m benchmarks.scale --articles $(ARTICLES) --backlog $(BACKLOG)

# The gate of summaries, with catch rate and false alarms: seconds.
faithfulness: $(VENV)/runtime
	$(BIN)/python -m benchmarks.faithfulness

# Mangled feeds, queries and texts of cards until the time is over, guided by what code they reach; what breaks a promise lies in
# tests/fuzz/failures. MINUTES are for each border; BORDER=queries takes one.
fuzz:
	$(MAKE) VENV=.venv-fuzz .venv-fuzz/fuzz
	for border in $(BORDER); do .venv-fuzz/bin/python -m tests.fuzz $$border $(MINUTES) || exit 1; done

# The outbox, mrkdwn, the guard and the evaluation of queries, changed one spot at a time: which changes no test notices. Half an hour.
mutants:
	$(MAKE) VENV=.venv-mutants .venv-mutants/mutants
	.venv-mutants/bin/python -m tests.harness.mutants

# Ninety days of 300 feeds, with outages and clocks that jump: a minute.
simulate: $(VENV)/dev
	$(BIN)/python -m tests.harness

# The real daemon, killed in every one of its steps, between feeds and a fake Slack that is the referee: twenty minutes.
crash: $(VENV)/dev
	$(BIN)/python -m tests.harness.crash --rounds $(ROUNDS)

# Four workers on 2,000 feeds and a PostgreSQL, killed, stopped and cut off at random for CHAOS minutes; until all of it has come to rest it
# may be twice as many.
chaos: $(VENV)/dev
	$(BIN)/python -m tests.harness.chaos --minutes $(CHAOS)

$(VENV)/fuzz: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@touch $@

$(VENV)/mutants: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check mutmut==3.8.1
	@touch $@

$(VENV)/bench: $(VENV)/runtime requirements/train.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/train.txt
	@touch $@

clean:
	rm -rf $(VENV) .venv-bench .venv-fuzz .venv-mutants .venv-audit build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
