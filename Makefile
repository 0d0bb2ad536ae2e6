# Two commands: `make demo` runs the loop on a real model, `make test` checks everything.
# Each sets up all it needs in .venv; SETUP.sh says in one sentence what it cannot.

PYTHON ?= python3
VENV   ?= .venv
SEED   ?= 0
JOBS   ?= 2

.PHONY: help demo test lint types floors tests slow bench docs clean

help:
	@echo "make demo            run the whole loop on SmolLM2-135M and write demo/report.html"
	@echo "make test            lint, type-check, hold the floors, run the tests"
	@echo "make slow            the tests that take longer: real models, kills, the guide's commands"
	@echo "make bench           list the benchmarks;  make bench NAME=coverage  runs one"
	@echo "make docs            build the documentation with its reference into site/"
	@echo "make clean           remove .venv and demo/"

demo: $(VENV)/.ready-local
	$(VENV)/bin/banbury demo --out demo --seed $(SEED)

test: lint types floors tests

lint: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.ready-dev
	$(VENV)/bin/mypy

floors: $(VENV)/.ready-dev
	$(VENV)/bin/lint-imports

tests: $(VENV)/.ready-dev
	$(VENV)/bin/pytest -m "not slow" -n $(JOBS) --dist loadfile --max-worker-restart 1

slow: $(VENV)/.ready-dev
	$(VENV)/bin/pytest -m slow

bench: $(VENV)/.ready-dev
ifdef NAME
	$(VENV)/bin/python bench/$(NAME).py
else
	@ls bench/*.py | grep -v figures | sed 's|bench/||; s|\.py||'
endif

docs: $(VENV)/.ready-dev
	$(VENV)/bin/sphinx-build -q -W -b html docs site
	@echo "open site/made/index.html"

$(VENV)/.ready-%: pyproject.toml constraints.txt SETUP.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh SETUP.sh $*

clean:
	rm -rf $(VENV) demo site docs/made
