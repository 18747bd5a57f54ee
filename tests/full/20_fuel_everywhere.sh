#!/bin/sh
# The fuel examples with every budget in the wasm build (the plain run leaves out the longer ones there), and fib(20) natively.
set -u
./dev build release >&2 && ./dev build wasm >&2 || exit 1
python3 tests/fuel/run.py --full --engine build/release/bin/bls --node pinned --wasm build/wasm/bin/bls.wasm
