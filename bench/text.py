#!/usr/bin/env python3
"""Text format speed on one thread: printing modules as wat and parsing that wat.

    bench/text.py [--rounds N] [--json OUT]

The modules are esbuild's (19.9 MB, Go) and clang's (75.5 MB, C++), flat and folded. Each round is a process that
prints and parses once without counting and then three times; CPU seconds of its thread. MB are millions of bytes
of text written or read. What was parsed must be the same module from both forms.
"""

import argparse
import json
import pathlib
import sys

import common
import run
from common import ROOT, median, spread
from validate import modules

PROGRAM = ROOT / "build" / "release" / "bench" / "text_speed"
REPEATS = "3"
# MB/s: floor, goal
PRINT, PARSE = (60, 150), (20, 50)
FORMS = (("print", "text", PRINT), ("print_folded", "folded", PRINT),
         ("parse", "text", PARSE), ("parse_folded", "folded", PARSE))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="processes per module (default 2)")
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    if not PROGRAM.exists():
        raise common.BenchError(f"{PROGRAM} does not exist (configure with BLS_BENCH=ON and build, or use ./dev bench)")
    common.print_machine(common.describe_machine() | {"samples": f"{options.rounds} rounds of {REPEATS}"})
    print(f"\n  {'module':<10} {'what':<13} {'MB':>7} {'s':>8} {'spread':>8} {'MB/s':>7}")
    results, slowest = {}, {}
    for name, module in modules(common.load_corpus()).items():
        lines = [json.loads(common.run_quiet([PROGRAM, REPEATS, module]).splitlines()[-1]) for _ in range(options.rounds)]
        if not all(line["same"] for line in lines):
            raise common.BenchError(f"{name}: flat and folded text gave different modules")
        results[name] = {}
        for what, text, limits in FORMS:
            times = [second for line in lines for second in line[what]]
            size = lines[0][text]
            speed = size / 1e6 / median(times)
            results[name][what] = {"text": size, "seconds": times, "speed": speed}
            key = what.split("_")[0]
            slowest[key] = min(slowest.get(key, (speed, limits)), (speed, limits))
            print(f"  {name:<10} {what:<13} {size / 1e6:7.1f} {median(times):8.3f} {spread(times) * 100:6.1f} % {speed:7.0f}",
                  flush=True)
    for what, (speed, (floor, goal)) in slowest.items():
        print(f"  {what}: {speed:.0f} MB/s at least (floor {floor}, goal {goal}: {run.verdict(-speed, -floor, -goal)})")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except common.BenchError as error:
        sys.exit(f"bench: {error}")
