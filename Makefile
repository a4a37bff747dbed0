# `make up` runs the product, `make test` checks it. Both make .venv themselves.
PYTHON ?= python3
RUN := .venv/bin/python
# Much of a test's time is waiting: for a browser, a worker, a clock. So there are more of them at once than cores.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2)))
TYPES = DEBUG=1 $(RUN) -m mypy $(CHECKED)
CHECKED := accounts alerts backtests billing demos gateway licensing marketdata moondev tests

# Every process that the tests start would compile the product again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test quick bench lint types install install-dev

up: install
	@exec $(RUN) -m moondev.up

# mypy works beside the tests and is heard after them; either of them fails the target.
test: lint
	@said=$$(mktemp); $(TYPES) >$$said 2>&1 & types=$$!; \
	$(RUN) -m pytest -n $(WORKERS) --dist loadfile; tests=$$?; \
	wait $$types; types=$$?; cat $$said; rm $$said; exit $$((tests | types))

quick: lint
	@$(RUN) -m pytest -n $(WORKERS) --dist loadfile -m "not slow and not browser"

bench: install-dev
	@exec $(RUN) -m tests.bench

lint: install-dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@.venv/bin/lint-imports

types: install-dev
	@$(TYPES)

install:
	@$(PYTHON) moondev/up/install.py requirements.txt

install-dev:
	@$(PYTHON) moondev/up/install.py requirements-dev.txt
