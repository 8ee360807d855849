# Each target sets up .venv by itself; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LITE := .venv-lite
LITE_READY := $(LITE)/.ready
NBGRADER := .venv-nbgrader
NBGRADER_READY := $(NBGRADER)/.ready
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(or $(shell for p in $(CANDIDATES); do $$p -c '$(RECENT)' 2>/dev/null && echo $$p && break; done),python3)
NOTEBOOK ?= notebooks/00_your_first_neuron.ipynb
# Where the browser tab's Python comes from: a folder, an address, or the word release (tools/build_lite.py).
PYODIDE := $(or $(PYODIDE),$(LIF_PYODIDE))
export LIF_PYODIDE = $(PYODIDE)

.DEFAULT_GOAL := help
.PHONY: help lab test test-thorough test-oldest test-newest test-colab test-lite test-site lite site publish
.PHONY: test-nbgrader student teacher nbgrader notebooks picture bench address

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

lab: $(READY) ## open the course in JupyterLab
	@root=; test "$$(id -u)" != 0 || root=--allow-root; \
	screen=--no-browser; test "$$(uname)" != Darwin -a -z "$$DISPLAY$$WAYLAND_DISPLAY" || screen=; \
	exec $(BIN)/jupyter-lab $$root $$screen --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/$(NOTEBOOK)

# Files of tests run side by side, those in the browser among the first, as they take longest. Each process keeps the
# notebooks that it has run, in about 3 GB, so there are two.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

test: $(READY) ## run all tests
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo 'Run "$(BIN)/ruff format ." first.'; exit 1; }
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-thorough: $(READY) ## run the tests of figures and claims at many more settings
	@LIF_THOROUGH=1 $(BIN)/python -m pytest $(PARALLEL) tests/test_named_figures.py tests/test_drawings.py $(ARGS)

# With other versions everything is tested but the style of the code, the browser, how drawings and curves look at many
# settings, what the texts say, and the tools that make other things of the notebooks, which nobody runs there. Older
# versions of matplotlib call pyparsing by names of which 3.3 warns, and the tests take a warning for an error.
LEFT_OUT := --ignore-glob 'tests/test_claims_*.py' \
	$(patsubst %,--ignore tests/test_%.py,browser named_figures drawings site class nbgrader address)
VARIANT := -m pytest $(PARALLEL) $(LEFT_OUT)
OLDEST = $(shell sed -n 's/^ *"\([a-z-]*\)>=\([0-9.]*\)",.*/\1==\2/p' pyproject.toml)

test-oldest: ## run the tests with the oldest packages that the course supports
	@$(PYTHON) -m venv .venv-oldest
	@.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check $(OLDEST) 'pyparsing<3.3'
	@.venv-oldest/bin/python $(VARIANT) $(ARGS)

test-newest: ## run the tests with the newest packages of today
	@$(PYTHON) -m venv .venv-newest
	@.venv-newest/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[test]'
	@.venv-newest/bin/python $(VARIANT) $(ARGS)

test-colab: ## run the notebooks and move their sliders with the packages of Colab
	@$(PYTHON) -m venv .venv-colab
	@.venv-colab/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/colab.txt
	@.venv-colab/bin/python $(VARIANT) --ignore tests/test_project.py $(ARGS)

test-lite: lite ## run the notebooks in a browser tab (JupyterLite)
	@$(LITE)/bin/python -m pytest tests/test_lite.py $(ARGS)

test-site: $(READY) ## build the web page of the course and test it
	@LIF_SITE=whole $(BIN)/python -m pytest tests/test_site.py $(ARGS)

lite: $(LITE_READY) ## build the site that runs the course in a browser tab: make lite PYODIDE=folder
	@$(LITE)/bin/python tools/build_lite.py

site: $(READY) ## build the web page of the course, whose sliders move without Python (build/site)
	@$(BIN)/python tools/build_site.py

# What is published takes Pyodide from its makers; a folder that holds their release will do, too.
publish: PYODIDE := $(or $(PYODIDE),release)
publish: lite $(READY) ## build what GitHub Pages shows, both sites in one folder (build/pages)
	@$(BIN)/python tools/build_site.py
	@rm -rf build/pages
	@cp -R build/site build/pages

test-nbgrader: $(NBGRADER_READY) ## let nbgrader grade right and wrong answers
	@$(NBGRADER)/bin/python -m pytest tests/test_nbgrader.py $(ARGS)

student: $(READY) ## write the notebooks without solutions (build/student)
	@$(BIN)/python tools/make_class.py student $(ARGS)

teacher: $(READY) ## write the notebooks with all answers, mistakes and minutes (build/teacher)
	@$(BIN)/python tools/make_class.py teacher $(ARGS)

nbgrader: $(READY) ## write the notebooks as assignments for nbgrader (build/nbgrader)
	@$(BIN)/python tools/make_class.py nbgrader $(ARGS)

notebooks: $(READY) ## re-run the notebooks and clean their outputs
	@$(BIN)/python tools/refresh_notebooks.py $(ARGS)

picture: $(READY) ## drag a slider in JupyterLab and make the animated picture of the README
	@$(BIN)/python tools/make_picture.py

address: $(READY) ## write the repository's address everywhere: make address REPO=owner/name
	@$(BIN)/python tools/set_address.py $(ARGS) '$(REPO)'

bench: $(READY) ## measure the speed of simulation and sliders
	@$(BIN)/python tools/benchmark.py

# A changed pyproject.toml refreshes an environment; otherwise it is reused.
$(READY): EXTRAS := test,site
$(LITE_READY): EXTRAS := test,lite
$(NBGRADER_READY): EXTRAS := test,nbgrader
$(READY) $(LITE_READY) $(NBGRADER_READY): pyproject.toml
	@$(PYTHON) -c '$(RECENT)' 2>/dev/null || \
		{ echo 'This course needs Python 3.11 or newer; "$(PYTHON)" is none. Install it, or name it: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'The venv module of "$(PYTHON)" is missing. Install it (on Debian and Ubuntu: apt install python3-venv).'; exit 1; }
	@echo 'Setting up $(@D), once …'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@
