#!/bin/sh
# CONTRIBUTING.md's `Add a numeric opcode`, followed in a copy of the tree, which is built.
set -u
exec python3 tests/dev/walkthrough.py --folder build/walkthrough
