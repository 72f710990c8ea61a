#!/bin/sh
# Pins requirements*.in to exact versions with hashes, for every platform and Python that we support.
set -eu
pin() { # pin NAME OPTION...
  name=$1; shift
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes "$@" \
    --no-emit-index-url --no-header --output-file "$name.txt" "$name.in"
}
pin requirements
pin requirements-ibkr --override deploy/ibkr-overrides.txt
pin requirements-boost
pin requirements-dev
if grep -nE 'https?://|--(extra-)?index' requirements.txt requirements-ibkr.txt requirements-boost.txt requirements-dev.txt; then
  echo "A pinned file names a host: remove the line above." >&2
  exit 1
fi
