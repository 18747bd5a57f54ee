#!/bin/sh
# 64 children of blockless_cgi stream 1 GiB in total to one guest, whose memory stays flat.
set -u
./dev build >&2 || exit 1
CGI_BYTES=1073741824 exec python3 tests/cli/cgi.py --bin build/release/bin --only many_children
