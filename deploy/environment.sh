#!/bin/sh
# Makes .venv with the newest Python that fits and installs the pinned requirements; with `ibkr`, what speaks to TWS; with
# `boost`, boosted trees; with `dev`, both and the tools for tests too. Does nothing when it has been done: .venv keeps a stamp of what was installed.
set -eu
kind=${1:-}

fits() { "$1" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 15)))' >/dev/null 2>&1; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    if fits "$PYTHON"; then echo "$PYTHON"; return; fi
    echo "Fillbook needs Python 3.11 or newer, and PYTHON=$PYTHON is $("$PYTHON" -V 2>&1 || true)." >&2
    exit 1
  fi
  for candidate in python3.13 python3.12 python3.11 python3.14 python3; do
    if fits "$candidate"; then echo "$candidate"; return; fi
  done
  echo "Fillbook needs Python 3.11 or newer, and this machine has $(python3 -V 2>&1 || echo none): install one, or name it with PYTHON=/path/to/python3.11." >&2
  exit 1
}

stamp() { cat "$@" | cksum; }

install() { # install STAMP FILE...
  mark=".venv/.$1"
  # Its list is whole, and looser than what the packages in it say of each other (deploy/ibkr-overrides.txt).
  alone=""; [ "$1" = fillbook-ibkr ] && alone="--no-deps"
  shift
  wanted=$(stamp "$@")
  [ "$(cat "$mark" 2>/dev/null || true)" = "$wanted" ] && return
  echo "Installing what $* names (once; a minute or two) ..."
  files=""; for file in "$@"; do files="$files -r $file"; done
  # Who works on it imports but a part of it all, and compiles that once.
  later=""; [ "$kind" = dev ] && later="--no-compile"
  # shellcheck disable=SC2086
  .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes \
    $alone $later $files > .venv/install.log 2>&1 & pid=$!
  trap 'kill $pid 2>/dev/null; exit 130' INT TERM
  while kill -0 $pid 2>/dev/null; do
    sleep 2
    [ -t 1 ] && printf '\r  %s packages fetched ' "$(grep -cE '^ *(Downloading|Using cached) ' .venv/install.log || true)"
  done
  trap - INT TERM
  [ -t 1 ] && echo
  if ! wait $pid; then
    tail -n 5 .venv/install.log >&2
    echo "The requirements could not be installed; the whole story is in .venv/install.log." >&2
    exit 1
  fi
  echo "$wanted" > "$mark"
}

if ! [ -x .venv/bin/python ] || ! fits .venv/bin/python; then
  python=$(find_python)
  echo "Making .venv with $("$python" -V) ..."
  rm -rf .venv
  if ! "$python" -m venv .venv; then
    rm -rf .venv
    echo "$python cannot make a virtual environment: on Debian and Ubuntu, install python3-venv." >&2
    exit 1
  fi
fi
if [ "$kind" = dev ]; then
  install fillbook-dev requirements.txt requirements-dev.txt
  stamp requirements.txt > .venv/.fillbook
fi
install fillbook requirements.txt
if [ "$kind" = dev ] || [ "$kind" = ibkr ]; then install fillbook-ibkr requirements-ibkr.txt; fi
if [ "$kind" = dev ] || [ "$kind" = boost ]; then install fillbook-boost requirements-boost.txt; fi
