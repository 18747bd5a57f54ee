#!/usr/bin/env python3
"""Process-start figures: hello.wasm and an empty guest from start to exit, the floor of any process, the 75 MB clang module.

    bench/launch.py [--runs N] [--engine CMD] [--json OUT]

The C launcher (launch.c) does the timing. `floor` is an empty static C program: what creating and reaping a process
costs on this machine. The clang figure is the time to the first byte of `clang --version`, an upper bound of the time
to the module's `_start`, with the file in the page cache; it is not needed that the module finishes quickly.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

import common
import baseline
import run
from common import ROOT

HELLO = ROOT / "examples" / "hello.wasm"
FLOOR_HELLO, GOAL_HELLO = 1.2e-3, 0.9e-3       # seconds, wall
FLOOR_EMPTY, GOAL_EMPTY = 2e-3, 1.2e-3         # bls-runtime with all hardening on
FLOOR_RSS, GOAL_RSS = 6 * 1024, 3.5 * 1024     # KiB
FLOOR_CLANG, GOAL_CLANG = 0.7, 0.4             # seconds to the first byte


def measure(launcher, command, *options, cwd=None):
    done = subprocess.run([str(launcher), *options, "--", *map(str, command)], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        raise common.BenchError(f"{pathlib.Path(str(command[0])).name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return json.loads(done.stdout)


def print_row(name, result, remark=""):
    wall, rss = result["wall"], result["rssKiB"]
    print(f"  {name:<22} {wall['min'] * 1e3:9.3f} {wall['median'] * 1e3:9.3f} {wall['p90'] * 1e3:9.3f} "
          f"{result['cpu']['median'] * 1e3:9.3f} {rss['median'] / 1024:8.2f}  {remark}", flush=True)


def measure_empty(corpus, launcher, options, results):
    """bls-runtime on an empty _start, beside those who are installed: what is left is the process, with everything it gives up
    before a guest."""
    with tempfile.TemporaryDirectory() as folder:
        module = pathlib.Path(folder) / "empty.wasm"
        module.write_bytes(baseline.EMPTY)
        bls = run.ENGINE.parent / "bls-runtime"
        rows = {"empty, bls-runtime": [bls, module], "empty, --no-sandbox": [bls, "--no-sandbox", module],
                "empty, --run-time": [bls, "--run-time", "60000", module],
                "empty, node": [common.pinned_node(corpus), ROOT / "bench" / "node_run.mjs", module]}
        wasmtime = shutil.which("wasmtime")
        if wasmtime:
            rows["empty, wasmtime"] = [wasmtime, "run", module]
        for name, command in rows.items():
            runs = options.runs if "bls" in str(command[0]) else max(options.runs // 10, 5)
            try:
                results[name] = measure(launcher, command, "-n", str(runs), cwd=folder)
            except common.BenchError as error:
                print(f"  {name:<22} left out: {error}")
                continue
            remark = run.verdict(results[name]["wall"]["median"], FLOOR_EMPTY, GOAL_EMPTY) if name == "empty, bls-runtime" else ""
            print_row(name, results[name], remark)
        if not wasmtime:
            print(f"  {'empty, wasmtime':<22} left out: no program `wasmtime`")


def main():
    parser = argparse.ArgumentParser(description="Measure process start to exit.")
    parser.add_argument("--runs", type=int, default=200, help="runs of the short programs (default 200)")
    parser.add_argument("--clang-runs", type=int, default=5, help="runs of the clang module (default 5)")
    parser.add_argument("--engine", help="command put before FILE -- ARGS; `node` is the pinned Node")
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    corpus = common.load_corpus()
    engine = run.resolve_engine(corpus, options.engine)
    launcher = common.build_tool("launch")
    empty = common.build_tool("empty", "int main(void) { return 0; }\n")
    clang = common.fetch_npm(corpus, "@yowasp/clang") / "package" / "gen" / "llvm.core.wasm"
    common.print_machine(common.describe_machine() | {"engine": " ".join(engine)})
    print(f"\n  {'process':<22} {'min ms':>9} {'median':>9} {'p90':>9} {'CPU ms':>9} {'RSS MiB':>8}")
    results = {"floor": measure(launcher, [empty], "-n", str(options.runs))}
    print_row("floor (empty program)", results["floor"])
    results["hello"] = measure(launcher, [*engine, HELLO], "-n", str(options.runs))
    hello = results["hello"]
    print_row("hello.wasm", hello, f"{run.verdict(hello['wall']['median'], FLOOR_HELLO, GOAL_HELLO)}; "
                                   f"RSS {run.verdict(hello['rssKiB']['median'], FLOOR_RSS, GOAL_RSS)}")
    measure_empty(corpus, launcher, options, results)
    results["clang"] = measure(launcher, [*engine, clang, "--", "clang", "--version"], "-f", "-w", "1", "-n",
                               str(options.clang_runs))
    print_row("clang --version", results["clang"])
    first = results["clang"]["firstByte"]
    print(f"  clang module, first byte of output: min {first['min']:.3f} s, median {first['median']:.3f} s "
          f"(floor {FLOOR_CLANG}, goal {GOAL_CLANG}: {run.verdict(first['median'], FLOOR_CLANG, GOAL_CLANG)})")
    common.save_json(options.json, results)


if __name__ == "__main__":
    common.start(main)
