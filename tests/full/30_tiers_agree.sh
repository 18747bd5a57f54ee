#!/bin/sh
# One million generated programs interpreted, compiled and changing between both, and a part of them in each other
# configuration (tests/fuzz/agree.cc); two runs of other seeds side by side: results, traps, fuel, memories and globals
# must be equal.
set -u
./dev build release >&2 || exit 1
. tests/full/pair
pair agree build/release/tests/agree_corpus \
  "--count 500000 --seed 10000000 --cover-every 50 --configurations 10 --sampled" \
  "--count 500000 --seed 20000000 --cover-every 50 --configurations 10 --sampled"
