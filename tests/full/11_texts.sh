#!/bin/sh
# One million mutated inputs each for what reads texts of unknown origin (tests/fuzz/text_inputs.h): configuration files and
# command lines, JSON, URLs, XML and more, under the sanitizers, two seeds side by side.
set -u
./dev build asan-ubsan text_corpus >&2 || exit 1
. tests/full/pair
pair texts build/asan-ubsan/tests/text_corpus "--count 500000 --seed 1001" "--count 500000 --seed 2002"
