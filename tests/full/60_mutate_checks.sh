#!/bin/sh
# Every check of compiled code left out in turn, on x86-64 and on AArch64 (emulated): a test has to fail each time.
set -u
./dev build mutate >&2 || exit 1
python3 tests/full/mutate_checks.py --bin build/mutate/bin >build/mutate-x64.log 2>&1
first=$?
cat build/mutate-x64.log
./dev build a64-mutate >&2
second=$?
: >build/mutate-a64.log
if [ "$second" = 75 ]; then
  echo 'NOT RUN for AArch64: its compiler cannot be had'
  second=0
elif [ "$second" = 0 ]; then
  python3 tests/full/mutate_checks.py --bin build/a64-mutate/bin --cpu a64 \
    --emulator 'qemu-aarch64 -cpu max,pauth-impdef=on -L /usr/aarch64-linux-gnu' >build/mutate-a64.log 2>&1
  second=$?
  cat build/mutate-a64.log
fi
sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' build/mutate-x64.log build/mutate-a64.log |
  awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed" }'
[ "$first" = 0 ] && [ "$second" = 0 ]
