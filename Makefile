# Needs git, make and Python 3.11 or newer; everything else comes into .venv. `make` lists the words.

PORT ?= 8000
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SYNC := $(UV) sync --frozen --inexact --quiet
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS ?= 1
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first of these that is new enough.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$name" && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint format types audit fuzz bench bench-live bench-understanding bench-forecasts e2e docs messages migrate shell clean chromium

help: ## list these words
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/run.done ## start Pantry Pixie on http://localhost:8000 (PORT, DATA_DIR)
	@exec env PORT=$(PORT) $(BIN)/python manage.py up --demo

test: $(VENV)/test.done chromium ## run the tests: on SQLite, on PostgreSQL with Redis, in the browser; print the coverage
	@$(BIN)/python -m tests

test-slow: $(VENV)/test.done chromium ## run what `make test` leaves out: slow tests, and the rest of them on PostgreSQL
	@$(BIN)/python -m tests slow rest

e2e: $(VENV)/test.done chromium ## run the browser's tests alone
	@$(BIN)/python -m tests browser

fuzz: $(VENV)/test.done ## look for what breaks the API's promises (EXAMPLES, SEED, DATABASE)
	@$(BIN)/python -m tests.contract $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(DATABASE),--database $(DATABASE))

lint: $(VENV)/dev.done ## check style, layers, templates, migrations and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z --cached --others --exclude-standard -- '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/mypy .

format: $(VENV)/dev.done ## write files the way `make lint` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z --cached --others --exclude-standard -- '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2

types: $(VENV)/dev.done ## check types
	$(BIN)/mypy .

audit: $(VENV)/audit.done ## check the code and the dependencies for known holes, and list the dependencies
	@$(BIN)/python -m tests.audit

bench: $(VENV)/test.done chromium ## measure what must be fast
	$(BIN)/python -m tests.bench

bench-live: $(VENV)/test.done ## measure the live stream with thousands of clients
	$(BIN)/python -m tests.bench.live_figures

bench-understanding: $(VENV)/test.done ## measure how well Pixie understands
	$(BIN)/python -m tests.bench.understanding

bench-forecasts: $(VENV)/test.done ## measure how well forecasts find what will be bought
	$(BIN)/python -m tests.bench.forecasts

docs: $(VENV)/dev.done ## build the documentation
	$(BIN)/mkdocs build --strict

messages: $(VENV)/run.done ## compile the translations of answers, after a change of locale/*/LC_MESSAGES/django.po
	@$(BIN)/python -m tests.messages

migrate: $(VENV)/run.done ## bring the database up to date
	$(BIN)/python manage.py migrate

shell: $(VENV)/run.done ## open Python with the models at hand
	$(BIN)/python manage.py shell

clean: ## remove what was built; the household's data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results

# Each stamp says: these groups of uv.lock are installed. --inexact lets one group's stay while another's come.

$(UV):
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Pantry Pixie needs Python 3.11 or newer, and found none. Install it, or say where it is: make PYTHON=/path/to/python' >&2; \
		exit 1; \
	fi
	@$(PYTHON) -m venv $(VENV) || { \
		echo 'This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)

$(VENV)/run.done: uv.lock | $(UV)
	$(SYNC)
	@touch $@

$(VENV)/test.done: uv.lock | $(UV)
	$(SYNC) --group test
	@touch $@ $(VENV)/run.done

$(VENV)/dev.done: uv.lock | $(UV)
	$(SYNC) --group dev
	@touch $@ $(VENV)/run.done $(VENV)/test.done

$(VENV)/audit.done: $(VENV)/dev.done
	$(SYNC) --group dev --group audit
	@touch $@

# The browser's tests drive a real one.
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v "$$name" >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the tests in the browser.'; \
		apt-get update -qq && apt-get install -y -qq chromium >/dev/null && command -v chromium >/dev/null && exit 0; \
	fi; \
	echo 'The tests in the browser need Chromium, and it is not installed. On Debian: apt-get install chromium' >&2; exit 1
