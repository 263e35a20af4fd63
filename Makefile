# What a newcomer runs. Only Python 3.11+ and make are needed; the rest is set up on the way.

PYTHON  ?= python3
PORT    ?= 8000
WORKERS ?= 2

BIN := .venv/bin
READY := .venv/.installed
TRANSLATIONS := subnotify/translations

.PHONY: help demo test test-full check bench format translations world-map clean

help:
	@echo "make demo        a vendor with clients and changes, on http://127.0.0.1:$(PORT) (PORT=... for another)"
	@echo "make test        style, types, and every test but the long ones"
	@echo "make test-full   the long ones too"
	@echo "make bench       measures, one JSON object a line"
	@echo "make format      put the code into the one format"
	@echo "make translations  bring the .po files in line with the texts of code and templates"
	@echo "make world-map   draw the countries of the world map anew (needs npm)"

demo: $(READY)
	@PORT=$(PORT) $(BIN)/subnotify demo

test: check
	$(BIN)/python -m tests.support.provision
	$(BIN)/pytest -q -n $(WORKERS) -m "not serial and not full"
	$(BIN)/pytest -q -m "serial and not full"

test-full: check
	$(BIN)/python -m tests.support.provision
	$(BIN)/pytest -q -n $(WORKERS) -m "not serial"
	$(BIN)/pytest -q -m "serial"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m tests.bench

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Texts that are gone leave the .po, new ones come in empty; tests/test_translations.py then names
# what is left to translate.
translations: $(READY)
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file $(TRANSLATIONS)/babel.cfg --add-location=file \
	  --sort-by-file --project subnotify --output-file build/messages.pot .
	$(BIN)/pybabel --quiet update --input-file build/messages.pot --output-dir $(TRANSLATIONS) \
	  --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date --width 100

# The map's geometry, drawn anew from Natural Earth (needs npm); kept in the repository, since it
# changes only with the borders of the world.
world-map: $(READY)
	@mkdir -p build
	cd build && npm pack --silent world-atlas@2.0.2
	$(BIN)/python -m tests.support.world_map build/world-atlas-2.0.2.tgz

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Done again when what it reads has changed.
.venv/.installed: pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or later is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "error: this Python makes no environments; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing subnotify and what it needs into .venv (a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
