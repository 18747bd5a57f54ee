#!/bin/sh
# One million generated programs through every interpreter configuration, two runs of other seeds
# side by side: results, traps, fuel, memories and globals must be equal.
set -u
./dev build release >&2 || exit 1
corpus=build/release/tests/agree_corpus
start=$(date +%s)
"$corpus" --count 500000 --seed 10000000 --cover-every 50 >build/agree-1.log 2>&1 &
"$corpus" --count 500000 --seed 20000000 --cover-every 50 >build/agree-2.log 2>&1
second=$?
wait $!
first=$?
cat build/agree-1.log build/agree-2.log
echo "both in $(($(date +%s) - start)) s"
sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' build/agree-1.log build/agree-2.log |
  awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed" }'
[ "$first" = 0 ] && [ "$second" = 0 ]
