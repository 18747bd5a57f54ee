#!/bin/sh
# Instruction counts under callgrind: silent between two counts of one build, and a kernel that does 5 % more is told.
./dev bench counts --out build/bench/counts.json spin >&2 || exit 1
exec python3 tests/dev/bench_counts.py
