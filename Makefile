# Bedside: `make run` to try it, `make test` to check it. Both set everything up first; a second call is quick.

service := .venv/service/bin/python
bot := .venv/bot/bin/python
bedside := bin/bedside

.PHONY: setup run test lint types imports train triage evaluate nlu-report lock clean
.DEFAULT_GOAL := run

setup:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || \
	{ echo "Bedside needs python3 on the PATH, 3.11 or later: install it and try again." >&2; exit 1; }
	@python3 bin/setup.py

run: setup  ## the whole product as a demo; Ctrl-C stops it
	@BEDSIDE_DEMO="$${BEDSIDE_DEMO-1}" exec $(bedside) up --end-with-parent

# Cheapest first, stops at the first failure; the service's tests come last, so that their summary ends it.
test: setup lint
	$(bedside) train --then-check
	BEDSIDE_MODEL="$$($(bedside) train)" $(bot) -m pytest -q tests/bot tests/actions tests/triage
	chromium="$$(python3 bin/setup.py chromium)" && \
	BEDSIDE_CHROMIUM="$$chromium" $(service) -m pytest --ignore=tests/bot --ignore=tests/actions tests

lint: setup types imports
	$(service) -m ruff check .

types: setup
	$(bot) -m mypy bot actions handoff/contract.py handoff/client.py tests/bot tests/actions
	$(service) -m mypy --exclude '^tests/(bot|actions)/' handoff bot/triage bin tests

imports: setup
	.venv/service/bin/lint-imports

train: setup
	$(bedside) train

triage: setup  ## fits triage's trained layer on data/triage/examples anew; brings torch into .venv/train
	python3 bin/setup.py train
	.venv/train/bin/python -m bot.triage.train

# Public sets to measure on: a folder with dev/*.jsonl. They are not part of the project.
EVAL ?= ../shared/eval

evaluate: setup  ## measures everything and writes docs/evaluation.md (about half an hour)
	$(service) -m tests.measure "$(EVAL)"

nlu-report: setup  ## cross-validates the intents and writes docs/nlu-cross-validation.md
	$(service) -m tests.measure.nlu

# The newest versions that fit together, with their hashes. Commit the result after `make test`.
lock: setup
	python3 bin/setup.py lock

clean:  ## what can be made again; never var/, which holds the database and the keys
	rm -rf .venv .rasa .cache models .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
