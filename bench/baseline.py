#!/usr/bin/env python3
"""Our baseline compiler against those of V8 (Liftoff) and JavaScriptCore (BBQ), program by program.

    bench/baseline.py [--size small|large] [--runs K] [--engine CMD] [--json OUT] [NAME...]

The engines run every program in turn, K times. Of each the least CPU time counts (user plus system, all threads), less
what the same process needs for a module that does nothing: what is left is reading, compiling and running. The ratio is
ours over theirs; told in the end are the means and every program above LIMIT times the better of the two. Without the
program `jsc` there is a notice and Liftoff alone.
"""

import argparse
import json
import pathlib
import sys

import build
import common
import run

LIMIT = 1.2
FLOOR_LIFTOFF, GOAL_LIFTOFF = 1.0, 0.85
START_RUNS = 15  # of the empty module, at first; then once for each program

# (module (memory (export "memory") 1) (func (export "_start")))
EMPTY = bytes.fromhex("0061736d01000000" "010401600000" "03020100" "0503010001"
                      "071302066d656d6f72790200065f73746172740000" "0a040102000b")


def least(samples):
    return min(sample.cpu for sample in samples)


def checked(command, expected, timeout, who):
    sample = run.measure(command, timeout)
    if sample.error is not None or sample.output != expected:
        raise common.BenchError(f"{who}: {sample.error or 'wrong checksum ' + sample.output[:40]}")
    return sample


def parse_arguments():
    parser = argparse.ArgumentParser(description="Our baseline compiler against Liftoff and BBQ.")
    parser.add_argument("names", nargs="*", help="programs or groups; default: all")
    parser.add_argument("--size", choices=("small", "large"), default="small", help="native 60 ms (default) or 600 ms")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--engine", default=f"{common.ENGINE} run --tier=baseline", help="command put before FILE -- ARGS")
    parser.add_argument("--json", metavar="OUT", help="write the times there")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one run (default 300)")
    return parser.parse_args()


def measure_program(program, engines, empty, starts, options):
    """Seconds of each engine; `starts` gains samples, so that they are as close in time as the rest."""
    case = program[options.size]
    module = str(build.product(program["name"], "wasm"))
    samples = {name: [] for name in engines}
    names = list(engines)
    for round_number in range(options.runs):
        turn = round_number % len(names)
        for name in names[turn:] + names[:turn]:
            samples[name].append(checked([*engines[name], module, "--", *case["args"]], case["checksum"], options.timeout,
                                         f"{program['name']} under {name}"))
    for name in names:
        starts[name].append(checked([*engines[name], empty], "", options.timeout, name))
    return {name: least(samples[name]) for name in names}


def report(rows, names):
    """The means and the list of the slow; rows are (program, {engine: seconds})."""
    peers = names[1:]
    print()
    for peer in peers:
        print(f"  geometric mean ours / {peer:<8} {common.geomean([t[names[0]] / t[peer] for _, t in rows]):6.3f}")
    liftoff = common.geomean([t[names[0]] / t["Liftoff"] for _, t in rows])
    print(f"  against Liftoff floor {FLOOR_LIFTOFF}, goal {GOAL_LIFTOFF}: {run.verdict(liftoff, FLOOR_LIFTOFF, GOAL_LIFTOFF)}")
    ratios = sorted(((t[names[0]] / min(t[peer] for peer in peers), name) for name, t in rows), reverse=True)
    above = [(ratio, name) for ratio, name in ratios if ratio > LIMIT]
    print(f"  above {LIMIT} x the better of {' and '.join(peers)}: "
          + (", ".join(f"{name} {ratio:.2f}" for ratio, name in above) or "none") + f" (worst {ratios[0][1]} {ratios[0][0]:.2f})")


def main():
    options = parse_arguments()
    corpus = common.load_corpus()
    programs = build.select(corpus, options.names)
    engines = {"ours": run.resolve_engine(corpus, options.engine), "Liftoff": run.resolve_engine(corpus, "liftoff")}
    if common.installed_jsc() is None:
        print(f"bench: {common.JSC_MISSING}: BBQ is left out", flush=True)
    else:
        engines["BBQ"] = run.resolve_engine(corpus, "bbq")
    build.build_all(corpus, programs)
    common.print_machine(common.describe_machine())
    empty = common.BUILD / "empty.wasm"
    empty.write_bytes(EMPTY)
    starts = {name: [checked([*words, str(empty)], "", options.timeout, name) for _ in range(START_RUNS)]
              for name, words in engines.items()}
    names = list(engines)
    print(f"\n{options.size:<18}" + "".join(f"{name + ' ms':>12}" for name in names)
          + "".join(f"{'/ ' + peer:>10}" for peer in names[1:]) + f"{'/ better':>10}")
    rows = []
    for program in programs:
        raw = measure_program(program, engines, str(empty), starts, options)
        times = {name: max(raw[name] - least(starts[name]), 1e-4) for name in names}
        rows.append((program["name"], times))
        print(f"{program['name']:<18}" + "".join(f"{times[name] * 1e3:12.1f}" for name in names)
              + "".join(f"{times['ours'] / times[peer]:10.2f}" for peer in names[1:])
              + f"{times['ours'] / min(times[peer] for peer in names[1:]):10.2f}", flush=True)
    print("  start " + ", ".join(f"{name} {least(starts[name]) * 1e3:.1f} ms" for name in names))
    report(rows, names)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps([{"name": n, "seconds": t} for n, t in rows], indent=1) + "\n")


if __name__ == "__main__":
    common.start(main)
