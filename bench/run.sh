#!/bin/sh
# All measurements, or one of them. `./dev bench` builds what is needed and calls this.
#   bench/run.sh [--full]          every part; --full: both sizes and more runs
#   bench/run.sh PART [ARGS...]    one part with its own arguments (PART --help tells them)
#   bench/run.sh --peers [ARGS...] side by side with every other engine that can be had
# Results of a whole run are kept as JSON in build/bench/results.
set -u
cd "$(dirname "$0")/.." || exit 1

usage() {
  cat <<'END'
usage: bench/run.sh [--full] | --peers [--quick] [--only WORD,...] | PART [ARGS...]
  --peers     side by side with other engines, installed by package name  (bench/side_by_side.py; --peers --help)
  report      a page, plots, tables of such results; --publish, --readme  (bench/report)
  compare     A B: changes beyond noise between two   (bench/compare)
  counts      instructions under callgrind            (bench/counts.py)
  programs    the corpus, engine against native       (bench/run.py)
  baseline    the corpus, the baseline compiler against Liftoff and, where there is jsc, BBQ  (bench/baseline.py)
  fuel        the corpus, fuel on against fuel off    (bench/run.py --fuel)
  validate    decode + validate against Node          (bench/validate.py)
  compile     the baseline compiler against Liftoff   (bench/compile.py)
  text        printing and parsing wat                (bench/text.py)
  gc          allocation, casts, exceptions, against Node  (bench/gc.py)
  deadline    the delay past --run-time               (bench/deadline.py)
  http        requests and calls of the extensions, against libcurl  (bench/http_calls.py)
  launch      process start, memory, clang's _start   (bench/launch.py)
  micro       Google Benchmark programs               (build/release/bench/*_bench)
END
}

part_micro() {
  found=
  for program in build/release/bench/*_bench; do
    [ -x "$program" ] || continue
    found=yes
    printf '\n%s\n' "${program##*/}"
    "$program" --benchmark_min_time=0.1 --benchmark_repetitions=3 \
      --benchmark_report_aggregates_only=true --benchmark_color=false "$@" 2>&1 || return 1
  done
  [ "$found" ] || {
    echo 'bench: no micro benchmarks are built (configure with BLS_BENCH=ON)' >&2
    return 1
  }
}

part() {
  name=$1
  shift
  case $name in
    programs) python3 bench/run.py "$@" ;;
    baseline) python3 bench/baseline.py "$@" ;;
    --peers | peers) python3 bench/side_by_side.py "$@" ;;
    report) python3 bench/report "$@" ;;
    compare) python3 bench/compare.py "$@" ;;
    counts) python3 bench/counts.py "$@" ;;
    fuel) python3 bench/run.py --fuel "$@" ;;
    validate) python3 bench/validate.py "$@" ;;
    compile) python3 bench/compile.py "$@" ;;
    text) python3 bench/text.py "$@" ;;
    gc) python3 bench/gc.py "$@" ;;
    deadline) python3 bench/deadline.py "$@" ;;
    http) python3 bench/http_calls.py "$@" ;;
    launch) python3 bench/launch.py "$@" ;;
    micro) part_micro "$@" ;;
    *) usage >&2; return 2 ;;
  esac
}

case ${1-} in
  '') size=small runs=5 ;;
  --full) size=both runs=7 ;;
  -h | --help) usage; exit 0 ;;
  *) part "$@"; exit ;;
esac

results=build/bench/results
mkdir -p "$results"
stamp=$(date -u +%Y%m%dT%H%M%SZ)
failed=
for name in programs baseline fuel validate compile text gc deadline http launch micro; do
  printf '\n== %s\n' "$name"
  case $name in
    programs) set -- --size "$size" --runs "$runs" --json "$results/$stamp-$name.json" ;;
    baseline | fuel) set -- --size small --runs "$runs" --json "$results/$stamp-$name.json" ;;
    micro) set -- ;;
    *) set -- --json "$results/$stamp-$name.json" ;;
  esac
  part "$name" "$@" || failed="$failed $name"
done
if [ "$failed" ]; then
  echo "bench: failed:$failed" >&2
  exit 1
fi
