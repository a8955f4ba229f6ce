# Two commands on a fresh machine: `make demo` and `make test`. Both need python3 (3.11 or newer), its venv, git and make.
# VENV=folder puts the environment elsewhere, PYTEST_ARGS='-k track' narrows the tests.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
MINUTES ?= 10
BASE ?= HEAD

.DEFAULT_GOAL := help
.PHONY: demo test soak bench-compare check check-format check-lint check-types check-imports format help

help:
	@echo "make demo    install the runtime, make a clip of faces with drawn masks, judge it"
	@echo "make test    install everything, run all tests that this machine allows"
	@echo "make soak    run eight cameras, one of them faulty, for MINUTES=10: does anything grow? Plots into out/soak"
	@echo "make bench-compare  is this tree faster or slower than the revision BASE=HEAD?"
	@echo "make check   format, lint, types, import contracts"
	@echo "make format  format the code and mend what ruff can"

demo: $(VENV)/runtime-installed
	$(VENV)/bin/maskstream demo

# A missing browser leaves tests out unless MASKSTREAM_REQUIRE_SYSTEM=1; pytest's closing list says so.
test: $(VENV)/everything-installed
	@scripts/system_packages.sh test || [ "$$MASKSTREAM_REQUIRE_SYSTEM" != 1 ]
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

soak: $(VENV)/everything-installed
	$(VENV)/bin/python -m benchmarks soak --minutes $(MINUTES) --out out/soak

bench-compare: $(VENV)/everything-installed
	$(VENV)/bin/python -m benchmarks compare $(BASE)

check: check-format check-lint check-types check-imports

check-format: $(VENV)/everything-installed
	$(VENV)/bin/ruff format --check .

check-lint: $(VENV)/everything-installed
	$(VENV)/bin/ruff check .

check-types: $(VENV)/everything-installed
	$(VENV)/bin/mypy

check-imports: $(VENV)/everything-installed
	$(VENV)/bin/lint-imports

format: $(VENV)/everything-installed
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/runtime-installed: pyproject.toml constraints.txt
	@PYTHON=$(PYTHON) scripts/install_runtime.sh $(VENV) -e '.[cpu,demo]'
	@touch $@

$(VENV)/everything-installed: pyproject.toml constraints.txt
	@PYTHON=$(PYTHON) scripts/install_runtime.sh $(VENV) -e '.[cpu,demo,train,dev]'
	@touch $(VENV)/runtime-installed $@
