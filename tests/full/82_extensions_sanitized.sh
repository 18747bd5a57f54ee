#!/bin/sh
# The suites of the extensions with programs built with the address and undefined-behaviour sanitizers, and those in which
# threads meet (the helper, signals, handles used by several threads) with the thread sanitizer. A report of a sanitizer,
# wherever it was printed, is a failure.
set -u
./dev build asan-ubsan extensions_test bls bls-full >&2 && ./dev build tsan extensions_test bls bls-full >&2 || exit 1
export BLS_SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=second_deadlock_stack=1
passed=0
failed=0

# suite PRESET NAME PROGRAM...: runs it, and adds what it counted.
suite() {
  log=build/$1-$2.log
  shift 2
  "$@" >"$log" 2>&1 || {
    failed=$((failed + 1))
    tail -n 40 "$log"
  }
  if reports=$(grep -E 'Sanitizer|runtime error:' "$log"); then
    failed=$((failed + 1))
    printf '%s:\n%s\n' "$log" "$reports"
  fi
  count=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p; s/^\[  PASSED  \] \([0-9]*\) tests*\.$/\1/p' "$log")
  echo "$log: ${count:-0} passed"
  passed=$((passed + ${count:-0}))
}

for name in extensions extension_threads cgi http_calls http_hostile rpc s3 ipfs llm; do
  suite asan-ubsan "$name" python3 "tests/cli/$name.py" --bin build/asan-ubsan/bin
done
suite asan-ubsan extensions_test build/asan-ubsan/tests/extensions_test
for name in extensions extension_threads cgi http_calls http_hostile llm; do
  suite tsan "$name" python3 "tests/cli/$name.py" --bin build/tsan/bin
done
suite tsan extensions_test build/tsan/tests/extensions_test
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
