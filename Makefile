# claimdesk: what a person types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := inbox channels tickets templates tests benchmarks
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench fuzz coverage mutants lock screenshots system

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/.demo ## a desk with sample mail, texts and letters on http://127.0.0.1:8400 (ONCE=1: print the summary and exit)
	@$(BIN)/python -m inbox.demo $(if $(ONCE),--once)

test: system $(VENV)/.test ## every gate and the whole suite, with real servers
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n $(or $(WORKERS),auto) --dist worksteal -q

check: $(VENV)/.test ## the gates alone: format, lint, types, layers
	@$(BIN)/ruff format --check -q $(SOURCES)
	@$(BIN)/ruff check -q $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(VENV)/.test ## format, and repair what the linter can
	@$(BIN)/ruff check --fix -q $(SOURCES) || true
	@$(BIN)/ruff format -q $(SOURCES)

bench: system $(VENV)/.test ## every benchmark with its aims (ARGS=filing: that one)
	@$(BIN)/python -m benchmarks $(ARGS)

fuzz: $(VENV)/.test ## damage ten thousand mails and read them (ROUNDS=…)
	@CLAIMDESK_FUZZ=$(or $(ROUNDS),10000) $(BIN)/python -m pytest -q tests/channels/email/test_fuzz.py

coverage: $(VENV)/.test ## branch coverage of what judges and decides claims and keeps their clocks, which is to be all of it
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest -q -n $(or $(WORKERS),auto) -k "not postgres" tests/tickets/evaluated \
	  $(foreach each,likeness deadlines calendars clocks ladder ladder_days authority proposals decisions closings decision_letters \
	  moves ticket_moves value_uses corrections extensions merging complaints escalation,tests/tickets/test_$(each).py) \
	  $(foreach each,clock_moves desk_moves scenarios_clocks scenarios_decisions,tests/inbox/test_$(each).py)
	@$(BIN)/python -m coverage combine -q
	@$(BIN)/python -m coverage report --fail-under=100

mutants: $(VENV)/.test ## change checks, days and clocks in every small way, and list what no test noticed (ARGS="days clocks")
	@$(BIN)/python -m tests.mutating $(ARGS)

screenshots: system $(VENV)/.test ## take the pictures in docs/pictures anew, of the demo's pages
	@$(BIN)/python -m tests.browser.screenshots docs/pictures

lock: $(VENV)/.test ## write the lock files anew (needs uv)
	@for extra in demo test; do uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-package claimdesk --python-version 3.11 --extra $$extra pyproject.toml \
	  -o requirements$$([ $$extra = test ] && echo -test).lock; done

system: ## install the Debian packages that the tests need, or say which are missing
	@sh .ci/system-packages

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "claimdesk needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "installing the locked dependencies into $(VENV) (about a minute)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/bin/python requirements-test.lock pyproject.toml
	@echo "installing the locked test dependencies into $(VENV) (about a minute)"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.demo
