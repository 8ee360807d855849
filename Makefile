# Each target sets up .venv by itself; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(or $(shell for p in $(CANDIDATES); do $$p -c '$(RECENT)' 2>/dev/null && echo $$p && break; done),python3)
NOTEBOOK ?= notebooks/01_membrane_equation.ipynb

.DEFAULT_GOAL := help
.PHONY: help lab test notebooks bench

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

lab: $(READY) ## open the course in JupyterLab
	@root=; test "$$(id -u)" != 0 || root=--allow-root; \
	screen=--no-browser; test "$$(uname)" != Darwin -a -z "$$DISPLAY$$WAYLAND_DISPLAY" || screen=; \
	exec $(BIN)/jupyter-lab $$root $$screen --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/$(NOTEBOOK)

test: $(READY) ## run all tests
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo 'Run "$(BIN)/ruff format ." first.'; exit 1; }
	@$(BIN)/python -m pytest $(ARGS)

notebooks: $(READY) ## re-run the notebooks and clean their outputs
	@$(BIN)/python tools/refresh_notebooks.py $(ARGS)

bench: $(READY) ## measure the speed of simulation and sliders
	@$(BIN)/python tools/benchmark.py

# A changed pyproject.toml refreshes the environment; otherwise it is reused.
$(READY): pyproject.toml
	@$(PYTHON) -c '$(RECENT)' 2>/dev/null || \
		{ echo 'This course needs Python 3.11 or newer; "$(PYTHON)" is none. Install it, or name it: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'The venv module of "$(PYTHON)" is missing. Install it (on Debian and Ubuntu: apt install python3-venv).'; exit 1; }
	@echo 'Setting up $(VENV), once …'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(READY)
