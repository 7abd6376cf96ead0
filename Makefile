# Everything a newcomer or a continuous-integration machine types. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# Bytecode for every module of every package would add a fifth to the size; Python writes what it imports.
PIP_INSTALL := $(BIN)/python -m pip install --no-compile --no-input --disable-pip-version-check --progress-bar off
HASHED := $(PIP_INSTALL) --require-hashes
# One line per dozen packages: enough to see that something moves, nothing to scroll past.
COUNTED := { n=0; while read -r word _; do case $$word in \
	Collecting) n=$$((n + 1)); if (( n % 12 == 0 )); then echo "  $$n packages found"; fi ;; \
	Installing) echo "  unpacking $$n packages" ;; esac; done; }

.PHONY: help demo test test-crash test-crash-all services lint docs bench lock clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

demo: $(VENV)/.core-installed ## run the whole life of a model on real data
	@$(BIN)/modelwright demo

test: $(VENV)/.dev-installed ## run every test and every example in a docstring, with branch coverage
	@marks=$$($(BIN)/python -m tools.services); \
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -q -n 2 --dist worksteal --cov --cov-report term -m "$$marks"; \
	$(BIN)/python -m tools.services --tell

test-crash: $(VENV)/.dev-installed ## kill every command that writes at random instants, hundreds of times (minutes)
	@OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/crash -m "not every_step"

test-crash-all: $(VENV)/.dev-installed ## kill a run at every single step of every phase, too (an hour)
	@OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/crash -m ""

services: $(VENV)/.created ## install what some tests need beside Python packages: PostgreSQL
	@$(BIN)/python -m tools.services >/dev/null

lint: $(VENV)/.dev-installed ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.dev-installed ## build the documentation into site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.dev-installed ## measure the bars and print them beside what was measured
	@$(BIN)/python -m benchmarks

lock: $(VENV)-lock/bin/uv ## pin every dependency again, with hashes, into requirements/
	$(call compile,core,)
	$(call compile,dev,--group build --group test --group lint --group docs -c requirements/core.txt)
	$(call compile,mlflow,--extra mlflow -c requirements/dev.txt)
	$(call compile,postgres,--extra postgres -c requirements/dev.txt)
	$(call compile,all,--extra all -c requirements/dev.txt)
	$(VENV)-lock/bin/uv pip compile $(LOCK_OPTIONS) --group build -c requirements/dev.txt \
		--output-file requirements/build.txt

clean: ## remove what checks, builds and runs leave behind; the virtual environment stays
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf bench-out build demo-out dist site
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One file of pins serves every system and every Python from 3.11; upgrade with `make lock UPGRADE=--upgrade`.
UPGRADE ?=
LOCK_OPTIONS = --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)
define compile
$(VENV)-lock/bin/uv pip compile $(LOCK_OPTIONS) $(2) pyproject.toml --output-file requirements/$(1).txt
endef

$(VENV)-lock/bin/uv:
	@python3 -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.created:
	@for python in python3.11 python3.12 python3.13 python3; do \
		if command -v "$$python" >/dev/null && \
			"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
			echo "Making $(VENV) with $$($$python --version)"; "$$python" -m venv $(VENV); touch $@; exit 0; \
		fi; \
	done; \
	echo "No Python 3.11 or newer was found, and Modelwright needs one. Install one (for example from" >&2; \
	echo "your system's packages, with its venv module) so that python3.11 or python3 starts it." >&2; \
	exit 1

$(VENV)/.core-installed: requirements/core.txt requirements/build.txt pyproject.toml | $(VENV)/.created
	@echo "Installing the pinned packages (about 130 MB to fetch, 530 MB on disk, once)"
	@$(HASHED) -r requirements/core.txt -r requirements/build.txt | $(COUNTED)
	@$(PIP_INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt pyproject.toml | $(VENV)/.created
	@echo "Installing the pinned packages for development (about 1 GB on disk, once)"
	@$(HASHED) -r requirements/dev.txt | $(COUNTED)
	@$(PIP_INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch $@
