# Everything that is done to this project. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(name))))
VENV := .venv
BIN := $(VENV)/bin
UV = $(shell command -v uv || echo $(BIN)/uv)
STAMP := $(VENV)/.ready
PACKAGES := bot handlers services db migrations
WORKERS ?= auto

export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never

.PHONY: help
help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.PHONY: setup
setup: $(STAMP) ## prepare .venv (needs Python 3.11 or newer)

$(STAMP): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Potluck needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) can't make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@test -x "$(UV)" || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"
	@"$(UV)" sync --quiet --frozen --inexact --extra postgres --extra charts --extra llm
	@touch $@

.PHONY: run
run: setup ## run the bot; without BOT_TOKEN, the playground
	@exec $(BIN)/python bot.py

.PHONY: test
test: setup ## run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: check
check: lint types imports lock test ## all that CI asks for

.PHONY: fmt
fmt: setup ## format the code and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lint
lint: setup ## look for mistakes and for what isn't formatted
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: setup ## check the types
	$(BIN)/mypy $(PACKAGES) tests
	$(BIN)/mypy bot.py

.PHONY: imports
imports: setup ## check the layers
	$(BIN)/lint-imports

.PHONY: lock
lock: setup ## check that uv.lock fits pyproject.toml
	"$(UV)" lock --check

.PHONY: cov
cov: setup ## run all tests and show what they leave out
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: chaos
chaos: setup ## break the bot for an hour: every crash point, the model of the books, 300 kills under load, 1,000 purchases
	CRASH_POINTS=all $(BIN)/python -m pytest -n $(WORKERS) -rP tests/reliability/test_crash_points.py
	POTLUCK_MACHINE_EXAMPLES=500 $(BIN)/python -m pytest -n $(WORKERS) -k model tests/reliability/test_books_machine.py
	POTLUCK_DUELS=10000 $(BIN)/python -m pytest tests/reliability/test_duels_storm.py
	PURCHASES=1000 $(BIN)/python -m pytest -n $(WORKERS) tests/reliability/test_purchases.py
	$(BIN)/python bot.py chaos --long $(ARGS)

.PHONY: migrate
migrate: setup ## bring the database of DATABASE_URL to the newest schema
	@mkdir -p data
	@$(BIN)/python -c 'from bot.settings import load_settings; from db.schema import migrate; print(*migrate(load_settings().database_url.sync_url), sep=" -> ")'

.PHONY: clean
clean: ## remove .venv and what tools have left; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
