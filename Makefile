# `make run` and `make test` are all one needs: each sets up .venv in this checkout first, where that is not done yet.
.PHONY: run test lint fmt cover bench lock engine picture clean
.DEFAULT_GOAL := run

bin := .venv/bin
code := src tests $(wildcard bench docs/picture.py docs/live_picture.py hatch_build.py)

.venv/ready: .python-version pyproject.toml requirements.lock .ci/set-up $(wildcard hatch_build.py)
	@.ci/set-up

# Usage of this machine, then the server's address, until Ctrl-C; or whatever ARGS says: make run ARGS="daily --since 7d".
# Where nobody looks on, as in CI, there is nobody to end it: then it ends after the first.
run: .venv/ready
	@$(bin)/tally $(ARGS)
ifeq ($(strip $(ARGS)),)
	@if [ -t 1 ]; then exec $(bin)/tally serve --open; else echo "\`make run\` in a terminal goes on and serves a page of it."; fi
endif

# Everything that CI checks. Each line says what runs, so that it can be run alone.
test: lint
	$(bin)/pytest

# What needs no run: format, lint, types, import contracts.
lint: .venv/ready
	$(bin)/ruff format --check $(code)
	$(bin)/ruff check $(code)
	$(bin)/mypy $(code)
	$(bin)/lint-imports --no-logo

# Formats, and mends what can be mended without a decision.
fmt: .venv/ready
	$(bin)/ruff check --fix-only $(code)
	$(bin)/ruff format $(code)

# Which lines the tests never reach.
cover: .venv/ready
	$(bin)/coverage run -m pytest -q
	$(bin)/coverage report

# Speed and memory on generated logs; ARGS goes to the script.
bench: .venv/ready
	@$(bin)/python bench/run.py $(ARGS)
	@$(bin)/python bench/forecast.py
	@$(bin)/python bench/statusline.py
	@$(bin)/python bench/live.py

# Writes requirements.lock from pyproject.toml: versions and hashes, no addresses. ARGS=--upgrade takes new versions.
lock: .venv/ready
	$(bin)/uv pip compile pyproject.toml --all-extras --group dev --quiet --universal --python-version 3.12 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.lock $(ARGS)
	$(bin)/uv pip compile --group engine --constraint requirements.lock --quiet --universal --python-version 3.12 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.engine.lock $(ARGS)

# ClickHouse's engine as a library, without which the tests of the ledger on it are passed over.
engine: .venv/ready
	$(bin)/uv pip install --quiet --python .venv --require-hashes --requirement requirements.engine.lock

# The pictures in README and docs, from the demo ledger; the second needs Chromium.
picture: .venv/ready
	$(bin)/tally demo --timezone Europe/Berlin --svg docs/overview.svg
	$(bin)/python docs/picture.py docs/dashboard.png
	$(bin)/python docs/live_picture.py docs/live.svg

# Back to a fresh checkout.
clean:
	rm -rf .venv .uv dist src/tallystick/prices/book.bin
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
