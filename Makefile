# `make up` runs the product, `make test` checks it. Both make .venv themselves.
PYTHON ?= python3
RUN := .venv/bin/python
CHECKED := accounts alerts backtests billing demos gateway licensing marketdata moondev tests

.PHONY: up test quick bench lint types install install-dev

up: install
	@exec $(RUN) -m moondev.up

test: lint types
	@$(RUN) -m pytest -n auto --dist loadfile

quick: lint
	@$(RUN) -m pytest -n auto --dist loadfile -m "not slow and not browser"

bench: install-dev
	@exec $(RUN) -m tests.bench

lint: install-dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@.venv/bin/lint-imports

types: install-dev
	@DEBUG=1 $(RUN) -m mypy $(CHECKED)

install:
	@$(PYTHON) moondev/up/install.py requirements.txt

install-dev:
	@$(PYTHON) moondev/up/install.py requirements-dev.txt
