# Works in the environment that the README's test command makes.
BIN := .venv/bin

.PHONY: check test format ci

check: ## format, lint, types, import contract, tests with branch coverage
	.ci/run check

test:
	$(BIN)/pytest -n 2

format:
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

ci: ## everything, from a fresh clone in fresh environments
	.ci/run
