#!/usr/bin/env python3
"""Decode and validation speed on one thread: ours against WebAssembly.validate of the pinned Node, in the same run.

    bench/validate.py [--rounds N] [--json OUT] [--command CMD]

The two modules are esbuild's (19.9 MB, Go) and clang's (75.5 MB, C++). Each round runs Node and then ours on each
module, every process doing one warm-up and REPEATS timed validations from memory. Times are CPU seconds of the
validating thread's process; Node runs with --single-threaded, which makes V8 validate on its main thread. The speed
printed is the reciprocal ratio: above 1 ours is faster.
"""

import argparse
import json
import pathlib
import shlex

import common
import run
from common import BENCH, ROOT, geomean, median, spread

# The one place that says how ours is called: the command is followed by REPEATS FILE and prints one JSON line with
# "bytes", "valid" and "seconds", a list.
OURS = [str(ROOT / "build" / "release" / "bench" / "validate_speed")]
NODE_FLAGS = ["--no-warnings", "--single-threaded"]
REPEATS = "3"
FLOOR, GOAL = 0.8, 1.2


def modules(corpus):
    return {
        "esbuild": common.fetch_npm(corpus, "@esbuild/wasi-preview1") / "package" / "esbuild.wasm",
        "clang": common.fetch_npm(corpus, "@yowasp/clang") / "package" / "gen" / "llvm.core.wasm",
    }


def time_validation(command, module):
    """CPU seconds of each timed validation."""
    line = json.loads(common.run_quiet([*command, REPEATS, module]).splitlines()[-1])
    if not line["valid"]:
        raise common.BenchError(f"{pathlib.Path(str(command[0])).name} calls {module.name} invalid: {line.get('error', '')}")
    return line["seconds"]


def main():
    parser = argparse.ArgumentParser(description="Compare decode and validation speed with Node.")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both sides (default 3)")
    parser.add_argument("--command", help="another program to compare with Node, called with REPEATS FILE")
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    corpus = common.load_corpus()
    ours = shlex.split(options.command) if options.command else OURS
    if not pathlib.Path(ours[0]).exists():
        raise common.BenchError(f"{ours[0]} does not exist (configure with BLS_BENCH=ON and build, or use ./dev bench)")
    node = [common.pinned_node(corpus), *NODE_FLAGS, BENCH / "validate.mjs"]
    common.print_machine(common.describe_machine() | {"samples": f"{options.rounds} rounds of {REPEATS}"})
    print(f"\n  {'module':<10} {'MB':>6} {'node s':>9} {'spread':>8} {'ours s':>9} {'spread':>8} {'ours MB/s':>10} {'speed x':>9}")
    results = {}
    for name, module in modules(corpus).items():
        times = ([], [])
        for _ in range(options.rounds):
            times[0].extend(time_validation(node, module))
            times[1].extend(time_validation(ours, module))
        size = module.stat().st_size
        speed = median(times[0]) / median(times[1])
        results[name] = {"bytes": size, "node": times[0], "ours": times[1], "speed": speed}
        print(f"  {name:<10} {size / 1e6:6.1f} {median(times[0]):9.3f} {spread(times[0]) * 100:6.1f} % {median(times[1]):9.3f} "
              f"{spread(times[1]) * 100:6.1f} % {size / 1e6 / median(times[1]):10.0f} {speed:9.2f}", flush=True)
    total = geomean([r["speed"] for r in results.values()])
    print(f"  geometric mean {total:.2f} x the speed of WebAssembly.validate (floor {FLOOR}, goal {GOAL}: "
          f"{run.verdict(-total, -FLOOR, -GOAL)})")
    common.save_json(options.json, results)


if __name__ == "__main__":
    common.start(main)
