# `make serve` and `make test` need Python 3.11 or newer, and nothing else.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)
venv := .venv/bin/python
lock := $(venv) -m uv --quiet pip compile --universal --generate-hashes --no-strip-extras --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
tasks := examples/fastapi-tasks
embedded := examples/fastapi-embedded
package := packages/better-auth-service
service := $(package)/pyproject.toml
served := --extra postgresql --extra redis

.PHONY: help serve test soak bench coverage audit installs lint format types lock openapi parity parity-page wheel
.DELETE_ON_ERROR:

help:
	@echo 'make serve    run the service on http://localhost:8000 (PORT=8001 for another port)'
	@echo 'make test     run every test (ARGS="tests/auth -k sign_in" for some of them)'
	@echo 'make coverage the same, and list the lines and branches that no test reached'
	@echo 'make soak     kill the service under load, again and again: some minutes (ROUNDS=20)'
	@echo 'make bench    compare its speed with the original (ARGS="get-session --database sqlite" for a part)'
	@echo 'make audit    no lock pins a version with a known advisory'
	@echo 'make installs the locks install with the oldest and the newest pip, on each Python here'
	@echo 'make lint     check with ruff;  make format  fix with ruff'
	@echo 'make types    mypy, strict, for Linux, macOS and Windows'
	@echo 'make lock     pin the dependencies again, with hashes (UPGRADE=1 for newer versions)'
	@echo 'make openapi  write openapi.json'
	@echo 'make parity VERSION=1.7.26  compare the responses with those of another Better Auth'
	@echo 'make parity-page  write docs/parity.md'
	@echo 'make wheel    build the packages better-auth-bridge and better-auth-service into dist/'

serve: .venv/.runtime
	@$(venv) -m app init
	@exec $(venv) -m app serve

test: .venv/.dev
	@$(venv) -m pytest -n auto --dist loadgroup $(ARGS)

soak: .venv/.dev
	@ROUNDS=$(or $(ROUNDS),20) $(venv) -m pytest tests/system/faults tests/system/cluster $(ARGS)

# Apart, because tracing makes the tests take three times as long. `--cov` would take a path after it.
coverage: .venv/.dev
	@$(venv) -m pytest -n auto --dist loadgroup $(ARGS) --cov

bench: .venv/.dev
	@$(venv) -m benchmarks $(ARGS)

audit: .venv/.made
	@$(venv) -m tests.house.audit

# By any Python 3.11 or newer, before there is anything else.
installs: .venv/.made
	@$(venv) -m tests.house.installs

lint: .venv/.dev
	@$(venv) -m ruff check
	@$(venv) -m ruff format --check

format: .venv/.dev
	@$(venv) -m ruff check --fix-only
	@$(venv) -m ruff format

# Whole on Linux; elsewhere what runs there: the service, and on macOS what tests it.
types: .venv/.dev
	@$(venv) -m mypy --platform linux
	@$(venv) -m mypy --platform darwin --cache-dir .mypy_cache/darwin
	@$(venv) -m mypy --platform win32 --cache-dir .mypy_cache/win32 app

lock: .venv/.dev
	@$(lock) $(if $(UPGRADE),--upgrade) $(service) $(served) -o requirements.txt
	@$(lock) $(if $(UPGRADE),--upgrade) --resolution lowest-direct $(service) --all-extras -o requirements-oldest.txt
	@$(lock) $(if $(UPGRADE),--upgrade) requirements/otel.in -c requirements.txt -o requirements-otel.txt
	@$(lock) $(if $(UPGRADE),--upgrade) requirements/dev.in $(service) $(served) --extra traces \
		-c requirements.txt -o requirements-dev.txt
	@$(lock) $(if $(UPGRADE),--upgrade) requirements/build.in -c requirements-dev.txt -o requirements-build.txt
	@$(lock) $(if $(UPGRADE),--upgrade) requirements/bridge.in $(service) --all-extras \
		-c requirements-dev.txt -o requirements-bridge.txt
	@$(lock) $(if $(UPGRADE),--upgrade) requirements/embedding.in -c requirements.txt -o requirements-embedding.txt
	@$(lock) $(if $(UPGRADE),--upgrade) benchmarks/peer/requirements.in \
		-o benchmarks/peer/requirements.txt
	@$(lock) $(if $(UPGRADE),--upgrade) $(tasks)/requirements.in -o $(tasks)/requirements.txt
	@$(lock) $(if $(UPGRADE),--upgrade) $(embedded)/requirements.in $(service) \
		--extra postgresql -c requirements.txt -o $(embedded)/requirements.txt

wheel: .venv/.build
	@$(venv) -m hatchling build --directory $(CURDIR)/dist
	@cd $(package) && $(CURDIR)/$(venv) -m hatchling build --directory $(CURDIR)/dist

parity: .venv/.dev
	@$(venv) -m tests.system.parity.trial $(VERSION) $(ARGS)

parity-page: .venv/.dev
	@$(venv) -m tests.system.parity.document

openapi: .venv/.runtime
	@$(venv) -m app openapi > .openapi.json && mv .openapi.json openapi.json
	@$(venv) -m app openapi --plugins > .openapi.json && mv .openapi.json openapi-plugins.json

.venv/.runtime: requirements.txt .venv/.made
	@echo 'Installing the dependencies …'
	@$(venv) -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check -r $<
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.made
	@echo 'Installing the dependencies and the tools of the tests …'
	@$(venv) -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check -r $<
	@touch $@

.venv/.build: requirements-build.txt .venv/.made
	@$(venv) -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check -r $<
	@touch $@

# A stamp, not the interpreter, is the target: an interrupted venv leaves one that has no pip.
.venv/.made:
	@test -n "$(PYTHON)" || { echo 'No Python 3.11 or newer was found: install one, or name it with make PYTHON=…' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo '$(PYTHON) is not Python 3.11 or newer' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	|| { echo 'Python has no venv module: install it (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }
	@echo 'Making .venv with $(PYTHON) …'
	@$(PYTHON) -m venv .venv
	@touch $@
