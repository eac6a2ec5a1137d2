# Works in the environment that the README's test command makes.
BIN := .venv/bin

.PHONY: check test check-sweep check-frameworks format ci check-cluster check-notebook check-browser site

check: ## format, lint, types, import contract, tests with branch coverage
	.ci/run check

test:
	$(BIN)/pytest -n 2

check-sweep: ## every shipped network at ten sizes, as lanes and alone; each written as YAML and ONNX and read again
	$(BIN)/pytest -q -m whole tests/search tests/writers

check-frameworks: ## readers held against onnxruntime and PyTorch, in an environment of its own
	test -x .venv-frameworks/bin/pytest || python3 -m venv .venv-frameworks
	.venv-frameworks/bin/python -m pip install --quiet -e '.[dev,frameworks]'
	.venv-frameworks/bin/python -m pip install --quiet --no-deps ultralytics
	.venv-frameworks/bin/pytest -q -m frameworks

check-cluster: ## sweeps on a local Dask cluster, and Parquet; needs the extras parquet and cluster
	$(BIN)/pytest -q -m cluster tests/search

check-notebook: ## the session of docs/notebook.md in a kernel, in an environment of its own
	test -x .venv-notebook/bin/pytest || python3 -m venv .venv-notebook
	.venv-notebook/bin/python -m pip install --quiet -e '.[dev,notebook]'
	.venv-notebook/bin/pytest -q -m notebook tests/docs

site: ## documentation and playground in build/site, in an environment of its own; needs npm
	test -x .venv-site/bin/zensical || python3 -m venv .venv-site
	.venv-site/bin/python -m pip install --quiet -r docs/requirements.txt
	.venv-site/bin/zensical build --strict
	.venv-site/bin/python playground/assemble.py build/site/play

check-browser: site ## report page, site and playground in Chromium, in an environment of its own; needs chromium, chromedriver and npm
	test -x .venv-browser/bin/pytest || python3 -m venv .venv-browser
	.venv-browser/bin/python -m pip install --quiet -e '.[dev]' -r tests/browser/requirements.txt
	.venv-browser/bin/pytest -q -m browser tests/browser

mutants: ## one operator or number changed at a time: which no test notices (ONLY=model/ops for a part)
	$(BIN)/python -m tests.mutation $(ONLY)

format:
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

ci: ## everything, from a fresh clone in fresh environments
	.ci/run
