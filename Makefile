# Trivium's own verbs; `make` lists them. A rendered service has a Makefile of its own.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --system-certs --custom-compile-command "make lock"
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

.PHONY: help setup new test test-fast test-slow lint format questions picture verdicts evidence-cases bench bench-services bench-jvm bench-chooser bench-data evidence peers lock clean

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-21s %s\n", $$1, $$2 }'

setup: .venv/.run ## install what the generator needs, from locked versions

new: .venv/.run ## start the chooser and render a service (ARGS="../orders --answers FILE --yes")
	@$(BIN)/trivium new $(ARGS)

test: .venv/.dev ## every test: chooser, rendering, and each language built and run
	@$(BIN)/python tests/layers.py all

test-fast: .venv/.dev ## the chooser and the rendering only, within a minute
	@$(BIN)/python tests/layers.py fast

test-slow: .venv/.dev ## what takes long: generated requests, a real collector, alerts by promtool, every fault, fifty kills, speed (ONLY=fuzz|collector|alerts|faults|crashes|regression)
	@$(BIN)/python tests/layers.py slow $(ONLY)

lint: .venv/.dev ## check formatting, lint and types of the generator
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

format: .venv/.dev ## format the generator's code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

questions: .venv/.run ## write chooser/criteria.yml's questions into copier.yml
	@$(BIN)/python -m trivium.questions copier.yml

picture: .venv/.dev ## draw docs/chooser.svg from a real run of the chooser
	@$(BIN)/python tests/picture.py docs/chooser.svg

verdicts: .venv/.dev ## print what each language makes of every awkward request, input by language
	@$(BIN)/python tests/verdicts.py

evidence-cases: .venv/.dev ## print how published stories come out, every miss explained
	@$(BIN)/python tests/evidence_cases.py

bench-chooser: .venv/.dev ## measure the chooser, side by side with what it builds on
	@PYTHONPATH=tests $(BIN)/python bench/chooser.py

bench: bench-data bench-services bench-jvm evidence ## measure everything that the README and the chooser quote, on a quiet machine

bench-services: .venv/.dev ## measure the three rendered services against each other, into the README (ROUNDS=1 prints)
	@ROUNDS="$(ROUNDS)" KEEP="$(KEEP)" $(BIN)/python -m bench.services

bench-jvm: .venv/.dev ## measure what settings of the JVM are worth to the rendered Java service, into the README (ROUNDS=1 prints)
	@ROUNDS="$(ROUNDS)" KEEP="$(KEEP)" $(BIN)/python -m bench.jvm

evidence: .venv/.dev ## write chooser/evidence.yml from what was measured
	@$(BIN)/python -m bench.evidence

bench-data: .venv/.dev ## measure creating and reading an order on PostgreSQL, side by side with others, into the README (ROUNDS=5 prints, and fails where it got worse)
	@ONLY="$(ONLY)" ROLES="$(ROLES)" ROUNDS="$(ROUNDS)" KEEP="$(KEEP)" $(BIN)/python -m bench.data

peers: .venv/.dev ## the readiness suite on others' services and on ours, into the README (ONLY=podinfo,go prints)
	@ONLY="$(ONLY)" KEEP="$(KEEP)" $(BIN)/python -m bench.peers

lock: .venv/.dev ## resolve the newest versions again into requirements/
	@$(COMPILE) --upgrade pyproject.toml --extra postgres --group build -o requirements/run.txt
	@$(COMPILE) --upgrade pyproject.toml --extra postgres --group dev -o requirements/dev.txt
	@$(COMPILE) --upgrade --group pyproject.toml:fuzz -o requirements/fuzz.txt

clean: ## remove what setup and the tests made
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis out

.venv/.python:
	@command -v git >/dev/null 2>&1 || { echo "git is not installed; rendering needs it: get it from your system's packages" >&2; exit 2; }
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "$(PYTHON) is not installed; Trivium needs Python 3.11 or newer: get it from python.org or your system's packages, or name one with PYTHON=…" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old; Trivium needs Python 3.11 or newer: name one with PYTHON=…" >&2; exit 2; }
	@echo "setting up .venv …"
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install the package python3-venv" >&2; rm -rf .venv; exit 2; }
	@touch $@

.venv/.run: .venv/.python requirements/run.txt pyproject.toml
	@$(INSTALL) -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
