#!/usr/bin/env python3
"""Speed of the baseline compiler on one thread, and how large its code is: ours against Liftoff in the pinned Node.

    bench/compile.py [--rounds N] [--json OUT] [--command CMD] [NAME...]

The modules are esbuild's (Go), sql.js's, ffmpeg's (C) and clang's (C++). Each round runs Node and then ours on each module,
every process doing one warm-up and REPEATS timed passes from memory: decoding, validation and code for every function.
Times are CPU seconds; Node runs with --single-threaded, so that it compiles on its main thread, with Liftoff only and
nothing left for later. MB are millions of bytes of the module; size is machine code and tables over the bytes of
function bodies.
"""

import argparse
import json
import pathlib
import shlex

import common
import run
import validate
from common import BENCH, ROOT, geomean, median, spread

OURS = [str(ROOT / "build" / "release" / "bench" / "compile_speed")]
NODE_FLAGS = ["--no-warnings", "--liftoff-only", "--no-wasm-lazy-compilation", "--no-wasm-async-compilation",
              "--no-wasm-native-module-cache", "--no-wasm-dynamic-tiering", "--single-threaded"]
REPEATS = "3"
FLOOR, GOAL = 1.0, 1.5
SIZE_FLOOR, SIZE_GOAL = 6, 4


def modules():
    more = json.loads((BENCH / "modules.json").read_text())
    return validate.modules(common.load_corpus()) | {
        "sql.js": common.fetch_npm(more, "sql.js") / "package" / "dist" / "sql-wasm.wasm",
        "ffmpeg": common.fetch_npm(more, "@ffmpeg/core") / "package" / "dist" / "umd" / "ffmpeg-core.wasm",
    }


def last_line(command):
    return json.loads(common.run_quiet(command).splitlines()[-1])


def measure(node, ours, module, rounds):
    """Seconds of each pass of both sides, and what ours says about its code."""
    theirs, mine, facts = [], [], None
    for _ in range(rounds):
        theirs.extend(last_line([*node, REPEATS, module])["seconds"])
        facts = last_line([*ours, REPEATS, module])
        mine.extend(v + c for v, c in zip(facts["validate"], facts["compile"]))
    return theirs, mine, facts


def main():
    parser = argparse.ArgumentParser(description="Compare compile speed and code size with Node's Liftoff.")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both sides (default 3)")
    parser.add_argument("--command", help="another program to compare with Node, called with REPEATS FILE")
    parser.add_argument("--json", metavar="OUT")
    parser.add_argument("names", nargs="*", metavar="NAME", help="modules, by default all")
    options = parser.parse_args()
    ours = shlex.split(options.command) if options.command else OURS
    if not pathlib.Path(ours[0]).exists():
        raise common.BenchError(f"{ours[0]} does not exist (configure with BLS_BENCH=ON and build, or use ./dev bench)")
    chosen = modules()
    for name in options.names:
        if name not in chosen:
            parser.error(f"no module named {name}; there are {', '.join(chosen)}")
    node = [common.pinned_node(common.load_corpus()), *NODE_FLAGS, BENCH / "compile.mjs"]
    common.print_machine(common.describe_machine() | {"samples": f"{options.rounds} rounds of {REPEATS}"})
    print(f"\n  {'module':<8} {'MB':>6} {'Liftoff s':>9} {'spread':>7} {'ours s':>8} {'spread':>7} {'validate':>9} {'MB/s':>6} "
          f"{'speed x':>8} {'functions':>10} {'left':>5} {'code x':>7} {'size x':>7}")
    results = {}
    for name, module in chosen.items():
        if options.names and name not in options.names:
            continue
        theirs, mine, facts = measure(node, ours, module, options.rounds)
        speed = median(theirs) / median(mine)
        code = facts["machine_code"] / facts["code_section"]
        size = code + facts["tables"] / facts["code_section"]
        results[name] = facts | {"node": theirs, "ours": mine, "speed": speed, "size": size}
        print(f"  {name:<8} {facts['bytes'] / 1e6:6.1f} {median(theirs):9.3f} {spread(theirs) * 100:5.1f} % {median(mine):8.3f} "
              f"{spread(mine) * 100:5.1f} % {median(facts['validate']):9.3f} {facts['bytes'] / 1e6 / median(mine):6.1f} {speed:8.2f} "
              f"{facts['functions']:10} {facts['functions'] - facts['compiled']:5} {code:7.2f} {size:7.2f}", flush=True)
    total = geomean([r["speed"] for r in results.values()])
    largest = max(r["size"] for r in results.values())
    print(f"  geometric mean {total:.2f} x the speed of Liftoff (floor {FLOOR}, goal {GOAL}: {run.verdict(-total, -FLOOR, -GOAL)})")
    print(f"  code and tables at most {largest:.2f} x the bodies (floor {SIZE_FLOOR}, goal {SIZE_GOAL}: "
          f"{run.verdict(largest, SIZE_FLOOR, SIZE_GOAL)})")
    common.save_json(options.json, results)


if __name__ == "__main__":
    common.start(main)
