#!/bin/sh
# One million archives, most of them damaged or hostile, under the address and undefined-behaviour
# sanitizers, two seeds side by side. car_corpus checks each: accepted, or refused in one line; no name
# that leads elsewhere, no report, at most 10 s, the process under 1 GiB.
set -u
./dev build asan-ubsan >&2 || exit 1
. tests/full/pair
pair archives build/asan-ubsan/tests/car_corpus "--count 500000 --seed 1001" \
  "--count 500000 --seed 2002"
