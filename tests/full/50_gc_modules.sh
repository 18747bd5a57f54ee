#!/bin/sh
# The Dart formatter on the larger source with a collection at every allocation: some two minutes.
set -u
./dev build release >&2 || exit 1
exec python3 tests/gc_modules/run.py --stress
