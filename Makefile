PYTHON := $(shell for p in python3.11 python3; do $$p -c "" 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# What is imported is compiled then: all of it at once takes a minute.
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check

# Of what the soak prints, the counts and the outcome; servers that are sent nonsense log a lot.
COUNTS := '^20[0-9-]+$$|^commit |^  [A-Za-z0-9]|^    failed|^tests/test|^FAILED|^E  | passed'
NOISE := 'File "|site-packages|Loading weights|^  \+|worker vm-'

.PHONY: app test soak browser

app: .venv/app
	$(BIN)/python app.py

test: .venv/test browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not alone" -n 2 --dist worksteal; found=$$?; \
	$(BIN)/python -m pytest -m alone && exit $$found

soak: SHELL := /bin/bash
soak: .SHELLFLAGS := -o pipefail -c
soak: .venv/test browser
	(date -u +%F; git log -1 --format="commit %h"; MEXA_SOAK=1 $(BIN)/python -m pytest -v -s \
		tests/test_faults.py tests/test_thousand.py tests/test_canary.py tests/test_engine.py \
		tests/test_kill.py tests/test_hostile.py tests/browser/test_links.py) 2>&1 | tr '\r' '\n' \
		| grep -E $(COUNTS) | grep -v -E $(NOISE) | tee benchmarks/soak.txt

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python cannot make a virtual environment. Type: sudo apt-get install python3-venv"; exit 1; }

.venv/app: .venv/bin/python requirements.txt requirements-eval.txt
	$(PIP) -r requirements-eval.txt
	touch $@

.venv/test: .venv/app tests/requirements.txt
	$(PIP) -r tests/requirements.txt
	touch $@

browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium; \
	else echo "Tests need a browser. Type: sudo apt-get install chromium"; exit 1; fi
