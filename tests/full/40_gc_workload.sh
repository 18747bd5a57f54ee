#!/bin/sh
# Minutes of allocation under a limit of 2 MiB: neither what the store counts nor the process may grow beyond it.
./dev build release >&2 || exit 1
exec python3 tests/gc/run.py --engine build/release/bin/bls --seconds 150
