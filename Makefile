# Every command makes the environment first, once. PYTHON=/path/to/python3.12 chooses the Python.
RUN := .venv/bin/python
ENV := @sh deploy/environment.sh
# Six processes start: each module is compiled once, not by every one of them at every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo ibkr boost test test-all test-quick bench bench-learning lint format migrations requirements clean

run: ; $(ENV) && exec $(RUN) manage.py up  ## the whole application on this machine
demo: ; $(ENV) && exec $(RUN) manage.py up --demo  ## the same with invented data, in var/demo
ibkr: ; $(ENV) ibkr  ## what manage.py capture_ibkr needs besides (docs/ibkr-live.md)
test: ; $(ENV) dev && exec $(RUN) -m pytest -n 2 --dist loadgroup  ## every test
test-all: ; $(ENV) dev && exec $(RUN) -m pytest -n 2 --dist loadgroup --exhaustive  ## and every case of them
test-quick: ; $(ENV) dev && exec $(RUN) -m pytest -n 2 --dist loadgroup -m "not slow and not browser"  ## without the slow ones
boost: ; $(ENV) boost  ## boosted trees for the probability model (docs/learning.md)
bench: ; $(ENV) dev && exec $(RUN) -m benchmarks  ## the numbers we promise
bench-learning: ; $(ENV) dev && exec $(RUN) -m benchmarks.learning  ## what the learner promises, on invented worlds whose truth is known
lint: ; $(ENV) dev && .venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/lint-imports && .venv/bin/mypy .
format: ; $(ENV) dev && .venv/bin/ruff check --fix . ; .venv/bin/ruff format .
migrations: ; $(ENV) dev && $(RUN) manage.py makemigrations --check --dry-run
requirements: ; $(ENV) dev && sh deploy/pin-requirements.sh
clean: ; rm -rf .venv .mypy_cache .ruff_cache .pytest_cache  ## keeps var/, which holds your data
