# make demo | test | test-r | lint | bench: each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= demo
WORKERS ?= 2

.PHONY: demo test test-r r lint bench format lock chromium clean

demo: $(STAMP)
	$(BIN)/myocohort demo --out $(OUT)

test: $(STAMP) chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# The comparisons with R, which `make test` leaves out.
test-r: $(STAMP) r
	$(BIN)/python -m pytest -n $(WORKERS) -m r tests/stats/r

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python benchmarks/run_all.py

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The locked versions are the ones that CI and developers use; users get the ranges.
$(STAMP): pyproject.toml requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

# The browser tests use Debian's Chromium. It is installed where that is allowed; where it is
# not, those tests are skipped with a message, and fail under CI=true.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing chromium from Debian's packages" && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	  else \
	    echo "No chromium: the browser tests need it. Debian: apt-get install chromium"; \
	  fi

# R and the packages of the comparisons, from Debian. Where they may not be installed, what is
# missing is said, and the tests that need it are skipped with a message.
R_PACKAGES := brglm2 pROC psych mice boot coin epiR rms geepack lme4 MASS survival lmerTest mitml
r:
	@missing=""; \
	if command -v Rscript >/dev/null; then \
	  for package in $(R_PACKAGES); do \
	    Rscript --vanilla -e "quit(status = !requireNamespace('$$package', quietly = TRUE))" \
	      >/dev/null 2>&1 || missing="$$missing $$package"; \
	  done; \
	else missing=" $(R_PACKAGES)"; fi; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	debian="r-base-core $$(for package in $$missing; do echo r-cran-$$package; done | tr '[:upper:]' '[:lower:]' | tr '\n' ' ')"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing for R from Debian's packages" && \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$debian && exit 0; \
	fi; \
	echo "Missing for R:$$missing. Debian: apt-get install $$debian"

lock: $(STAMP)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
