#!/bin/sh
# One million mutated modules under the address and undefined-behaviour sanitizers, two seeds side by
# side. mutation_corpus checks each: accepted, or rejected in one line with an offset; no report, at
# most 10 s, the process under 1 GiB.
set -u
./dev build asan-ubsan >&2 || exit 1
. tests/full/pair
pair mutations build/asan-ubsan/tests/mutation_corpus "--count 500000 --seed 1001" \
  "--count 500000 --seed 2002"
