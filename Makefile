# make demo | test | check: each makes .venv and installs what is needed, from a bare clone.
# On Windows use the plain python and pip lines of the README.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EARS := .venv-ears
EARS_PYTHON ?= python3.11
EARS_ARGS ?=
PYTEST_ARGS ?=
SOAK_ARGS ?=
INSTALLED := $(VENV)/.installed

.PHONY: help install system demo serve doctor readme device test check lint ears soak ardour clean

help:
	@echo "make demo    a daemon, and requests over UDP: a piano band, a house track, a loop and an edit"
	@echo "make serve   the daemon and its page in the browser, until Ctrl-C; it prints the page's address"
	@echo "make doctor  what works on this machine, and the remedy for what does not"
	@echo "make test    every test"
	@echo "make check   style, types, layers, then every test (what CI runs)"
	@echo "make soak    floods, kills, full disks and lost devices for minutes (SOAK_ARGS=\"--packets 1000000\": for hours)"
	@echo "make ardour  the scripts for Ardour in a real Ardour without a window (apt-get install ardour)"
	@echo "make ears REAL=FOLDER MADE=\"FOLDER OTHER\"   what outside programs hear in clips (tests/outside_ears)"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is too old: msanii-bridge needs Python 3.11 or newer. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (PyTorch is large: a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@

system:
	@if [ "$$(uname -s)" = Linux ]; then \
	  ldconfig -p 2>/dev/null | grep -q libportaudio || PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q libportaudio || \
	    echo "PortAudio is missing: sudo apt-get install libportaudio2 (listening through the sound card; going on without)"; \
	  command -v fluidsynth >/dev/null || \
	    echo "FluidSynth is missing: sudo apt-get install fluidsynth fluid-soundfont-gm (training data; going on without)"; \
	fi

demo: install system
	@$(BIN)/python -m bridge demo

serve: install system
	@$(BIN)/python -m bridge serve

doctor: install
	@$(BIN)/python -m bridge doctor

# The OSC table in bridge/README.md, and the layout for Open Stage Control, follow bridge/addresses/table.py.
readme: install
	@$(BIN)/python -m bridge addresses --write bridge/README.md
	@$(BIN)/python -m bridge addresses --open-stage-control presets/controllers/open_stage_control.json

# The Max for Live device follows its description in max_for_live/, and that bridge/parameters.py and addresses/table.py.
device: install
	@$(BIN)/python -m max_for_live.build_device

lint: install
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

# Tests wait for processes and, those in real time, for sound: three files at a time keep two cores busy.
test: install system
ifeq ($(strip $(PYTEST_ARGS)),)
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not calm"
	$(BIN)/python -m pytest -n 3 --dist loadfile -m calm
else
	$(BIN)/python -m pytest $(PYTEST_ARGS)
endif

check: lint
	$(MAKE) --no-print-directory test

# Each program of tests/soak prints its figures, and fails if something was lost.
soak: install system
	@$(BIN)/python -m tests.soak $(SOAK_ARGS)

# Places takes by max_for_live/other_daws/ardour in a session, and reads it back.
ardour: install
	@$(BIN)/python -m tests.max_for_live.other_daws.ardour_session

# The outside judges need numpy 1 and Python 3.11, so they live apart. Their list is whole: with --no-deps
# basic-pitch does without TensorFlow, since its network comes as ONNX too.
ears: $(EARS)/.installed
	@$(EARS)/bin/python tests/outside_ears/listen.py --real $(REAL) $(addprefix --made ,$(MADE)) $(EARS_ARGS)

$(EARS)/.installed: tests/outside_ears/requirements.txt
	@test -x $(EARS)/bin/python || $(EARS_PYTHON) -m venv $(EARS)
	@echo "installing the judges into $(EARS)"
	@$(EARS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
