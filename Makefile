# Two commands: `make run` starts Twinhood here, `make test` tries all of it.
# Nothing but make, git and a Python (3.12 or newer) is needed; see scripts/find-python.

PY = .venv/bin/python
export PYTHONPATH = $(CURDIR)
export PYTHONUTF8 = 1

.PHONY: help run setup test check fmt bench faults tamper shots verify.pyz vendor clean

help:
	@echo 'make run     start Twinhood (PORT, HOST, DATABASE_URL); Ctrl-C stops it'
	@echo 'make test    check and test everything'
	@echo 'make setup   install what development needs into .venv'
	@echo 'make check   types, lint, floors, words and docs'
	@echo 'make fmt     mend what can be mended: format and imports'
	@echo 'make bench   measure (ONLY=replay for one) into benchmarks/results.json'
	@echo 'make faults  kill parts under load for five minutes and look whether the money is all there'
	@echo 'make tamper  alter a public file in a thousand ways and see each named'
	@echo 'make shots   pictures of every page into var/shots'
	@echo 'make verify.pyz  build the verifier as one file'
	@echo 'make vendor  fetch the browser files named in package.json again'
	@echo 'make clean   remove what was made here, but not the data in var'

run:
	@sh scripts/setup base
	@exec $(PY) -m twinhood run

setup:
	@sh scripts/setup dev
	@$(PY) -m twinhood.ops.translations locale

test: check
	@echo '  tests …'
	@$(PY) -m pytest -n auto --dist loadfile

check: setup
	@echo '  lint …'
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@echo '  floors …'
	@.venv/bin/lint-imports >.venv/floors.log 2>&1 || { cat .venv/floors.log; exit 1; }
	@echo '  types …'
	@$(PY) -m mypy twinhood tests conftest.py benchmarks

fmt: setup
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: setup
	@$(PY) -m benchmarks.run $(ONLY)

faults: setup
	@$(PY) -m tests.faults --minutes 5

tamper: setup
	@$(PY) -m tests.tampering

shots: setup
	@$(PY) scripts/with_server.py $(PY) scripts/shots.py

verify.pyz: setup
	@$(PY) scripts/verify_pyz.py $@

vendor:
	@node scripts/vendor.mjs

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist var/static
	@find . -name __pycache__ -type d -prune -not -path './var/*' -exec rm -rf {} +
	@echo 'Left alone: var (database, keys, media).'
