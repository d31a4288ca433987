# Witnessmark. `make` prints what there is to make.
# Everything runs from a fresh clone: make brings its own uv, and says what it cannot bring.

SHELL := /bin/bash
.DEFAULT_GOAL := help
TOOLS := $(CURDIR)/.tools
UV := $(shell command -v uv 2>/dev/null || echo $(TOOLS)/uv/bin/uv)
EXTRAS := --all-extras --no-extra train
RUN := $(UV) run --frozen $(EXTRAS)
CASE ?= demo-case
export UV_PROJECT_ENVIRONMENT ?= $(CURDIR)/.venv

help: ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

SCRIPTS := src/witnessmark/web/static/built/desk.js

setup: .venv/ready $(SCRIPTS) ## install everything into .venv, and what only the system can have if it may

.venv/ready: pyproject.toml uv.lock tools/setup
	@tools/setup $(TOOLS)
	@$(UV) sync --frozen $(EXTRAS) --quiet
	@$(UV_PROJECT_ENVIRONMENT)/bin/python tools/compiled.py
	@mkdir -p $(@D) && touch $@

$(SCRIPTS): ui/package.json ui/package-lock.json ui/tsconfig.json ui/vite.config.js ui/world.js $(wildcard ui/src/*.ts)
	@tools/assets

assets: $(SCRIPTS) ## build the scripts of the desk in the browser (setup does it too)

demo: setup ## build the exercise case, go the whole way, and say where to look
	@$(RUN) python tools/demo.py $(CASE)

test: setup ## run all tests, with real servers and outside tools
	@$(RUN) pytest -n 2 --dist loadfile

fast: setup ## run the tests that take no time
	@$(RUN) pytest -q tests/unit tests/property

check: setup lint test ## what CI runs

lint: setup ## ruff, mypy --strict, import contracts
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lint-imports --no-cache

golden: setup ## write the byte-exact outputs anew; look at the difference before you commit it
	@WITNESSMARK_GOLDEN=write $(RUN) pytest -q tests/golden

docs: setup ## generate the reference from the code
	@$(RUN) python tools/reference.py

powercut: setup ## the long campaign: every disk state that a power cut could leave
	@$(RUN) python -m tests.campaigns.powercut --states 100000

inject: setup ## the long campaign: every file system call fails once
	@$(RUN) python -m tests.campaigns.inject

kill: setup ## the long campaign: four writers on one case are killed a thousand times
	@$(RUN) python -m tests.campaigns.kill9

hostile: setup ## the long campaign: CORPUS=folder of files that want to hurt, through the whole of take
	@$(RUN) python -m tests.campaigns.hostile $(CORPUS)

xss: setup ## the long campaign: CORPUS=folder of payloads of cross-site scripting, through every page in Chromium
	@$(RUN) python -m tests.campaigns.xss $(CORPUS)

api: setup ## the long campaign: schemathesis against the interface for programs
	@$(RUN) python -m tests.campaigns.api

bitflip: setup ## the long campaign: 10,000 random bit flips in store, log and package
	@$(RUN) python -m tests.campaigns.bitflip

bench: setup ## every benchmark, as ratios, side by side
	@for bench in benchmarks/*.py; do echo "== $$bench"; $(RUN) python $$bench || exit 1; done

clean: ## remove what make made here
	rm -rf .venv .tools $(CASE) .mypy_cache .ruff_cache .pytest_cache .hypothesis ui/node_modules src/witnessmark/web/static/built build

.PHONY: help setup assets demo test fast check lint golden docs powercut inject kill hostile xss api bitflip bench clean
