#!/bin/sh
# The largest module, 75 MB of clang, to text and back in both forms.
set -u
./dev build release >&2 || exit 1
exec python3 tests/round_trip/run.py --program build/release/tests/text_round_trip --only clang
