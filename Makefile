# `make check` is what CI runs.
PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))

.PHONY: check lint test fast format benchmarks screenshots
check: test lint

lint:
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(PYTHON) -m mypy
	$(BIN)lint-imports

test:
	$(PYTHON) -m pytest

# Nothing that is slow, and fewer examples of each law (tests/laws.py).
fast:
	$(PYTHON) -m pytest -m "not slow"

format:
	$(BIN)ruff format .
	$(BIN)ruff check --fix .

benchmarks:
	$(PYTHON) -m benchmarks

screenshots:
	$(PYTHON) -m screenshots.make
	$(PYTHON) -m screenshots.cast
	$(PYTHON) -m screenshots.study
	$(PYTHON) -m screenshots.serve
