# make demo: a web archive becomes packed token shards. make test: everything is checked. Both set up .venv first.
# Another Python: make test PYTHON=python3.12. Fewer test processes: make test JOBS=2.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$python; break; }; done)
JOBS ?= auto
SEED ?= 1
BIN := .venv/bin
READY := .venv/.ready
PEERS := benchmarks/.venv-peers

.PHONY: help setup demo test lint bench soak fuzz wheels clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    the quickstart on examples/data, into demo-run/"
	@echo "make test    all tests; real data by CORPUS_FORGE_TEST_DATA=FOLDER"
	@echo "make lint    ruff and mypy"
	@echo "make bench   side by side with other tools, into benchmarks/results.md; growth, into docs/scale.svg"
	@echo "make soak    the long kill loop (minutes to an hour)"
	@echo "make fuzz    1,000 cases of every kernel and 1,200,000 pages for the engine forge; SEED=N for others"
	@echo "make wheels  every pin has a wheel for Python 3.11, 3.12 and 3.13"
	@echo "make clean   drop what was made here, .venv excepted"

setup: $(READY)

$(READY): pyproject.toml setup.py constraints.txt
	@test -n "$(PYTHON)" || { echo "corpus-forge needs Python 3.11 to 3.13; name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,train]" -c constraints.txt
	$(BIN)/corpus-forge warmup  # compile the kernels once, not in the first run
	touch $@

demo: $(READY)
	$(BIN)/corpus-forge run quickstart -o demo-run

test: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 4 --dist loadgroup

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(PEERS)/.ready: benchmarks/constraints-peers.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	echo '*' > $(PEERS)/.gitignore
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	touch $@

bench: $(READY) $(PEERS)/.ready
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/scale.py

soak: $(READY)
	CORPUS_FORGE_SOAK=1 $(BIN)/python -m pytest tests/soak tests/engine/test_skew.py -s --timeout 0

# Kernels in a cache of their own: with bounds checks they are others.
fuzz: $(READY)
	CORPUS_FORGE_FUZZ=1 NUMBA_CACHE_DIR=$(CURDIR)/.pytest_cache/d/numba-boundscheck $(BIN)/python -m pytest \
		tests -m fuzz --hypothesis-seed=$(SEED) --timeout 0 -n $(JOBS)
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/.pytest_cache/d/numba-boundscheck $(BIN)/python tests/forge_fuzz.py \
		--cases 200000 --seed $(SEED)
	$(BIN)/python tests/forge_fuzz.py --cases 1000000 --seed $(SEED)

# torch apart: its wheel is half a gigabyte, and on Linux it brings CUDA.
wheels: $(READY)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf $$folder' EXIT; grep -Ev '^(torch|kenlm)==' constraints.txt > $$folder/pins.txt; \
	for version in 3.11 3.12 3.13; do \
		$(BIN)/python -m pip download --quiet --no-deps --only-binary=:all: --python-version $$version -d $$folder/$$version -r $$folder/pins.txt; \
		echo "Python $$version: $$(ls $$folder/$$version | wc -l) wheels"; rm -rf $$folder/$$version; \
	done

clean:
	rm -rf demo-run build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find corpus_forge tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
