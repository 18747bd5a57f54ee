#!/bin/sh
# One million mutated modules under the address and undefined-behaviour sanitizers, two seeds side by
# side. mutation_corpus checks each: accepted, or rejected in one line with an offset; no report, at
# most 10 s, the process under 1 GiB.
set -u
./dev build asan-ubsan >&2 || exit 1
corpus=build/asan-ubsan/tests/mutation_corpus
start=$(date +%s)
"$corpus" --count 500000 --seed 1001 >build/mutations-1.log 2>&1 &
"$corpus" --count 500000 --seed 2002 >build/mutations-2.log 2>&1
second=$?
wait $!
first=$?
cat build/mutations-1.log build/mutations-2.log
echo "both in $(($(date +%s) - start)) s"
sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' build/mutations-1.log build/mutations-2.log |
  awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed" }'
[ "$first" = 0 ] && [ "$second" = 0 ]
