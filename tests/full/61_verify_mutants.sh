#!/bin/sh
# Faults made on purpose (preset mutate): the verifier of compiled code sees those of accesses from the code alone, and
# jit_bisect.py finds the function that has one.
set -u
./dev build mutate bls bls-verified >&2 || exit 1
exec python3 tests/full/verify_mutants.py --bin build/mutate
