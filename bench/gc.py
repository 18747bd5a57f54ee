#!/usr/bin/env python3
"""Garbage-collected objects: nanoseconds per operation of our engine and of Node, on the same module, in turn.

    bench/gc.py [--runs N] [--scale X] [--engine CMD] [--json OUT] [NAME...]

The module is tests/gc/gc_work.wat; each of its exports does N operations of one kind and returns a checksum, which must
be equal in both. Ours is timed inside the process (`--stats=json`, time in the guest, with translation on first use), Node
around the call, after one run that compiles it. The collector's work is part of both.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import common
from common import ROOT

MODULE = ROOT / "tests" / "gc" / "gc_work.wat"
# export: operations, objects allocated per operation, what an operation is
WORK = {
    "structs": (4_000_000, 1, "struct.new of 2 references, stored in a ring"),
    "large_structs": (4_000_000, 1, "struct.new of 5 fields"),
    "arrays": (4_000_000, 1, "array.new_default of 24 bytes"),
    "lists": (200_000, 2, "list of shapes, all live; then a virtual call each"),
    "trees": (4_000_000, 1, "nodes of binary trees, made and walked"),
    "casts": (4_000_000, 0, "br_on_cast chain over 5 kinds"),
    "exceptions": (500_000, 3, "throw with an object, caught in the caller"),
    "run": (10_000, 333, "all of it, mixed"),
}


def ours(engine, name, count):
    command = [*engine, "--stats=json", "--invoke", name, str(MODULE), "--", str(count)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise common.BenchError(f"{name}: {done.stderr.strip()[:300]}")
    return done.stdout.strip(), json.loads(done.stderr)["time_us"]["run"] * 1e3


def main():
    parser = argparse.ArgumentParser(description="Measure allocation, casts and exceptions against Node.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1, help="factor for all numbers of operations")
    parser.add_argument("--engine", default=str(ROOT / "build" / "release" / "bin" / "bls") + " run")
    parser.add_argument("--json", metavar="OUT")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(WORK))
    options = parser.parse_args()
    names = options.names or list(WORK)
    for name in names:
        if name not in WORK:
            parser.error(f"no work named {name}; there are {', '.join(WORK)}")
    engine = options.engine.split()
    node = common.pinned_node(common.load_corpus())
    common.print_machine(common.describe_machine() | {"engine": " ".join(engine)})
    print(f"\n  {'operation':<14} {'ours ns':>9} {'node ns':>9} {'ratio':>7} {'ours M objects/s':>17} {'node':>8}")
    results = {}
    with tempfile.TemporaryDirectory(prefix="bls-gc-") as scratch:
        wasm = pathlib.Path(scratch) / "gc_work.wasm"
        subprocess.run([engine[0], "wasm", str(MODULE), "--output", str(wasm)], check=True)
        for name in names:
            count = max(1, int(WORK[name][0] * options.scale))
            times = []
            for _ in range(options.runs):
                result, ns = ours(engine, name, count)
                times.append(ns)
            done = subprocess.run([str(node), str(ROOT / "bench" / "gc.mjs"), str(wasm), str(options.runs),
                                   f"{name}:{count}"], capture_output=True, text=True)
            if done.returncode != 0:
                raise common.BenchError(f"node: {name}: {done.stderr.strip()[-300:]}")
            theirs = json.loads(done.stdout)
            if theirs["result"] != result:
                raise common.BenchError(f"{name}: result {result}, Node's {theirs['result']}")
            mine, other = common.median(times) / count, common.median(theirs["ns"]) / count
            objects = WORK[name][1]
            rate = f"{objects / mine * 1e3:17.1f} {objects / other * 1e3:8.1f}" if objects else ""
            print(f"  {name:<14} {mine:9.1f} {other:9.1f} {mine / other:7.2f} {rate}  {WORK[name][2]}", flush=True)
            results[name] = {"operations": count, "ours_ns": mine, "node_ns": other}
    ratio = common.geomean([row["ours_ns"] / row["node_ns"] for row in results.values()])
    print(f"\n  geometric mean of the ratios: {ratio:.2f}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except common.BenchError as error:
        sys.exit(f"bench: {error}")
