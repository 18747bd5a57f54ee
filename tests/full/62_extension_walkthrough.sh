#!/bin/sh
# CONTRIBUTING.md's `Add an extension`, followed in a copy of the tree, which is built.
set -u
exec python3 tests/dev/extension_walkthrough.py --folder build/extension_walkthrough
