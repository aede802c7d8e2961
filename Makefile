# The one door. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Options of the demonstration; see `make demo`.
DATA ?=
SIZE ?= 3000
SERVE ?= 1

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/installed ## Make the virtual environment with everything locked by hash

.venv/installed: requirements.txt requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

demo: setup ## Everything: servers, data, nights, payments, both sites (DATA=folder, SIZE=students, SERVE=0 to end instead)
	$(MANAGE) demo --size $(SIZE) $(if $(DATA),--data "$(DATA)") $(if $(filter 0,$(SERVE)),,--serve)

test: setup ## Every test, from nothing, on all cores
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

check: setup ## Lint, types, architecture, templates, vendored files, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python tools/unmarked_words.py
	$(BIN)/python tools/vendor_static.py --check
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING

format: setup ## Put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migrate: setup ## Bring the database to the present schema, rights and guards
	$(MANAGE) migrate

messages: setup ## Collect the texts of pages into locale/ and compile their translations
	$(BIN)/python tools/messages.py

packs: setup ## A page of docs for each pack of real funding rules, from the pack and its worked cases
	$(BIN)/python tools/packs.py

drill: setup ## The faults at full size: kills, crashes, lost brokers, hostile rows (long)
	$(BIN)/python -m pytest tests/drills --drill-size full -s

fuzz: setup .local/fuzz/installed ## Requests made from the API's own description against a live server: no fault of ours (long)
	$(BIN)/python -m pytest tests/fuzz/fuzz_openapi.py -s

.local/fuzz/installed: requirements-fuzz.txt
	mkdir -p .local && chmod 700 .local
	$(PYTHON) -m venv .local/fuzz
	.local/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	@touch $@

bench: setup ## The performance ratios with the machine's name and the sizes (long)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	$(BIN)/python -m bench

load: setup ## Forty people at once on a class of 500, served as in production, for two minutes (long)
	$(BIN)/python -m bench.crowd

pictures: setup ## Every page as small pictures in docs/, over the data of `make demo SERVE=0` (long)
	$(BIN)/python tools/pictures.py

stop: ## Stop the local servers, and what a killed demonstration left
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m demonstration stop && $(BIN)/python -m database.local_servers stop; fi

lock: ## For the maintainer: lock the requirements anew (needs uv)
	for name in requirements requirements-dev requirements-bench requirements-fuzz; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url $$name.in -o $$name.txt; done

.PHONY: help setup demo test check format messages packs migrate drill fuzz bench load pictures stop lock
