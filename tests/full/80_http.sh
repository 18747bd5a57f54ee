#!/bin/sh
# A gigabyte of a response, over HTTP/1.1 and over TLS with HTTP/2, streams to the guest in flat memory; the other tests of
# the suite along with it.
set -u
./dev build release >&2 || exit 1
BLS_STREAMED_MIB=1024 exec python3 tests/cli/http_calls.py --bin build/release/bin
