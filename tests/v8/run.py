#!/usr/bin/env python3
"""Generated programs in this engine and in V8: how they end, results, memories and globals must be equal.

    tests/v8/run.py [--seed S] [--count N] [--jobs J] [--programs build/release/tests/v8_programs] [--node PATH]
    tests/v8/run.py --one SEED [--dump PREFIX]

Program i has seed S + i; v8_programs makes it and runs it here, compare.mjs there, in the Node all tests use
(--node: another). What V8 lacks or may decide by itself is not generated: relaxed SIMD, wide arithmetic, small
pages; NaNs that arithmetic makes are made canonical by the programs themselves. A run of 1000 programs or more
fails as well when most programs trap. Closing line: `N passed, N failed`.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import fetch, paths, toolchain  # noqa: E402

AT_ONCE = 2500  # programs of one Node process


def run_part(options, node: str, seed: int, count: int) -> dict:
    command = [options.programs, "--seed", str(seed), "--count", str(count)]
    if options.dump:
        command += ["--dump", options.dump]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as programs:
        words = [node, "--no-warnings", "--expose-gc", str(HERE / "compare.mjs"), *([options.dump] if options.dump else [])]
        done = subprocess.run(words, stdin=programs.stdout, capture_output=True, text=True)
        programs.stdout.close()
    sys.stderr.write(done.stderr)
    if done.returncode or programs.returncode:
        print(f"seeds {seed} to {seed + count - 1}: Node ended with {done.returncode}, "
              f"v8_programs with {programs.returncode}", file=sys.stderr)
        return {"programs": 0, "failed": count, "bytes": 0, "ends": {}}
    totals = json.loads(done.stdout)
    totals["failed"] += count - totals["programs"]
    return totals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--one", type=int, metavar="SEED", help="the program of this seed only")
    parser.add_argument("--dump", metavar="PREFIX", help="write modules and memories of the last program")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="pairs of processes")
    parser.add_argument("--programs", default=str(paths.BUILD / "release" / "tests" / "v8_programs"))
    parser.add_argument("--node")
    options = parser.parse_args()
    if options.one is not None:
        options.seed, options.count = options.one, 1
    try:
        node = options.node or toolchain.node()
        version = subprocess.run([node, "-p", "process.versions.v8"], capture_output=True, text=True).stdout.strip()
    except (fetch.FetchError, OSError) as error:
        print(f"no Node: {error}\n0 passed, 1 failed")
        return 1
    start = time.monotonic()
    end = options.seed + options.count
    parts = [(seed, min(AT_ONCE, end - seed)) for seed in range(options.seed, end, AT_ONCE)]
    failed = size = modules = 0
    ends: dict[str, int] = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for totals in pool.map(lambda part: run_part(options, node, *part), parts):
            failed += totals["failed"]
            size += totals["bytes"]
            modules += 3 * totals["programs"]
            for kind, number in totals["ends"].items():
                ends[kind] = ends.get(kind, 0) + number
    for kind, number in sorted(ends.items(), key=lambda item: -item[1]):
        print(f"{number:9} {kind}")
    print(f"V8 {version}: seeds {options.seed} to {end - 1}, {modules} modules, {size / 1e6:.1f} MB, "
          f"{time.monotonic() - start:.0f} s, {failed} divergences")
    if options.count >= 1000 and 2 * ends.get("ok", 0) < options.count:
        print("the programs are too weak for a test: most of them trap")
        failed += 1
    print(f"{options.count - min(failed, options.count)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
