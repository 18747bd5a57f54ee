#!/bin/sh
# The worker node (b7s): the contract with it, and the published node itself where its modules can be had.
set -u
./dev build release >&2 || exit 1
exec python3 tests/full/worker_node.py --bin build/release/bin --work build/worker_node
