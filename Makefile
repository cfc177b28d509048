# Every command that people and CI need; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The SAM CLI needs an environment of its own; only builds and deployments create it.
SAM_VENV := .venv-sam
SAM_READY := $(SAM_VENV)/.ready
# checkov too: it pins boto3 and pydantic.
CHECKOV_VENV := .venv-checkov
CHECKOV_READY := $(CHECKOV_VENV)/.ready
# An AWS on loopback; its Lambda functions run under this environment's Python.
LOCAL_VENV := .venv-local
LOCAL_READY := $(LOCAL_VENV)/.ready
# The Python that Lambda runs: on the PATH, uv's or pyenv's.
RUNTIME = $(shell for p in python3.13 "$$(uv python find 3.13 2>/dev/null)" \
	"$$(pyenv prefix 3.13 2>/dev/null)/bin/python3.13"; do \
	"$$p" -c 'import sys; print(sys.executable)' 2>/dev/null && break; done)
NO_RUNTIME := "this needs Python 3.13, as Lambda runs it: on the PATH, uv's or pyenv's"
# SAM reads only the older of the two variables for the region.
SAM = env $${AWS_REGION:+AWS_DEFAULT_REGION=$$AWS_REGION} MAKEFLAGS= SAM_CLI_TELEMETRY=0 PATH="$(dir $(RUNTIME)):$$PATH" $(SAM_VENV)/bin/sam
STAGE ?= dev
EXAMPLES ?= 10000

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Headroom needs Python 3.11 or later on the PATH"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(SAM_READY): requirements/sam.txt
	@test -x $(SAM_VENV)/bin/python || $(PYTHON) -m venv $(SAM_VENV)
	@echo "setting up $(SAM_VENV) (once, about a minute)"
	@$(SAM_VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements/sam.txt
	@touch $@

$(LOCAL_READY): requirements/local.txt
	@test -n "$(RUNTIME)" || { echo $(NO_RUNTIME); exit 1; }
	@test -x $(LOCAL_VENV)/bin/python || "$(RUNTIME)" -m venv $(LOCAL_VENV)
	@echo "setting up $(LOCAL_VENV) (once, about a minute)"
	@$(LOCAL_VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements/local.txt
	@touch $@

$(CHECKOV_READY): requirements/checkov.txt
	@test -x $(CHECKOV_VENV)/bin/python || $(PYTHON) -m venv $(CHECKOV_VENV)
	@echo "setting up $(CHECKOV_VENV) (once, about a minute)"
	@$(CHECKOV_VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements/checkov.txt
	@touch $@

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(READY) ## the demo: a simulated day on this machine, with every notice
	@$(BIN)/headroom demo

test: $(READY) ## every test, on all processors
	@$(BIN)/python -m pytest -n auto

fuzz: $(READY) ## every parser against random input: make fuzz EXAMPLES=100000 (for each parser)
	@$(BIN)/python -m pytest tests/fuzz --examples $(EXAMPLES)

CHECKS ?= 20000
SEED ?= 1
simulate: $(READY) ## faults of every kind, in virtual time: make simulate CHECKS=1000000 SEED=1
	@$(BIN)/python -m tests.simulation --checks $(CHECKS) --seed $(SEED)

# Without the planted bugs: they test the simulation, whatever the Python, and take minutes.
test-runtime: export PYTEST_ADDOPTS = --ignore=tests/simulation/test_bugs.py
test-runtime: ## the tests under the Python that Lambda runs
	@test -n "$(RUNTIME)" || { echo $(NO_RUNTIME); exit 1; }
	@$(MAKE) --no-print-directory test PYTHON="$(RUNTIME)" VENV=.venv-runtime

check: $(READY) $(CHECKOV_READY) ## format, lint, types, template, security
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/cfn-lint template.yaml
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive functions layers cli
	@$(CHECKOV_VENV)/bin/checkov --config-file .checkov.yaml

format: $(READY) ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY) ## the figures that the docs state, on this machine
	@$(BIN)/python bench/evaluation.py
	@$(BIN)/python bench/check.py
	@$(BIN)/python bench/check.py 1000 usual
	@$(BIN)/python bench/startup.py
	@$(BIN)/python -m bench.false_alarms

validate: $(SAM_READY) ## check the template by SAM's own rules
	@$(SAM) validate --lint --region us-east-1  # it needs one, but calls nothing there

build: $(READY) $(SAM_READY) validate ## build the deployment for both processors, and check it
	@test -n "$(RUNTIME)" || { echo $(NO_RUNTIME); exit 1; }
	@$(SAM) build --no-cached --parameter-overrides Architecture=x86_64 --build-dir .aws-sam/x86_64
	@$(SAM) build
	@RUNTIME="$(RUNTIME)" $(BIN)/python -m pytest tests/packaging/check_build.py

deployable:
	@grep -q '^\[$(STAGE)\.deploy\.parameters\]' samconfig.toml || { echo "samconfig.toml has no stage $(STAGE)"; exit 1; }

deploy: deployable build ## deploy to your AWS account: make deploy STAGE=dev (or prod)
	@$(SAM) deploy --config-env $(STAGE)

deploy-local: build $(LOCAL_READY) ## deploy on this machine, without an account, until Ctrl-C
	@$(BIN)/python -m tests.local.deploy

e2e: build $(LOCAL_READY) ## test the stack on this machine: deploy, use, update, delete; races; the runtime
	@$(BIN)/python -m pytest tests/e2e -x --durations=8 -o python_files='check_*.py'

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: ## pin all requirements with hashes (needs uv)
	$(COMPILE) layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(COMPILE) requirements/operator.in -o requirements/operator.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) requirements/sam.in -o requirements/sam.txt
	$(COMPILE) requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) requirements/local.in -o requirements/local.txt

.PHONY: help run test fuzz simulate test-runtime check format bench validate build deployable deploy deploy-local e2e lock
