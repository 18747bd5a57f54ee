#!/bin/sh
# blockless_ipfs with a real node (js-ipfs), where its npm package can be had: the recorded exchanges again.
set -u
./dev build release >&2 || exit 1
exec python3 tests/full/ipfs_node.py --bin build/release/bin --work build/ipfs_node
