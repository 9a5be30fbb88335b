# One command for each thing a developer does; every target makes its environment first when it is missing.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help python setup demo test check serve bench docs lock clean

PYTHON ?= python3
# The oldest supported Python, so that what only old versions need is pinned as well.
LOCK_PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.ready
# Tests on all cores, neighbours together: what a file shares is made once or twice. (By file, xdist would run only one of the
# tests that share an id, as those of schemathesis do.)
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

help:
	@echo "make setup   make .venv from requirements-dev.lock (done once, and again when the lock changes)"
	@echo "make demo    the main job on a patient of the literature, webhook to RiskAssessment, with a stand-in EHR"
	@echo "make serve   start the service on http://127.0.0.1:8080 (SQLite, no authentication, loopback only)"
	@echo "make test    run the tests; ARGS=... goes to pytest"
	@echo "make check   everything that must hold before a commit: format, lint, types, import rules, tests with coverage"
	@echo "make bench   print the speed ratios that README quotes"
	@echo "make docs    write docs/instruments.md from the data that runs"
	@echo "make lock    pin what pyproject.toml asks for; UPGRADE=--upgrade takes newer versions"
	@echo "make clean   remove .venv and everything generated; data/ stays"

python:
	@found=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || found="not there"; \
	if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$found. Install one and name it: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; \
	fi; \
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi

setup: $(READY)

$(READY): requirements-dev.lock pyproject.toml | python
	@echo "==> making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@echo "==> installing the locked packages (a minute or two on the first run)"
	@PYTHONUNBUFFERED=1 $(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps --require-hashes \
	    --requirement requirements-dev.lock \
	  | awk -v all="$$(grep -c '^[a-z].*==' requirements-dev.lock)" \
	    '/^ *Collecting/ { printf "    %d of %d  %s\n", ++n, all, $$2; fflush() } /^Installing/ { print "    unpacking"; fflush() }'
	@echo "==> installing the project itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@touch $(READY)
	@echo "==> .venv is ready"

demo: $(READY)
	@$(BIN)/python -m tests.demo $(ARGS)

test: $(READY)
	@$(PYTEST) $(ARGS)

check: $(READY)
	@echo "==> 1/5 format";       $(BIN)/ruff format --check .
	@echo "==> 2/5 lint";         $(BIN)/ruff check .
	@echo "==> 3/5 types";        $(BIN)/mypy
	@echo "==> 4/5 import rules"; $(BIN)/lint-imports
	@echo "==> 5/5 tests";        $(PYTEST) --cov --cov-branch --cov-report=term --cov-fail-under=95 $(ARGS)

serve: $(READY)
	@$(BIN)/spinal-lesion-service serve $(ARGS)

bench: $(READY)
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(READY)
	@$(BIN)/spinal-lesion-service instruments document > docs/instruments.md

COMPILE = --quiet --no-header --generate-hashes --strip-extras --annotation-style line \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(UPGRADE)

lock:
	@$(MAKE) python PYTHON=$(LOCK_PYTHON)
	@tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	echo "==> fetching pip-tools"; \
	$(LOCK_PYTHON) -m venv "$$tools"; "$$tools/bin/pip" install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8'; \
	echo "==> 1/2 requirements.lock"; \
	"$$tools/bin/pip-compile" $(COMPILE) --output-file requirements.lock pyproject.toml; \
	echo "==> 2/2 requirements-dev.lock"; \
	"$$tools/bin/pip-compile" $(COMPILE) --constraint requirements.lock --extra dev --build-deps-for editable --allow-unsafe \
	  --output-file requirements-dev.lock pyproject.toml
	@for file in requirements.lock requirements-dev.lock; do \
	  case $$file in *-dev*) what="What runs, what checks it and what builds it";; *) what="What runs";; esac; \
	  printf '%s\n' \
	    "# $$what, at fixed versions with the hashes of every published file." \
	    "# Good for Linux with Python 3.11, 3.12 and 3.13." \
	    "# Made from pyproject.toml by 'make lock' (pip-compile of pip-tools 7 on Python 3.11); do not edit." \
	    "# Install with: pip install --no-deps --require-hashes --requirement $$file" \
	  | cat - $$file > $$file.new; mv $$file.new $$file; \
	done

clean:
	@rm -rf .venv build dist *.egg-info .coverage .hypothesis .schemathesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "removed .venv and everything generated; data/ stays"
