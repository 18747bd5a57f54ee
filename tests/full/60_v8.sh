#!/bin/sh
# 100,000 generated programs in this engine and in Node's V8: how they end, results, memories, globals.
set -u
./dev build release >&2 || exit 1
tests/v8/run.py --seed 1000000 --count 100000
