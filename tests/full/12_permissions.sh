#!/bin/sh
# One million permission lists with URLs and questions under the address and undefined-behaviour sanitizers, two seeds
# side by side; permission_corpus compares the answers with what must hold for all of them.
set -u
./dev build asan-ubsan >&2 || exit 1
. tests/full/pair
pair permissions build/asan-ubsan/tests/permission_corpus "--count 500000 --seed 1001" \
  "--count 500000 --seed 2002"
