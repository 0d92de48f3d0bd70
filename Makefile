# Parley's commands. Each sets up what it needs: a virtual environment in .venv and the
# dependencies pinned in requirements/. Nothing but make and Python 3.11 or newer is expected.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check bench lock setup setup-dev clean

PORT ?= 8000
BIND ?= 127.0.0.1
export PORT BIND
export PYTHONUNBUFFERED := 1

venv := .venv
python := $(venv)/bin/python

help:
	@echo 'make run    the site with demo content at http://localhost:$(PORT)  (PORT= to change)'
	@echo 'make test   the whole suite on SQLite and PostgreSQL  (DB=sqlite|postgresql, ARGS="tests/blog -k x")'
	@echo 'make check  lint, format, import graph, types, migrations, deployment checks'
	@echo 'make bench  the measures in bench/  (ARGS="name ...")'
	@echo 'make lock   pin the newest dependencies that pyproject.toml allows'
	@echo 'make clean  remove .venv and the caches; var/, where the data is, stays'

# ---- The virtual environment -----------------------------------------------------------------
# A copy of the lock inside .venv tells whether anything has to be installed at all.

$(python):
	@rm -rf $(venv); without_venv=; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; \
	    then found=$$candidate; break; else without_venv=$$candidate; fi; \
	done; \
	if [ -z "$$found" ] && [ -n "$$without_venv" ]; then \
	    echo "$$without_venv cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; \
	    exit 1; \
	elif [ -z "$$found" ]; then \
	    echo 'Parley needs Python 3.11 or newer, and none is on the PATH. On Debian or Ubuntu:' \
	        'apt install python3 python3-venv; elsewhere see python.org. Or: make PYTHON=/path/to/python3'; \
	    exit 1; \
	fi; \
	echo "Making the virtual environment in $(venv) with $$found ..."; \
	"$$found" -m venv $(venv) || { rm -rf $(venv); \
	    echo "The virtual environment could not be made. Is the disk full, or this folder not yours to write to?"; exit 1; }

define install
	@cmp -s requirements/$(1).txt $(venv)/$(1).lock || { \
	    echo 'Installing the dependencies pinned in requirements/$(1).txt ...'; \
	    $(python) -m pip install --disable-pip-version-check --no-input --prefer-binary \
	        --require-hashes --requirement requirements/$(1).txt \
	    && cp requirements/$(1).txt $(venv)/$(1).lock \
	    || { echo 'The dependencies could not be installed (the reason stands above).' \
	        'Check the network and run make again; if that does not help: make clean, then once more.'; exit 1; }; }
endef

setup: $(python)
	$(call install,run)

setup-dev: $(python)
	$(call install,dev)
	@cmp -s requirements/run.txt $(venv)/run.lock || cp requirements/run.txt $(venv)/run.lock

# ---- The four commands -----------------------------------------------------------------------
# Demo content is for a database that this very run has made, never for one that was there: the
# note "demo-wanted" is laid down before the database exists and becomes "demo-loaded" at the end.

run: setup
	@$(python) -c 'import socket, sys; s = socket.socket(); \
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((sys.argv[1], int(sys.argv[2])))' \
	    "$$BIND" "$$PORT" 2>/dev/null \
	    || { echo "$$BIND:$$PORT cannot be listened on: another program has it, or it is not a port." \
	        "Try: make run PORT=8001"; exit 1; }
	@data=$${VAR_DIR:-var}; mkdir -p "$$data" || exit 1; \
	if [ -z "$$DATABASE_URL" ] && [ ! -e "$$data/parley.sqlite3" ]; then : > "$$data/demo-wanted"; fi; \
	echo 'Bringing the database up to date ...'; \
	$(python) manage.py migrate --no-input --verbosity 0 \
	    || { echo "The database could not be brought up to date: the reason stands above. Nothing was served."; exit 1; }; \
	$(python) manage.py renew_comments \
	    || { echo "What is stored of the comments could not be renewed: the reason stands above."; exit 1; }; \
	if [ -e "$$data/demo-wanted" ]; then \
	    echo 'Writing the demo content: some seconds, this once ...'; \
	    LOG_LEVEL=$${LOG_LEVEL:-WARNING} $(python) manage.py demo && mv "$$data/demo-wanted" "$$data/demo-loaded" \
	        || { echo "The demo content could not be written: the reason stands above. Run make again to retry," \
	            "or remove $$data/demo-wanted to start without it."; exit 1; }; \
	elif [ -e "$$data/demo-loaded" ]; then \
	    echo 'Sign in as alice@example.org (author), carl@example.org (contributor), bob@example.org (reader)' \
	        'or mona@example.org (editor); the password is parley-demo.'; \
	fi; \
	$(python) manage.py collectstatic --no-input --verbosity 0 \
	    || { echo "The static files could not be collected: the reason stands above."; exit 1; }; \
	exec $(venv)/bin/gunicorn --config config/gunicorn.py config.wsgi:application

test: setup-dev
	@$(python) -m tests $(if $(DB),--db $(DB)) $(ARGS)

# Every step runs, whatever the one before it said; the last line names those that failed.
check: setup-dev
	@scratch=$$(mktemp -d) || exit 1; trap 'rm -rf "$$scratch"' EXIT; trap 'exit 130' INT TERM HUP; \
	unset SECRET_KEY ALLOWED_HOSTS DATABASE_URL CACHE_URL EMAIL_URL DEBUG HTTPS; \
	export VAR_DIR="$$scratch"; PATH="$$PWD/$(venv)/bin:$$PATH"; failed=; \
	step() { name=$$1; shift; printf '\n== %s\n' "$$name"; "$$@" || failed="$$failed, $$name"; }; \
	step 'ruff: lint' ruff check; \
	step 'ruff: format' ruff format --check; \
	step 'import graph' lint-imports --no-logo; \
	step 'types' mypy; \
	step 'migrations' python manage.py makemigrations --check --dry-run; \
	step 'deployment' env SECRET_KEY="$$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	    ALLOWED_HOSTS=example.org DATABASE_URL="sqlite:///$$scratch/deploy.sqlite3" \
	    CACHE_URL=rediscache://127.0.0.1:6379/0 \
	    python manage.py check --deploy --fail-level WARNING; \
	step 'static files' python manage.py collectstatic --no-input --verbosity 0; \
	if [ -n "$$failed" ]; then \
	    printf '\nNot right yet: %s. (make format puts the format right.)\n' "$${failed#, }"; exit 1; \
	fi; \
	printf '\nEvery check passed.\n'

bench: setup-dev
	@$(python) -m bench $(ARGS)

# ---- Upkeep ----------------------------------------------------------------------------------

.PHONY: format
format: setup-dev
	@$(venv)/bin/ruff check --fix; $(venv)/bin/ruff format

# uv reads pyproject.toml and writes locks that hold for every platform and Python from 3.11 on.
# It lives in its own environment, thrown away afterwards. "make lock UPGRADE=" keeps every
# version that still fits and only adds or removes what pyproject.toml added or removed.
UPGRADE ?= --upgrade
lock: $(python)
	@tools=$$(mktemp -d) || exit 1; trap 'rm -rf "$$tools"' EXIT; \
	$(python) -m venv "$$tools" && "$$tools/bin/python" -m pip install --quiet uv || exit 1; \
	compile() { "$$tools/bin/uv" --no-config pip compile --quiet --no-header --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url $(UPGRADE) pyproject.toml "$$@"; }; \
	compile --output-file requirements/run.txt \
	&& compile --group dev --constraint requirements/run.txt --output-file requirements/dev.txt \
	&& echo "The locks are written; make test tells whether the new versions fit."

clean:
	rm -rf $(venv) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
