# Every target makes its own environment in .venv first; nothing else needs to be installed
# than Python 3.11 or newer with its venv module.

PYTHON ?= python3
BIN := .venv/bin
# Environments, each on top of the one before: to run it, to work on it, to test it on Spark.
LIGHT := .venv/.light
READY := .venv/.ready
SPARK := .venv/.spark

CATALOG ?= catalog
CALLS ?= docs/examples/calls-six-months.csv
CUSTOMER ?= docs/examples/customer.yaml
AS_OF ?= 2026-07-01

# What decides an amount of money is tested through every branch.
EXACT := */plan_rules/money.py,*/plan_rules/periods.py,*/plan_rules/destinations/*
EXACT := $(EXACT),*/plan_rules/catalog/*,*/plan_rules/tariff/*,*/plan_rules/rating/*

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs clean

help: ## Say what can be made.
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: $(LIGHT) ## Recommend a plan to a sample customer of the sample catalog.
	$(BIN)/plan-rules recommend --catalog $(CATALOG) --calls $(CALLS) --customer $(CUSTOMER) --as-of $(AS_OF)

test: $(SPARK) ## Run every test, with all branches of the exact core covered.
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=
	$(BIN)/coverage report --include='$(EXACT)' --fail-under=100

check: $(READY) ## Format, lint, types, layers, the wheel, and the examples of the docs.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_wheel.py
	$(BIN)/python -m pytest -q tests/docs

bench: $(READY) ## Measure beside the rivals (SIZE=1000000 calls); figures also in build/bench.json.
	@$(BIN)/python -c 'import duckdb, numba, polars, pyarrow' 2>/dev/null || \
	    $(BIN)/python -m pip install --quiet --editable '.[batch]' --group rivals || \
	    echo "the rivals could not be installed; what needs them says so" >&2
	@set -e; $(if $(SIZE),export SIZE=$(SIZE);) found=; for each in tests/benchmarks/bench_*.py; do \
	    test -e "$$each" || continue; found=yes; \
	    module=$$(echo "$${each%.py}" | tr / .); \
	    echo "== $$module"; $(BIN)/python -m "$$module"; \
	done; test -n "$$found" || { echo "there is no tests/benchmarks/bench_*.py to run" >&2; exit 1; }

docs: $(READY) ## Build the documentation into build/docs; a warning fails it.
	$(BIN)/sphinx-build -W --keep-going -b html docs build/docs

clean: ## Remove everything that was made, the environment included.
	rm -rf .venv build dist .coverage .coverage.* htmlcov .hypothesis .import_linter_cache \
	    .mypy_cache .pytest_cache .ruff_cache
	find src tests tools docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(LIGHT): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "$(PYTHON) is missing or older than 3.11; install a newer one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments; install its venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[cli]'
	@touch $@

$(READY): $(LIGHT)
	$(BIN)/python -m pip install --quiet --editable '.[batch,cli,fast,follow-up,store,testing]' --group dev
	@touch $@

$(SPARK): $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[spark]'
	@touch $@
