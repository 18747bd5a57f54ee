#!/bin/sh
# 50,000 generated programs on AArch64 under qemu, interpreted, compiled and changing between both, and a part of
# them in each other configuration (tests/fuzz/agree.cc); two runs of other seeds side by side.
set -u
./dev build a64-cross agree_corpus >&2 || {
  [ $? = 75 ] || exit 1
  echo "its packages cannot be installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}
. tests/full/pair
pair a64-agree build/a64-cross/emulated/agree_corpus \
  "--count 25000 --seed 30000000 --cover-every 25 --configurations 7" \
  "--count 25000 --seed 40000000 --cover-every 25 --configurations 7"
